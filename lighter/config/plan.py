"""A plan: what is built of a config, step by step."""

from typing import Final, NamedTuple

from lighter.config.expressions import Expression, Imports
from lighter.config.key_path import KeyPath
from lighter.config.scalars import SWITCHES
from lighter.config.schema import Scope
from lighter.config.tree import CALLABLE, TARGET, Mapping
from lighter.errors import Position


class Constant:
    """A plain value; `written` is a number as it is written, where Python writes it otherwise."""

    __slots__ = ("value", "written")
    is_plain = True
    depth = 0

    def __init__(self, value: object, written: str = "") -> None:
        self.value: Final = value
        self.written: Final = written


class Use:
    """What the step at a place gave; `own` where the step itself is written there, not a reference to it."""

    __slots__ = ("own", "place")
    is_plain = False
    depth = 0

    def __init__(self, place: KeyPath, own: bool = False) -> None:
        self.place: Final = place
        self.own: Final = own


class Later:
    """A callable that builds the place when it is called."""

    __slots__ = ("place",)
    is_plain = False
    depth = 0

    def __init__(self, place: KeyPath) -> None:
        self.place: Final = place


class Items:
    """A list. Whether it is plain and how deep it nests is kept: lists that refer to lists have endless ways down.

    In one of positional arguments a call that gives None is not left out at once.
    """

    __slots__ = ("depth", "is_plain", "is_positional", "items")

    def __init__(self, items: tuple["Argument", ...], is_positional: bool = False) -> None:
        self.items: Final = items
        self.is_positional: Final = is_positional
        self.is_plain: Final[bool] = all(item.is_plain for item in items)
        self.depth: Final[int] = 1 + max((item.depth for item in items), default=0)


class Pairs:
    """A mapping, likewise."""

    __slots__ = ("depth", "is_plain", "pairs")

    def __init__(self, pairs: tuple[tuple[object, "Argument"], ...]) -> None:
        self.pairs: Final = pairs
        self.is_plain: Final[bool] = all(value.is_plain for _, value in pairs)
        self.depth: Final[int] = 1 + max((value.depth for _, value in pairs), default=0)


MISTAKEN = Use(("",))  # where a mistake was reported: no step has this place, and nothing of such a plan is built

Argument = Constant | Use | Later | Items | Pairs


def plain(argument: Argument, made: dict[int, object] | None = None) -> object:
    """The value of an argument that `is_plain`; a list that is there twice is one list."""
    made = {} if made is None else made
    if isinstance(argument, Constant):
        return argument.value
    if id(argument) not in made:
        if isinstance(argument, Items):
            made[id(argument)] = [plain(item, made) for item in argument.items]
        else:
            assert isinstance(argument, Pairs)
            made[id(argument)] = {key: plain(value, made) for key, value in argument.pairs}
    return made[id(argument)]


class _Unknown:
    """What only building can tell."""

    def __repr__(self) -> str:
        return "..."


UNKNOWN = _Unknown()


def known(argument: Argument, made: dict[int, object] | None = None) -> object:
    """The value of an argument as far as it is known before anything is built, the rest UNKNOWN."""
    made = {} if made is None else made
    if argument.is_plain:
        return plain(argument, made)
    if id(argument) not in made:
        if isinstance(argument, Items):
            made[id(argument)] = [known(item, made) for item in argument.items]
        elif isinstance(argument, Pairs):
            made[id(argument)] = {key: known(value, made) for key, value in argument.pairs}
    return made.get(id(argument), UNKNOWN)


def is_known(value: object, seen: set[int] | None = None) -> bool:
    """Whether nothing of a value is UNKNOWN."""
    seen = set() if seen is None else seen
    if not isinstance(value, (list, dict)) or id(value) in seen:
        return value is not UNKNOWN
    seen.add(id(value))
    return all(is_known(one, seen) for one in (value.values() if isinstance(value, dict) else value))


def is_switch(value: object) -> bool:
    """Whether it is true or false, as `_disabled_` takes it."""
    return value is None or isinstance(value, bool) or str(value).strip().lower() in SWITCHES


def is_true(value: object) -> bool:
    """Whether `_disabled_` has this value; a text counts as MONAI reads it."""
    return value.strip().lower() == "true" if isinstance(value, str) else bool(value)


class Call(NamedTuple):
    """A `_target_` with its arguments."""

    place: KeyPath
    target: Argument
    positional: Argument
    keywords: dict[str, Argument]
    mode: Argument
    disabled: Argument
    requires: Argument
    is_checked: bool  # whether its values are held against annotations, and converted
    inputs: tuple[Argument, ...]  # all of these, in the order in which they are written
    node: Mapping

    @property
    def name(self) -> str:
        """The dotted name of the target; empty where that is no text."""
        return self.target.value if isinstance(self.target, Constant) and isinstance(self.target.value, str) else ""

    @property
    def is_handed_on(self) -> bool:
        """Whether the call is known not to be made: the target itself is the value."""
        return isinstance(self.mode, Constant) and self.mode.value == CALLABLE

    @property
    def position(self) -> Position:
        """Where the target is written."""
        return self.node.entries[TARGET].value.position


class Evaluation(NamedTuple):
    """An expression, each of its slots filled from a place."""

    place: KeyPath
    expression: Expression
    slots: dict[str, Argument]
    position: Position

    @property
    def inputs(self) -> tuple[Argument, ...]:
        """What its slots are filled with."""
        return tuple(self.slots.values())


class Import(NamedTuple):
    """An import statement, whose names are known to all expressions."""

    place: KeyPath
    code: Imports
    position: Position

    @property
    def inputs(self) -> tuple[Argument, ...]:
        """It takes nothing."""
        return ()


Step = Call | Evaluation | Import


class Plan:
    """Steps in an order in which each finds what it needs; `values` says what is at every place looked at."""

    def __init__(self, scope: Scope, imports: tuple[Import, ...] = ()) -> None:
        self.scope = scope
        self.imports = imports
        self.steps: dict[KeyPath, Step] = {}
        self.values: dict[KeyPath, Argument] = {}

    @property
    def bound(self) -> dict[str, str]:
        """The dotted names of what import statements make known."""
        return dict(pair for step in self.imports for pair in step.code.binds)

    def call_of(self, argument: Argument | None) -> Call | None:
        """The call that gives an argument, or None."""
        step = self.steps.get(argument.place) if isinstance(argument, Use) else None
        return step if isinstance(step, Call) else None

    def call_at(self, place: KeyPath) -> Call | None:
        """The call at a place, or that a reference there means."""
        return self.call_of(self.values.get(place))
