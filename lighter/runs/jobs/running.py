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
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Protocol

from lighter.errors import RunError
from lighter.runs.folder import JOB, RunDirectory
from lighter.runs.jobs.job import Job, left, record_begin, record_end
from lighter.runs.locking import locked
from lighter.training.stages import Stage

WITH_PARENT = "--with-parent"  # for `python -m lighter.runs.jobs`: it ends with the process that has started it
PATIENCE = 60.0  # seconds until a process that did the job before is gone
ASKS = (signal.SIGTERM, signal.SIGINT)
_PAUSE = 0.05


class Process(Protocol):
    """A process, as `subprocess.Popen` is one."""

    def poll(self) -> int | None:
        """Its status, once it has ended."""

    def send_signal(self, number: int, /) -> None:
        """Sends it a signal."""


Start = Callable[[Sequence[str], Mapping[str, str]], Process]


def python() -> list[str]:
    """The command that starts a Python like this one."""
    # `python -m` would look for modules in the current folder; only where this process does, too.
    return [sys.executable, *([] if {"", str(Path.cwd())} & set(sys.path) else ["-P"])]


def started(words: Sequence[str], environment: Mapping[str, str]) -> Process:
    """A new Python that runs `lighter WORDS`."""
    command = [*python(), "-m", "lighter", *words]
    return subprocess.Popen(command, env={**os.environ, **environment})  # noqa: S603  # this program


def run_job(folder: Path, start: Start = started, parent: int | None = None) -> int:
    """Does what is left of the job in a folder; its status is that of the first stage that did not succeed, or 0.

    When its `parent` is gone, this process and all of its group end as well.
    """
    job = Job.read(folder.absolute())
    os.chdir(job.work)
    with _claimed(job.folder), _asked() as asks:
        record_begin(job.folder)
        for stage in left(job):
            if job.title:
                print(f"{job.title}: {stage}", flush=True)  # noqa: T201  # above what the stage prints
            process = start(command(job, stage), job.environment)
            status = _status(process, asks, parent) or (128 + asks.received[0] if asks.received else 0)
            if status != 0:
                record_end(job.folder, stage, status)
                return status
    return 0


def command(job: Job, stage: str) -> list[str]:
    """What a person would type behind `lighter` to begin a stage, or to resume it."""
    allow = [f"--allow={job.allow}"] if job.allow is not None else []
    if stage == Stage.FIT and RunDirectory(job.folder).holds_run:
        return [stage, f"--resume={job.folder}", *allow]
    return [stage, str(job.config), f"--run_dir={job.folder}", *allow]


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """Nobody else does the job meanwhile; one that was killed may still be ending."""
    until = time.monotonic() + PATIENCE
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(locked(folder / JOB, alone=True))
                break
            except BlockingIOError as error:
                if time.monotonic() > until:
                    raise RunError(f"another process does the job in '{folder}'") from error
            time.sleep(_PAUSE)
        yield


class _Asks:
    """Signals that ask this process to stop, each of which is sent on to the process of the stage."""

    def __init__(self) -> None:
        self.received: list[int] = []

    def receive(self, number: int, _frame: FrameType | None) -> None:
        self.received.append(number)


@contextmanager
def _asked() -> Iterator[_Asks]:
    asks = _Asks()
    before = {one: signal.signal(one, asks.receive) for one in ASKS}
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKS)
        yield asks
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _status(process: Process, asks: _Asks, parent: int | None) -> int:
    """The status of a process when it has ended; what asks this one to stop is sent on to it."""
    sent = 0
    while (status := process.poll()) is None:
        for number in asks.received[sent:]:
            process.send_signal(number)
            sent += 1
        if parent is not None and os.getppid() != parent:
            os.killpg(0, signal.SIGKILL)
        time.sleep(_PAUSE)
    return status
