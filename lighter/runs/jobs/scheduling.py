"""Jobs one after the other or several at once: begun when there is room, begun again when they are lost."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from lighter.errors import Terminated
from lighter.runs.jobs.job import Job, Outcome, Progress, outcome
from lighter.runs.jobs.launcher import Launcher

RETRIES = 3  # of a job that something outside has ended
_PAUSE = 0.05


@dataclass(slots=True)
class _Submitted:
    job: Job
    handle: Any
    retries: int = 0


def run_jobs(
    jobs: Iterator[Job | None],
    launcher: Launcher,
    at_once: int = 1,
    on_end: Callable[[Job, Outcome], None] = lambda _job, _outcome: None,
    on_begin: Callable[[Job], None] = lambda _job: None,
) -> None:
    """Does all jobs, `at_once` at a time, and tells of each how it has ended.

    `jobs` is asked for the next one when there is room; its None says that there is none before one has ended. Ctrl-C
    and SIGTERM ask all that run to stop, and are raised when they have: KeyboardInterrupt, Terminated.
    """
    running: list[_Submitted] = []
    try:
        with _terminable():
            more = True
            while more or running:
                while more and len(running) < at_once:
                    job = next(jobs, _NO_MORE)
                    more = job is not _NO_MORE
                    if not isinstance(job, Job):
                        break
                    on_begin(job)
                    job.write()
                    running.append(_Submitted(job, launcher.submit(job)))
                if not _poll(running, launcher, on_end):
                    time.sleep(_PAUSE)
    except (KeyboardInterrupt, Terminated):
        _stop(running, launcher, on_end)
        raise
    finally:
        close = getattr(launcher, "close", None)
        if close is not None:
            close()


_NO_MORE: Any = object()


def _poll(running: list[_Submitted], launcher: Launcher, on_end: Callable[[Job, Outcome], None]) -> bool:
    """Takes those out that have ended; says whether there were any."""
    over = [one for one in running if launcher.poll(one.handle) is not None]
    for one in over:
        found = outcome(one.job.folder)
        is_lost = found.is_lost or found.state in (Progress.WAITING, Progress.RUNNING)
        if is_lost and one.retries < RETRIES:
            one.handle, one.retries = launcher.submit(one.job), one.retries + 1
            continue
        running.remove(one)
        on_end(one.job, found)
    return bool(over)


def _stop(running: list[_Submitted], launcher: Launcher, on_end: Callable[[Job, Outcome], None]) -> None:
    """Asks all to stop and waits until they have; who is asked once more asks them once more."""
    asked = 0
    while running:
        try:
            if not asked:
                for one in running:
                    launcher.cancel(one.handle)
                asked = 1
            for one in [one for one in running if launcher.poll(one.handle) is not None]:
                running.remove(one)
                on_end(one.job, outcome(one.job.folder))
            time.sleep(_PAUSE)
        except (KeyboardInterrupt, Terminated):
            asked = 0


@contextmanager
def _terminable() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated
