"""`python -m lighter.runs.jobs FOLDER`: the process that does a job."""

import os
import sys
from pathlib import Path

from lighter.runs.jobs.running import WITH_PARENT, run_job

if __name__ == "__main__":
    sys.exit(run_job(Path(sys.argv[1]), parent=os.getppid() if WITH_PARENT in sys.argv[2:] else None))
