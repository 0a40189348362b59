"""Printed text, which comes in pieces, as whole lines: to the console, and to the log as well."""

import os
import re
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Protocol, TextIO

from lighter.runs.console.log_file import LogFile
from lighter.training.ranks import is_first

LONGEST = 20_000  # characters; what is longer without an end of line is cut

_ERASED, _UP = "\x1b[2K", "\x1b[1A"
_CONTROL = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])"


class Display(Protocol):
    """What is drawn on the last line of a terminal."""

    def above(self, line: str) -> None:
        """Shows a line above it."""


class Outlet:
    """Writes to a stream as it was before a run; where a display is drawn on it, above that.

    A stream that cannot be written to is given up: a run is worth more than what it says.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._display: Display | None = None
        self._lines = Lines()
        self._process = os.getpid()

    def write(self, text: str) -> int:
        """Writes a text, as `TextIO.write` does."""
        # A worker or another rank knows of no display; on a terminal the line may still be one's.
        is_elsewhere = os.getpid() != self._process or not is_first()
        if not (is_terminal(self.stream) if is_elsewhere else self._display):
            self._put(text)
            return len(text)
        for line in self._lines.feed(text):
            if is_elsewhere:
                self._put(f"\r\x1b[2K{line}\n")  # in one call: the display may be drawn at any moment
            elif self._display is not None:
                self._display.above(line)
        return len(text)

    def flush(self) -> None:
        """As of the stream."""
        with suppress(OSError):
            self.stream.flush()

    def place(self, display: Display | None) -> None:
        """Places a display on the stream, or takes it away."""
        self._display = display
        if display is None:
            self.finish()

    def finish(self) -> None:
        """Writes what has no end of line yet."""
        if rest := self._lines.rest():
            self._put(rest)

    def _put(self, text: str) -> None:
        with suppress(OSError):
            self.stream.write(text)


def is_terminal(stream: object) -> bool:
    """Whether a stream is a terminal; one that the user has put in its place need not be able to say so."""
    ask = getattr(stream, "isatty", None)
    return bool(ask is not None and ask())


class Lines(threading.local):
    """Puts text together to lines, for each thread its own.

    Of a line that is drawn again and again, as progress bars do, only the last stays; of a display of several lines, as
    Rich redraws it, only what was printed above it.
    """

    def __init__(self) -> None:
        self._begun = ""
        self._process = os.getpid()

    def feed(self, text: str) -> list[str]:
        """The lines that end with this text."""
        if self._process != os.getpid():  # a fork: what its parent has begun is the parent's
            self.__init__()  # type: ignore[misc]  # the same state as of a new one
        if _ERASED in text:
            text = _above(text)
        *whole, begun = (self._begun + text).split("\n")
        self._begun = _drawn_last(begun)
        if len(self._begun) > LONGEST:
            whole, self._begun = [*whole, self._begun], ""
        return [_drawn_last(line).removesuffix("\r") for line in whole]

    def rest(self) -> str:
        """What has no end of line yet, which is then taken as told."""
        begun, self._begun = self._begun, ""
        return begun


def plain(text: str) -> str:
    """The text without colours and the like."""
    return re.sub(_CONTROL, "", text) if "\x1b" in text else text


def _drawn_last(line: str) -> str:
    """What stays of a line that a carriage return has begun anew."""
    if "\r" not in line:
        return line
    kept = line.rstrip("\r")
    return line[kept.rfind("\r") + 1 :]


def _above(text: str) -> str:
    """What Rich writes above its display, which it erases, moving up line by line, and writes again below."""
    height = text.count(_UP) + 1
    rest = text[text.rfind(_ERASED) + len(_ERASED) :]
    return "".join(f"{line}\n" for line in rest.split("\n")[:-height])


class Tee:
    """Writes to the console, and in whole lines to the log; in all else it is the console's stream.

    Where somebody still holds it after the run, it writes to the console alone.
    """

    def __init__(self, outlet: Outlet, log: LogFile) -> None:
        self.outlet = outlet
        self._log: LogFile | None = log
        self._lines = Lines()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.outlet.stream, name)

    def write(self, text: str) -> int:
        """As `TextIO.write`."""
        count = self.outlet.write(text)
        if self._log is not None:
            for line in self._lines.feed(text):
                self._log.add(plain(line))
        return count

    def writelines(self, lines: Iterable[str]) -> None:
        """As `TextIO.writelines`."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """As `TextIO.flush`."""
        self.outlet.flush()

    def close_log(self) -> None:
        """Writes what has no end of line yet to the log, and no more."""
        if self._log is not None and (rest := self._lines.rest()):
            self._log.add(plain(rest))
        self._log = None
