"""What can go wrong, and the words in which it is told.

LighterError
├── ConfigError         mistakes of a config, each a Problem; ends a command with status 2
├── UsageError          a command line that cannot be understood; status 2
└── RunError            a run that cannot go on for a reason outside the config; status 1
    └── PathError       a checkpoint or run folder that was asked for and cannot be used; status 2

Terminated is no error: SIGTERM has ended a run, with what it had reached saved; status 143.
"""

import os
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

# What kind a mistake is of, for programs: docs/reference/messages.md says what each means.
Mistake = Literal[
    "syntax",
    "duplicate",
    "key",
    "missing",
    "reference",
    "circle",
    "file",
    "override",
    "target",
    "import",
    "argument",
    "type",
    "value",
    "name",
    "expression",
    "environment",
    "limit",
    "size",
    "build",
    "former",
    "foreign",
    "usage",
    "run",
    "failure",
]

TAB = 4
WIDEST = 100  # columns of an excerpt; a longer line is cut around its caret
CUT = "..."

LISTED = 12  # names that a message lists before it says "..."
LONGEST = 600  # characters of one line of a message
OVERRIDE = "command line: "  # what the source of an override is called, before the override itself
TERMINATED = 143  # the status of a command that SIGTERM has ended: 128 and the number of the signal


class Source(NamedTuple):
    """A text that was read: a file, an override on the command line, or a mapping given from Python."""

    name: str
    text: str = ""
    has_lines: bool = True
    path: "Path | None" = None

    def __repr__(self) -> str:
        return f"Source({self.name!r})"  # a text may be long

    @property
    def is_override(self) -> bool:
        """Whether it is an override, such as `a::b=1`, and no file or mapping."""
        return not self.has_lines and self.name.startswith(OVERRIDE)

    @property
    def folder(self) -> "Path":
        """The folder that relative paths in this text start from."""
        from pathlib import Path

        return self.path.parent if self.path is not None else Path.cwd()


class Position(NamedTuple):
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
    return visible(text.replace("\t", " " * TAB))


def _columns(text: str) -> int:
    """Columns that a terminal gives to a text: wide characters take two, combining ones none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Edit(NamedTuple):
    """The cure of a mistake: at this position of a file, `new` in the place of the text `old`."""

    position: Position
    old: str
    new: str

    @property
    def span(self) -> tuple[int, int] | None:
        """Where `old` begins and ends in its line, from 0; None where it does not stand there, and once."""
        lines = _lines(self.position.source) if self.position.source.path is not None else []
        if not self.old or not 0 < self.position.line <= len(lines):
            return None
        start = self.position.column - 1
        marked = lines[self.position.line - 1][start : start + max(self.position.width, len(self.old))]
        found = start + marked.find(self.old)
        return (found, found + len(self.old)) if marked.count(self.old) == 1 else None


class Problem(NamedTuple):
    """One mistake: what is wrong, where (in a text and in the tree), and what to write instead.

    `again` are other places that it shows at. `code` says of what kind it is, `edit` cures it. A warning is told, and
    stops nothing.
    """

    what: str
    position: Position | None = None
    place: str = ""
    help: str = ""
    also: tuple[tuple[str, Position], ...] = ()
    code: Mistake = "value"
    edit: Edit | None = None
    is_warning: bool = False
    again: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text()

    def text(self, colour: bool = False) -> str:
        """The message as a person reads it, over several lines."""
        gutter = " " * max(map(_digits, (self.position, *(position for _, position in self.also))))
        kind = _paint("warning", "1;33", colour) if self.is_warning else _paint("error", "1;31", colour)
        lines = [f"{kind}: {_paint(_in_line(self.what), '1', colour)}"]
        lines += _where(self.position, self.place, gutter, colour)
        for said, position in self.also:
            lines += [f"{gutter} = {said}:", *_where(position, "", gutter, colour)]
        if self.again:
            lines.append(f"{gutter} = also at {_in_line(listing(self.again))}")
        if self.help:
            lines.append(f"{gutter} = {_paint('help', '1;36', colour)}: {_in_line(self.help)}")
        return "\n".join(lines)


class LighterError(Exception):
    """What Lighter itself raises; what your own code raises keeps its type."""


class ConfigError(LighterError):
    """The mistakes of a config, all that one phase of the check has found; ends a command with status 2.

    Attributes:
        problems: the mistakes, each with `what` is wrong, its `position` (`source`, `line`, `column`), its `place` in
            the tree, such as `system::optimizer::lr`, the `help`, a `code` and, where there is one cure, an `edit`.
    """

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        if isinstance(problems, str):  # so a loader hands on, with its traceback, what was raised in its worker
            problems = [Problem(problems.rpartition("ConfigError: ")[2].strip().removeprefix("error: "))]
        self.problems = tuple(problems)
        super().__init__("\n\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type["ConfigError"], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class UsageError(LighterError):
    """A command, flag, source or stage that cannot be understood; ends a command with status 2."""


class RunError(LighterError):
    """A run that cannot start or go on, though its config is right; ends a command with status 1."""


class PathError(RunError, UsageError):
    """A checkpoint or run folder that somebody asked for, and that is not there or is taken."""


class Terminated(SystemExit):
    """A run that SIGTERM has ended, between two steps and with a checkpoint."""

    state_of_run = "interrupted"

    def __init__(self) -> None:
        super().__init__(TERMINATED)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` was most likely meant to be."""
    from difflib import get_close_matches  # only a mistake pays for it

    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(candidate.lower(), candidate)
    # What is alike by its letters is then told apart by the slips of a hand: 'Adma' is 'Adam' before 'Adamax'.
    close = get_close_matches(name.lower(), folded, n=8, cutoff=0.6)
    return folded[min(close, key=lambda candidate: _slips(name.lower(), candidate))] if close else None


