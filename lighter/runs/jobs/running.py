"""The process that does a job: it starts a process for each stage, and is asked to stop in their place.

Each stage has a process of its own: it gives back what it took, memory, the GPU, modules, seeds; where Lightning starts
its command again, once for each device, that is the command of the stage; and one that is killed leaves somebody to
write that down.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from lighter.runs.folder import JOB, RunDirectory
from lighter.runs.jobs.job import Job, left, record_begin, record_end
from lighter.runs.locking import locked
from lighter.training.stages import Stage

_ASKS = (signal.SIGTERM, signal.SIGINT)
_PAUSE = 0.05


class Process(Protocol):
    """A process, as `subprocess.Popen` is one."""

    def poll(self) -> int | None:
        """Its status, once it has ended."""

    def send_signal(self, number: int, /) -> None:
        """Sends it a signal."""


Start = Callable[[Sequence[str], Mapping[str, str]], Process]


def started(words: Sequence[str], environment: Mapping[str, str]) -> Process:
    """A new Python that runs `lighter WORDS`."""
    # `python -m` would look for modules in the current folder; only where this process does, too.
    looks_here = {"", str(Path.cwd())} & set(sys.path)
    command = [sys.executable, *([] if looks_here else ["-P"]), "-m", "lighter", *words]
    return subprocess.Popen(command, env={**os.environ, **environment})  # noqa: S603  # this program


def run_job(folder: Path, start: Start = started) -> int:
    """Does what is left of the job in a folder; its status is that of the first stage that did not succeed, or 0."""
    folder = folder.absolute()
    job = Job.read(folder)
    os.chdir(job.work)
    with locked(folder / JOB, alone=True):
        record_begin(folder)
        for stage in left(job):
            status = _status(start(command(job, stage), job.environment))
            if status != 0:
                record_end(folder, stage, status)
                return status
    return 0


def command(job: Job, stage: str) -> list[str]:
    """What a person would type behind `lighter` to begin a stage, or to resume it."""
    allow = [f"--allow={job.allow}"] if job.allow is not None else []
    if stage == Stage.FIT and RunDirectory(job.folder).holds_run:
        return [stage, f"--resume={job.folder}", *allow]
    return [stage, str(job.config), f"--run_dir={job.folder}", *allow]


def _status(process: Process) -> int:
    """The status of a process when it has ended; what asks this one to stop is sent on to it."""
    with _sent_on(process):
        while (status := process.poll()) is None:
            time.sleep(_PAUSE)
    return status


@contextmanager
def _sent_on(process: Process) -> Iterator[None]:
    before = {one: signal.signal(one, lambda number, _: process.send_signal(number)) for one in _ASKS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
