"""Jobs one after the other or several at once: begun when there is room, begun again when they are lost."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

from lighter.errors import Terminated
from lighter.runs.folder import LAST, RunDirectory
from lighter.runs.jobs.job import Job, Outcome, Progress, left, outcome
from lighter.runs.jobs.launcher import Launcher

RETRIES = 3  # of a job that something outside has ended, and that has come no further meanwhile
_PAUSE = 0.05
_NO_MORE: Any = object()


@dataclass(slots=True)
class _Submitted:
    job: Job
    handle: Any
    point: object  # what it has reached
    retries: int = 0


def run_jobs(
    jobs: Iterator[Job | None],
    launcher: Launcher,
    at_once: int | None = None,
    on_end: Callable[[Job, Outcome], None] = lambda _job, _outcome: None,
    on_begin: Callable[[Job], None] = lambda _job: None,
    *,
    meanwhile: Callable[[], None] = lambda: None,
) -> None:
    """Does all jobs, `at_once` at a time or as many as the launcher has room for, and tells how each has ended.

    `jobs` is asked for the next one when there is room; its None says that there is none before one has ended.
    `meanwhile` is called again and again as long as any run. Ctrl-C and SIGTERM ask all that run to stop, and are
    raised when they have: KeyboardInterrupt, Terminated.
    """
    room = launcher.room(at_once) if hasattr(launcher, "room") else at_once or 1
    running: list[_Submitted] = []
    more = True
    with _asked() as asks, _closing(launcher):
        try:
            while (more or running) and not asks:
                while more and len(running) < room and not asks:
                    job = next(jobs, _NO_MORE)
                    more = job is not _NO_MORE
                    if not isinstance(job, Job):
                        break
                    on_begin(job)
                    job.write()
                    running.append(_Submitted(job, launcher.submit(job), _reached(job)))
                meanwhile()
                _pause_unless(_take_ended(running, launcher, on_end, may_retry=not asks))
        finally:
            _stop(running, launcher, on_end, asks)
    if asks:
        raise KeyboardInterrupt if asks[0] == signal.SIGINT else Terminated


def _take_ended(
    running: list[_Submitted], launcher: Launcher, on_end: Callable[[Job, Outcome], None], *, may_retry: bool
) -> bool:
    """Takes those out that have ended, and submits lost ones again; says whether there were any."""
    answers = [(one, answer) for one in running if (answer := launcher.poll(one.handle)) is not None]
    for one, answer in answers:
        found = answer if isinstance(answer, Outcome) else outcome(one.job.folder)
        if isinstance(answer, str) and found.state is not Progress.COMPLETE:
            found = replace(found, reason=found.reason or answer)
        is_lost = found.is_lost or found.state in (Progress.WAITING, Progress.RUNNING)
        point = _reached(one.job)
        one.point, one.retries = point, one.retries + 1 if point == one.point else 0
        if is_lost and may_retry and one.retries <= RETRIES:
            one.handle = launcher.submit(one.job)
            continue
        running.remove(one)
        on_end(one.job, found)
    return bool(answers)


def _stop(
    running: list[_Submitted], launcher: Launcher, on_end: Callable[[Job, Outcome], None], asks: list[int]
) -> None:
    """Asks all to stop and waits until they have; who is asked once more asks them once more."""
    told = 0
    while running:
        if told < max(1, len(asks)):
            told += 1
            for one in running:
                launcher.cancel(one.handle)
        _pause_unless(_take_ended(running, launcher, on_end, may_retry=False))


def _reached(job: Job) -> object:
    """What a job has to show for itself: stages that are done, a checkpoint."""
    last = RunDirectory(job.folder).checkpoint(LAST)
    written: Path | float | None = last
    with suppress(OSError):
        written = last.stat().st_mtime if last is not None else None
    return written, len(left(job))


def _pause_unless(has_happened: bool) -> None:
    if not has_happened:
        time.sleep(_PAUSE)


@contextmanager
def _closing(launcher: Launcher) -> Iterator[None]:
    try:
        yield
    finally:
        if hasattr(launcher, "close"):
            launcher.close()


@contextmanager
def _asked() -> Iterator[list[int]]:
    """The signals that ask this process to stop, noted between two steps and not obeyed in the middle of one."""
    asks: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        asks.append(number)
        if len(asks) > 2:
            raise KeyboardInterrupt  # whatever it waits for

    if threading.current_thread() is not threading.main_thread():
        yield asks
        return
    before = {one: signal.signal(one, note) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asks
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