def respelt(name: str, known: Iterable[str], position: Position | None, beside: Collection[str] = ()) -> Edit | None:
    """The edit of a name to the one that it must have been meant to be; None where two are as near, or none is.

    Nor is there one where that name stands `beside` it already: it would stand there twice.
    """
    names = list(dict.fromkeys(known))
    close = nearest(name, names)
    if close is None or position is None or close in beside:
        return None
    slips = _slips(name.lower(), close.lower())
    rivals = [one for one in names if one != close and _slips(name.lower(), one.lower()) <= slips]
    return Edit(position, name, close) if not rivals and slips <= max(1, len(name) // 3) else None


def _slips(written: str, meant: str) -> int:
    """How many letters to insert, leave out, change or swap with the next (optimal string alignment distance)."""
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for i, letter in enumerate(written, 1):
        above, row = row, [i]
        for j, wanted in enumerate(meant, 1):
            least = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != wanted))
            is_swap = i > 1 and j > 1 and letter == meant[j - 2] and written[i - 2] == wanted
            row.append(min(least, before[j - 2] + 1) if is_swap else least)
        before = above
    return row[-1]


def suggestion(name: str, known: Iterable[str], otherwise: str = "there are") -> str:
    """`did you mean 'x'?`, or what there is to choose from when nothing is near."""
    known = list(known)
    close = nearest(name, known)
    if close is not None:
        return f"did you mean '{close}'?"
    return f"{otherwise} {listing(known)}" if known else ""


def missing_part(path: "Path", is_wanted: "Callable[[Path], bool]", otherwise: str = "") -> str:
    """Which part of a path is not there, and the nearest that is: `'runs' has no 'digts'; did you mean 'digits'?`.

    `is_wanted` chooses what may be meant where only the last part is missing, above it are folders; `otherwise` is the
    cure where there is nothing of the kind.
    """
    whole = path.absolute()
    above = next(parent for parent in whole.parents if parent.is_dir())
    lacking = whole.relative_to(above).parts[0]
    kind = is_wanted if above == whole.parent else type(whole).is_dir
    # The newest first: folders of runs are named by their time.
    there = sorted((one.name for one in above.iterdir() if one.name[0] != "." and kind(one)), reverse=True)
    told = f"'{shown_path(above)}' has no '{lacking}'"
    return "; ".join(filter(None, [told, suggestion(lacking, there, "it has") or otherwise]))


def listing(names: Iterable[str]) -> str:
    """Names in one line, the first dozen of them."""
    names = list(names)
    return ", ".join(names[:LISTED]) + (", ..." if len(names) > LISTED else "")


def _in_line(text: str) -> str:
    """A text in one line of bearable length."""
    text = " ".join(text.splitlines())
    if len(text) > LONGEST:
        text = f"{text[: LONGEST * 2 // 3]} ... {text[-LONGEST // 3 :]}"
    return visible(text, kept="")


def visible(text: str, kept: str = "\n\t") -> str:
    """A text for a terminal: characters that could move its cursor, colour it or turn its lines round are escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in kept or _is_space(c) else _escaped(c) for c in text)


def _is_space(character: str) -> bool:
    """Spaces of any width, and the joiners that some scripts and emoji are written with."""
    return character in "\u200c\u200d" or unicodedata.category(character) == "Zs"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


def _digits(position: Position | None) -> int:
    return len(str(position.line)) if position is not None and position.source.has_lines else 2


def _where(position: Position | None, place: str, gutter: str, colour: bool) -> list[str]:
    if position is None:
        return [f"{gutter}{_paint('-->', '1;34', colour)} {_in_line(place)}"] if place else []
    # The text of an override tells its place already.
    is_told = not position.source.has_lines and place in str(position)
    where = _in_line(str(position)) + (f"  {_in_line(place)}" if place and not is_told else "")
    lines = [f"{gutter}{_paint('-->', '1;34', colour)} {where}"]
    shown = excerpt(position)
    if shown is not None:
        line, carets = shown
        number = str(position.line).rjust(len(gutter))
        lines += [f"{gutter} |", f"{number} | {line}", f"{gutter} | {_paint(carets, '1;31', colour)}"]
    return lines


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


def shown_path(path: str | os.PathLike[str]) -> str:
    """The path as a person would type it: relative where that is shorter."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(str(path)) else str(path)
