"""`python -m lighter.runs.jobs FOLDER`: the process that does a job."""

import sys
from pathlib import Path

from lighter.runs.jobs.running import run_job

if __name__ == "__main__":
    sys.exit(run_job(Path(sys.argv[1])))
