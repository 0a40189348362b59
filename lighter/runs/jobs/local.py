"""Jobs on this machine."""

import os
import signal
import subprocess
import sys

from lighter.runs.folder import JOB
from lighter.runs.jobs.job import OUTPUT, Job


class Local:
    """Does jobs in processes on this machine."""

    def submit(self, job: Job) -> "subprocess.Popen[bytes]":
        """Starts the process of a job, which prints into its folder."""
        words = [sys.executable, "-m", "lighter.runs.jobs", str(job.folder)]
        with (job.folder / JOB / OUTPUT).open("ab") as output:
            return subprocess.Popen(  # noqa: S603  # this program
                words, stdout=output, stderr=output, start_new_session=True, env={**os.environ, **job.environment}
            )

    def poll(self, handle: "subprocess.Popen[bytes]") -> int | None:
        """The status of a job's process that has ended."""
        return handle.poll()

    def cancel(self, handle: "subprocess.Popen[bytes]") -> None:
        """Asks as Ctrl-C does."""
        handle.send_signal(signal.SIGINT)
