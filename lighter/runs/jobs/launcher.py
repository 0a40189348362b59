"""What starts the processes of jobs: on this machine, in a cluster's queue, or where else one likes."""

from typing import Any, Protocol

from lighter.runs.jobs.job import Job


class Launcher(Protocol):
    """Three methods are all that a launcher needs: any class that has them is one.

    A launcher may have `room(asked)`, which says how many jobs it does at once where so many are asked for (None: as
    many as it likes), and is called first; `close()`, called when all have ended; and `check(config)`, which gives
    a Problem for each thing that a config asks for and a job is not given.
    """

    def submit(self, job: Job) -> Any:
        """Has `python -m lighter.runs.jobs FOLDER` run for a job that is written down; gives what the others take."""

    def poll(self, handle: Any) -> Any:
        """None until the job's process has ended, or will never begin; then anything else.

        What has come of the job is read in its folder. A text says what the folder does not, an Outcome overrules it.
        """

    def cancel(self, handle: Any) -> None:
        """Asks the job's process to stop (SIGTERM, SIGINT), or takes it from the queue; asked again, ends it."""
