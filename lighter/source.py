"""A place in a text, and its excerpt with a caret."""

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

TAB = 4
WIDEST = 100  # columns of an excerpt; a longer line is cut around its caret
CUT = "..."

__all__ = ["Position", "Source", "excerpt"]


@dataclass(frozen=True, slots=True)
class Source:
    """A text that was read: a file, an override on the command line, or a mapping given from Python."""

    name: str
    text: str = field(default="", repr=False)
    has_lines: bool = True
    path: Path | None = None

    @property
    def folder(self) -> Path:
        """The folder that relative paths in this text start from."""
        return self.path.parent if self.path is not None else Path.cwd()


@dataclass(frozen=True, slots=True)
class Position:
    """Where a key or value stands; line and column count from 1, width in characters."""

    source: Source
    line: int = 1
    column: int = 1
    width: int = 1

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}" if self.source.has_lines else self.source.name


def excerpt(position: Position) -> tuple[str, str] | None:
    """The line a position stands on, and a line of carets below it; None where there are no lines to show."""
    lines = _lines(position.source) if position.source.has_lines else []
    if not 0 < position.line <= len(lines):
        return None
    line = lines[position.line - 1]
    start = min(position.column - 1, len(line))
    end = max(start + 1, min(start + position.width, len(line)))
    # Of an endless line only what may be shown is looked at.
    pieces = line[max(0, start - WIDEST) : start], line[start:end][:WIDEST], line[end : end + WIDEST]
    before, marked, after = map(_shown, pieces)
    if _columns(before) + _columns(marked) + _columns(after) > WIDEST:
        before, marked, after = _cut(before, marked, after)
    carets = " " * _columns(before) + "^" * max(1, _columns(marked))
    return (before + marked + after).rstrip(), carets


@lru_cache(maxsize=4)
def _lines(source: Source) -> list[str]:
    """The lines of a text, kept: a report may show a thousand places of one large file."""
    return source.text.splitlines()


def _cut(before: str, marked: str, after: str) -> tuple[str, str, str]:
    """The same three pieces, short enough to stand in one line."""
    marked = marked if len(marked) <= WIDEST // 2 else marked[: WIDEST // 2] + CUT
    before = before if len(before) <= WIDEST // 4 else CUT + before[-WIDEST // 4 :]
    after = after if len(after) <= WIDEST // 4 else after[: WIDEST // 4] + CUT
    return before, marked, after


def _shown(text: str) -> str:
    """Tabs as spaces; control characters, which could move the cursor of a terminal, as a replacement character."""
    text = text.replace("\t", " " * TAB)
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def _columns(text: str) -> int:
    """Columns that a terminal gives to a text: wide characters take two, combining ones none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
