"""A run's hold on the console: what is printed goes to the log as well."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lighter.errors import visible
from lighter.runs.console.log_file import LogFile
from lighter.runs.console.streams import Outlet, Tee
from lighter.training.ranks import is_first

_ACTIVE: list["Recording"] = []  # as sys.stdout is one for the whole process; the last is the innermost


class Recording:
    """The log, and the two streams of the console with what replaces them meanwhile; None where there is none."""

    def __init__(self, path: Path, secrets: Iterable[str] = ()) -> None:
        self.log = LogFile(path, secrets)
        self.out, self.err = (Outlet(s) if s is not None else None for s in (sys.stdout, sys.stderr))
        self.tees = {name: Tee(o, self.log) for name, o in (("stdout", self.out), ("stderr", self.err)) if o}

    def start(self) -> None:
        """Puts the tees in place."""
        for name, tee in self.tees.items():
            setattr(sys, name, tee)
        _ACTIVE.append(self)

    def stop(self) -> None:
        """Puts back what was there before, unless somebody has put something else in its place."""
        _ACTIVE.remove(self)
        for name, tee in self.tees.items():
            if getattr(sys, name) is tee:
                setattr(sys, name, tee.outlet.stream)
            tee.outlet.finish()
            tee.close_log()
        self.log.close()


@contextmanager
def printed_to(path: Path, secrets: Iterable[str] = ()) -> Iterator[Recording]:
    """Writes what is printed meanwhile to a file as well, with stars for these secrets."""
    recording = Recording(path, secrets)
    recording.start()
    try:
        yield recording
    finally:
        recording.stop()


@contextmanager
def added_to(path: Path) -> Iterator[None]:
    """The same for what is said of a run when it is over; without effect while one lasts, and where none was."""
    if current() is not None or not path.parent.is_dir():
        yield
        return
    with printed_to(path):
        yield


def attach(path: Path, secrets: Iterable[str] = ()) -> None:
    """The same from now on, in a process that a run has spawned and that has no recording yet."""
    if current() is None:
        Recording(path, secrets).start()


def current() -> Recording | None:
    """The recording of the run that lasts."""
    return _ACTIVE[-1] if _ACTIVE else None


def say(line: str, *, is_shown: bool = True) -> None:
    """Says a line of Lighter's own on the console, and with the time in the log; only on rank zero."""
    if not is_first():
        return
    recording = current()
    line = visible(line)
    outlet: Any = recording.out if recording is not None else sys.stdout
    if is_shown and outlet is not None:
        outlet.write(f"{line}\n")
        outlet.flush()
    if recording is not None:
        recording.log.add_told(line)
