"""Warnings, gathered while a run lasts and shown once when it ends."""

import io
import json
import logging
import os
import sys
import sysconfig
import tempfile
import textwrap
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from lighter.errors import visible
from lighter.runs.console.recording import Recording
from lighter.training.ranks import is_first

DIFFERENT, SHOWN = 1000, 20  # warnings that are told apart, and that are shown
LENGTH, BEGINNING = 400, 150  # characters of one that are shown, and how many of these are its first

Key: TypeAlias = tuple[str, str, str, int]  # category, text, file, line


@contextmanager
def gathered_warnings(recording: Recording) -> Iterator[None]:
    """Writes each warning to the log when it comes, and shows them together at the end, whatever ends it.

    One that is an error by Python's filters is raised as ever. Who records warnings, or shows them in his own way, gets
    them as they come.
    """
    with tempfile.TemporaryFile(buffering=0) as spool:
        gathered = _Gathered(recording, warnings.showwarning, spool)
        warnings.showwarning = gathered.take
        try:
            yield
        finally:
            if warnings.showwarning == gathered.take:  # else somebody has put another in its place
                warnings.showwarning = gathered.shown
            gathered.report()


class _Gathered:
    """The warnings of a run; those of forked workers come through a file."""

    def __init__(self, recording: Recording, shown: Callable[..., None], spool: Any) -> None:
        self.shown = shown
        self._recording, self._spool = recording, spool
        self._is_pythons = getattr(shown, "__module__", "") in ("warnings", "_py_warnings")
        self._counts: Counter[Key] = Counter()
        self._has_more = self._is_over = False
        self._process = os.getpid()

    def take(
        self, message: Warning | str, category: type[Warning], filename: str, lineno: int, *rest: Any, **named: Any
    ) -> None:
        """As `warnings.showwarning`."""
        # Into a file that somebody has given; or after the run, where somebody has kept this function.
        if self._is_over or any(rest) or any(named.values()):
            self.shown(message, category, filename, lineno, *rest, **named)
            return
        key = (category.__name__, str(message), filename, lineno)
        if not self._is_pythons:
            self._log(key)
            self.shown(message, category, filename, lineno)
        elif os.getpid() != self._process:
            self._hand_over(key)
        else:
            told = io.StringIO()
            self.shown(message, category, filename, lineno, told)
            # Nothing is told where a `catch_warnings(record=True)` keeps it.
            self._count(key) if told.getvalue() else self._log(key)

    def report(self) -> None:
        """Shows what was gathered."""
        self._is_over = True
        self._spool.seek(0)
        for line in self._spool.read().splitlines():
            self._count(tuple(json.loads(line)), is_logged=True)
        if not self._counts or not is_first():
            return
        told, outlet = visible("\n".join(self._lines())), self._recording.err
        self._recording.log.add(told)
        if outlet is not None:
            outlet.write(f"{told}\n")
            outlet.flush()

    def _lines(self) -> Iterator[str]:
        """The block that is shown."""
        count = len(self._counts)
        told = f"more than {count} warnings" if self._has_more else f"{count} warning{'s' if count > 1 else ''}"
        yield f"{told}, in full in {self._recording.log.path.name}:"
        for key, times in list(self._counts.items())[:SHOWN]:
            told = _in_short(f"{key[0]}: {key[1]}")
            yield f"  {told} ({_place(key)}{f', {times} times' if times > 1 else ''})"
        if count > SHOWN:
            yield f"  and {count - SHOWN} more"

    def _count(self, key: Key, *, is_logged: bool = False) -> None:
        if key not in self._counts:
            if len(self._counts) >= DIFFERENT:
                self._has_more = True
                return
            if not is_logged:
                self._log(key)
        self._counts[key] += 1

    def _log(self, key: Key) -> None:
        told = f"{key[0]}: {key[1]} ({key[2]}:{key[3]})"
        self._recording.log.add_told(told, logging.WARNING, "py.warnings")

    def _hand_over(self, key: Key) -> None:
        """Gives a warning of a forked worker to the process that it was forked from, once."""
        if key in self._counts:
            return
        self._counts[key] += 1
        line = f"{json.dumps(key)}\n".encode()
        size = os.fstat(self._spool.fileno()).st_size
        if line not in os.pread(self._spool.fileno(), size, 0):  # nor one that another worker has logged
            self._log(key)
        self._spool.write(line)


def _in_short(text: str) -> str:
    """A text in one line. Of a long one the end stays too: that of a traceback, as PyTorch has for NaN, says where."""
    line = " ".join(text.split())
    if len(line) <= LENGTH:
        return line
    return f"{textwrap.shorten(line, BEGINNING, placeholder=' ...')} {line[BEGINNING - LENGTH :].split(' ', 1)[-1]}"


def _place(key: Key) -> str:
    """The file, as short as it can be told, and the line."""
    path = Path(key[2])
    installed = (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
    for folder in (Path.cwd(), *(Path(entry) for entry in (*installed, *sys.path[1:]))):
        if path.is_relative_to(folder):
            return f"{path.relative_to(folder)}:{key[3]}"
    return f"{path}:{key[3]}"
