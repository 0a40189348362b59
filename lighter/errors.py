"""What can go wrong, and the words in which it is told.

LighterError
├── ConfigError         mistakes of a config, each a Problem; ends a command with status 2
├── UsageError          a command line that cannot be understood; status 2
└── RunError            a run that cannot go on for a reason outside the config; status 1

Terminated is no error: SIGTERM has ended a run, with what it had reached saved; status 143.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lighter.source import Position, excerpt

LISTED = 12  # names that a message lists before it says "..."
LONGEST = 600  # characters of one line of a message
TERMINATED = 143  # the status of a command that SIGTERM has ended: 128 and the number of the signal

__all__ = [
    "TERMINATED",
    "ConfigError",
    "LighterError",
    "Problem",
    "RunError",
    "Terminated",
    "UsageError",
    "listing",
    "nearest",
    "suggestion",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: what is wrong, where (in a text and in the tree), and what to write instead."""

    what: str
    position: Position | None = None
    place: str = ""
    help: str = ""
    also: tuple[tuple[str, Position], ...] = ()

    def __str__(self) -> str:
        return self.text()

    def text(self, colour: bool = False) -> str:
        """The message as a person reads it, over several lines."""
        gutter = " " * max(map(_digits, (self.position, *(position for _, position in self.also))))
        lines = [f"{_paint('error', '1;31', colour)}: {_paint(_in_line(self.what), '1', colour)}"]
        lines += _where(self.position, self.place, gutter, colour)
        for said, position in self.also:
            lines += [f"{gutter} = {said}:", *_where(position, "", gutter, colour)]
        if self.help:
            lines.append(f"{gutter} = {_paint('help', '1;36', colour)}: {_in_line(self.help)}")
        return "\n".join(lines)


class LighterError(Exception):
    """Everything that Lighter itself raises."""


class ConfigError(LighterError):
    """The mistakes of a config, all that one phase of the check has found."""

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        if isinstance(problems, str):  # so a loader hands on, with its traceback, what was raised in its worker
            problems = [Problem(problems.rpartition("ConfigError: ")[2].strip().removeprefix("error: "))]
        self.problems = tuple(problems)
        super().__init__("\n\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type["ConfigError"], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class UsageError(LighterError):
    """A command, flag or source that cannot be understood."""


class RunError(LighterError):
    """A run that cannot start or go on, though its config is right."""


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


def listing(names: Iterable[str]) -> str:
    """Names in one line, the first dozen of them."""
    names = list(names)
    return ", ".join(names[:LISTED]) + (", ..." if len(names) > LISTED else "")


def _in_line(text: str) -> str:
    """A text in one line of bearable length, without characters that could move the cursor of a terminal."""
    text = " ".join(text.splitlines())
    if len(text) > LONGEST:
        text = f"{text[: LONGEST * 2 // 3]} ... {text[-LONGEST // 3 :]}"
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


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
