"""The lock of a run folder: the system frees it when the process that holds it ends, however it ends."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from lighter.errors import RunError
from lighter.runs.folder import LOCK

if sys.platform != "win32":
    import fcntl

# Not filelock's: the lock that it lets several evaluations share, where a fit has one alone, is kept in SQLite, which
# forked workers and network file systems do not bear.
_TRIES, _PAUSE = 10, 0.02  # whoever asks whether a lock is held holds it for a moment

_HELD: dict[str, int | None] = {}  # folders that this process has locked; None where the file system has no locks


@contextmanager
def locked(folder: Path, *, alone: bool) -> Iterator[bool]:
    """Keeps a folder locked, `alone` or beside others that are not alone; says whether there are locks here.

    Raises BlockingIOError where another process has it, OSError where the lock's file cannot be made.
    """
    name = os.path.realpath(folder)
    file = _opened(folder / LOCK, alone)
    _HELD[name] = file
    if file is not None:
        _let_go_after_fork()
    try:
        yield file is not None
    finally:
        file = _HELD.pop(name, None)  # nothing any more in a process that was forked meanwhile
        if file is not None:
            _give_back(file)


@contextmanager
def claimed(folder: Path, what: str) -> Iterator[None]:
    """Keeps the folder of many runs for this process. Raises RunError where another one has it."""
    try:
        with locked(folder, alone=True):
            yield
    except BlockingIOError as error:
        raise RunError(f"another process runs the {what} in '{folder}'; wait for its end, or stop it") from error


def is_held_here(folder: Path) -> bool:
    """Whether this process itself is in the midst of `locked`."""
    return os.path.realpath(folder) in _HELD


def is_held(folder: Path) -> bool | None:
    """Whether a process has the folder locked; None where that cannot be known."""
    for way in (os.O_RDWR, os.O_RDONLY):  # a network file system locks only what may be written
        try:
            file = os.open(folder / LOCK, way)
        except OSError:
            continue
        try:
            return not _take(file, alone=True)
        except OSError:
            return None
        finally:
            os.close(file)
    return None


def _opened(path: Path, alone: bool) -> int | None:
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        for _ in range(_TRIES):
            if _take(file, alone):
                return file
            time.sleep(_PAUSE)
    except BlockingIOError:
        raise
    except OSError:  # the file system knows no locks
        os.close(file)
        return None
    except BaseException:
        os.close(file)
        raise
    os.close(file)
    raise BlockingIOError(f"'{path}' is locked by another process")


def _take(file: int, alone: bool) -> bool:
    """Whether the lock could be had. Raises OSError where there are none."""
    if sys.platform == "win32":
        raise OSError("this system has no such locks")
    try:
        fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _give_back(file: int) -> None:
    if sys.platform != "win32":
        fcntl.flock(file, fcntl.LOCK_UN)  # closing is not enough while a child is being made, which has the file too
    os.close(file)


@cache
def _let_go_after_fork() -> None:
    # A worker of a DataLoader has the files of its parent, and would hold the lock when the parent was killed.
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_let_go)


def _let_go() -> None:
    for file in _HELD.values():
        if file is not None:
            with suppress(OSError):
                os.close(file)
    _HELD.clear()
