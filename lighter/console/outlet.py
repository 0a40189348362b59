"""A stream of the console, which a progress display may stand on."""

import os
from typing import Protocol, TextIO

from lighter.console.lines import Lines
from lighter.training.ranks import is_first

__all__ = ["Display", "Outlet", "is_terminal"]


class Display(Protocol):
    """What stands on the last line of a terminal."""

    def above(self, line: str) -> None:
        """Shows a line above it."""


class Outlet:
    """Writes to a stream as it was before a run; where a display stands on it, above that."""

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
            return self.stream.write(text)
        for line in self._lines.feed(text):
            if is_elsewhere:
                self.stream.write(f"\r\x1b[2K{line}\n")  # in one call: the display may be drawn at any moment
            elif self._display is not None:
                self._display.above(line)
        return len(text)

    def flush(self) -> None:
        """As of the stream."""
        self.stream.flush()

    def place(self, display: Display | None) -> None:
        """Places a display on the stream, or takes it away."""
        self._display = display
        if display is None:
            self.finish()

    def finish(self) -> None:
        """Writes what has no end of line yet."""
        if rest := self._lines.rest():
            self.stream.write(rest)


def is_terminal(stream: object) -> bool:
    """Whether a stream is a terminal; one that the user has put in its place need not be able to say so."""
    ask = getattr(stream, "isatty", None)
    return bool(ask is not None and ask())
