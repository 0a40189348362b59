"""The end of a run's log, and the traceback that it ends with."""

import os
import re
from pathlib import Path
from typing import NamedTuple

from lighter.errors import visible
from lighter.runs.console.log_file import TRACEBACK
from lighter.runs.plain_files import open_plain

BYTES, LINES = 128 * 1024, 200
_RECORD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ ")
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class LogEnd(NamedTuple):
    """The last lines of a log, those of the traceback that ends it apart."""

    lines: tuple[str, ...] = ()
    traceback: tuple[str, ...] = ()
    is_whole: bool = True

    @property
    def error(self) -> str:
        """The line of the last exception in it, behind which its notes may be; empty without one."""
        lines = [*self.lines, *self.traceback]
        start = next((at for at in reversed(range(len(lines))) if TRACEBACK in lines[at]), len(lines))
        return next((line for line in lines[start + 1 :] if line.strip() and not line.startswith(" ")), "")


def read_log_end(path: Path) -> LogEnd:
    """The end of a log file; nothing where there is none."""
    try:
        with open_plain(path) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - BYTES))
            text = file.read().decode("utf-8", errors="replace").removesuffix("\n")
    except OSError:
        return LogEnd()
    if not text:
        return LogEnd()
    lines = [_plain(line.rstrip("\r")) for line in text.split("\n")][1 if size > BYTES else 0 :]
    start = _traceback_start(lines)
    shown = lines[max(0, start - LINES) : start]
    is_whole = size <= BYTES and len(shown) == start
    return LogEnd(tuple(shown), tuple(lines[start:]), is_whole)


def _traceback_start(lines: list[str]) -> int:
    """Where the last record starts, if it reports a failure; a failure with a cause has several tracebacks."""
    last = next((at for at in reversed(range(len(lines))) if _RECORD.match(lines[at])), 0)
    return last if any(TRACEBACK in line for line in lines[last:]) else len(lines)


def _plain(line: str) -> str:
    """Without the colours of a terminal, and of a line that was written over the last state alone."""
    return visible(_COLOURS.sub("", line.rpartition("\r")[2]))
