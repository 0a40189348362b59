"""What a sweep chooses from: for each place of the config a list of choices, or a range of numbers."""

import math
from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence as AbstractSequence
from dataclasses import dataclass, field
from functools import cached_property

from lighter.config.choices import Chosen
from lighter.config.dumping import in_line
from lighter.config.key_path import KeyPath, text
from lighter.config.tree import Entry, Node, Scalar
from lighter.errors import Position

Label = None | bool | int | float | str  # what stands for a value in the study, and in tables
Values = AbstractMapping[str, Label]  # those of a trial, by the names of their parameters


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the config a value lies, and where in the sweep's file that is written; `mark` as in the language."""

    path: KeyPath
    position: Position
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value to choose: what lies at each place of its parameter, and whether that is what a file holds."""

    label: Label
    nodes: tuple[Node, ...]
    files: tuple[bool, ...] = (False,)


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` to `high`, both included; whole ones where both ends are."""

    low: float
    high: float
    position: Position
    log: bool = False
    step: float | None = None

    @property
    def is_whole(self) -> bool:
        """Whether whole numbers alone are chosen."""
        return all(isinstance(one, int) for one in (self.low, self.high, self.step or 1))

    @property
    def count(self) -> int | None:
        """How many numbers there are; None where they are not counted."""
        step = self.step or (1 if self.is_whole else None)
        return None if step is None else round((self.high - self.low) / step) + 1

    def number(self, at: int) -> float:
        """The number at a position, counted from the low end."""
        number = self.low + at * (self.step or 1)
        return number if self.is_whole else float(f"{number:.12g}")  # 0.1 + 2 * 0.1 is 0.3


@dataclass(frozen=True)
class Parameter:
    """A value that is chosen, or several that are chosen together: places of the config, and what may lie there."""

    places: tuple[Place, ...]
    choices: tuple[Choice, ...] = ()
    range: Range | None = None

    @cached_property
    def name(self) -> str:
        """What the study calls it."""
        return " + ".join(text(place.path) for place in self.places)

    @property
    def count(self) -> int | None:
        """How many values there are; None where they are not counted."""
        return self.range.count if self.range is not None else len(self.choices)

    def label(self, at: int) -> Label:
        """The value at a position, in the order in which they are written."""
        return self.range.number(at) if self.range is not None else self.choices[at].label

    def nodes(self, label: Label) -> tuple[Node, ...]:
        """What lies at its places where this value is chosen."""
        if self.range is not None:
            return (Scalar(label, self.range.position),)
        return self._by_label[repr(label)].nodes

    def files(self, label: Label) -> tuple[bool, ...]:
        """Which of these are what a file holds."""
        return (False,) if self.range is not None else self._by_label[repr(label)].files

    @cached_property
    def _by_label(self) -> dict[str, Choice]:
        return {repr(choice.label): choice for choice in self.choices}  # 1, 1.0 and True are told apart


@dataclass(frozen=True)
class Space:
    """All parameters of a sweep."""

    parameters: tuple[Parameter, ...] = field(default_factory=tuple)

    @property
    def size(self) -> int | None:
        """How many points the grid of all values has; None where there are ranges without steps."""
        counts = [parameter.count for parameter in self.parameters]
        return math.prod(count for count in counts if count is not None) if None not in counts else None

    def point(self, number: int) -> dict[str, Label]:
        """The point of the grid with this number: the last parameter changes first."""
        chosen: dict[str, Label] = {}
        for parameter in reversed(self.parameters):
            number, at = divmod(number, parameter.count or 1)
            chosen[parameter.name] = parameter.label(at)
        return {parameter.name: chosen[parameter.name] for parameter in self.parameters}

    @property
    def first(self) -> dict[str, Label]:
        """The first value of each parameter."""
        return {parameter.name: parameter.label(0) for parameter in self.parameters}

    def over(self, values: Values) -> Chosen:
        """What lies over the config where these values are chosen; what is inside of another place comes after it."""
        chosen = [(parameter, values[parameter.name]) for parameter in self.parameters]
        parts = [
            part
            for parameter, label in chosen
            for part in zip(parameter.places, parameter.nodes(label), parameter.files(label), strict=True)
        ]
        parts.sort(key=lambda part: len(part[0].path))
        entries = {
            text(place.path): Entry(place.path[-1], node, place.position, place.mark) for place, node, _ in parts
        }
        files = frozenset(text(place.path) for place, _, is_file in parts if is_file)
        return Chosen(entries, parts[0][0].position, files)


def written(label: Label) -> str:
    """A value as a person reads it."""
    if isinstance(label, float) and not isinstance(label, bool):
        return f"{label:.6g}"
    return (
        {None: "null", True: "true", False: "false"}[label] if label is None or isinstance(label, bool) else str(label)
    )


def labels_of(choices: AbstractSequence[tuple[Node, ...]], names: AbstractMapping[int, str]) -> list[Label]:
    """What the choices of a parameter are called: plain values are themselves, all else is a text.

    `names` has those of files, by the identity of what is in them.
    """
    plain = [_plain(nodes[0]) for nodes in choices if len(nodes) == 1 and isinstance(nodes[0], Scalar)]
    is_plain = len(plain) == len(choices) and all(_is_label(value) for value in plain)
    shown = {one if isinstance(one, float) else written(one) for one in plain} if is_plain else set()  # type: ignore[arg-type]  # asked above
    if is_plain and len(set(plain)) == len(shown) == len(plain):  # 1 and True are equal, 7 and '7' look so
        return list(plain)  # type: ignore[arg-type]  # asked above
    return [", ".join(names.get(id(node)) or in_line(node) for node in nodes) for nodes in choices]


def _plain(node: Scalar) -> object:
    """A value as its label: `007` is what a text argument is given, and no 7."""
    return node.written if node.written and isinstance(node.value, int) else node.value


def _is_label(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, (bool, int, str))
