"""Printed text, which comes in pieces, as whole lines."""

import os
import re
import threading

LONGEST = 20_000  # characters; what is longer without an end of line is cut

_ERASED, _UP = "\x1b[2K", "\x1b[1A"
_CONTROL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")

__all__ = ["Lines", "plain"]


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
    return _CONTROL.sub("", text) if "\x1b" in text else text


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
