"""What takes the place, in a limited expression, of each access, call and operation: it judges, then does it."""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType, GeneratorType, TracebackType
from typing import Any

from lighter.config.allowlist.policy import WALKED, Allowed, own_names, walked
from lighter.config.allowlist.refusal import (
    Refusal,
    TooLarge,
    check_operation,
    is_bounded,
    module_refusal,
    text_refusal,
)
from lighter.errors import ConfigError, Position

STEPS = 10_000_000  # of one evaluation: seconds
PER_CALL, PER_ACCESS = 10, 3  # steps; an item of a list is one
GLANCE = 50  # items of what an attribute gives that are looked at, each time

_INNER = (AsyncGeneratorType, CodeType, CoroutineType, FrameType, GeneratorType, TracebackType)
_PLAIN = frozenset({bool, bytes, complex, dict, float, int, list, set, str, tuple, type(None)})
_SIZED = frozenset({bytes, dict, frozenset, list, range, set, str, tuple})
# These look at none of the items that they are given.
_SHORT = frozenset(
    f"builtins.{name}" for name in ("bool", "callable", "id", "isinstance", "issubclass", "len", "range", "slice")
)
_OPERATORS: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "Add": ("+", operator.add),
    "BitAnd": ("&", operator.and_),
    "BitOr": ("|", operator.or_),
    "BitXor": ("^", operator.xor),
    "Div": ("/", operator.truediv),
    "FloorDiv": ("//", operator.floordiv),
    "LShift": ("<<", operator.lshift),
    "MatMult": ("@", operator.matmul),
    "Mod": ("%", operator.mod),
    "Mult": ("*", operator.mul),
    "Pow": ("**", operator.pow),
    "RShift": (">>", operator.rshift),
    "Sub": ("-", operator.sub),
}


@dataclass(slots=True)
class Guard:
    """Judges for one expression. Everything raises ConfigError, with the expression's place, for what it refuses."""

    allowed: Allowed
    position: Position | None = None
    place: str = ""
    left: int | None = None  # steps; None when nobody waits for the end, as when training calls a lambda

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Counts the steps, so that nothing runs for ever."""
        self.left = STEPS
        try:
            yield
        finally:
            self.left = None

    def names(self) -> dict[str, Callable[..., Any]]:
        """What the code of an expression calls these by."""
        judging = (self.attribute, self.base, self.call, self.each, self.item, self.pairs, self.reach, self.seen)
        offered = {f"__{function.__name__}": function for function in (*judging, self.operate, self.sized)}
        return {**offered, "__slice": slice}

    def seen(self, value: Any) -> Any:
        """A value, if it may be had."""
        if type(value) not in _PLAIN:
            self._check(module_refusal(value) or self.allowed.thing(value))
        return value

    def base(self, value: Any) -> Any:
        """A value of which an attribute is taken: a module may be that, and nothing else."""
        self._check(self.allowed.thing(value))
        return value

    def attribute(self, value: Any, name: str) -> Any:
        """`value.name`, if it may be had."""
        return self.made(self.reach(value, name), GLANCE)

    def reach(self, value: Any, name: str) -> Any:
        """`value.name`, which is judged when it is called."""
        self._spend(PER_ACCESS)
        if isinstance(value, _INNER):
            self._check(Refusal(f"'{name}' of a {type(value).__name__} reaches into the running program"))
        self._check(self.allowed.attribute(value, name))
        return getattr(value, name)

    def call(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """`function(...)`, if it may be called so, and what it gives may be had."""
        self._spend(PER_CALL)
        names = list(own_names(function, called=True))
        if any(map(is_bounded, names)):
            args = tuple(list(self.each(arg)) if isinstance(arg, Iterator) else arg for arg in args)
        self._check(self.allowed.call(function, args, kwargs))
        if names[0].startswith("builtins.") and names[0] not in _SHORT:
            self._spend(sum(len(arg) for arg in args if type(arg) in _SIZED))
        return self.sized(self.made(function(*args, **kwargs)))

    def item(self, value: Any, key: Any) -> Any:
        """`value[key]`, if it may be had."""
        self._spend(1)
        found = self.seen(value[key])
        return self.sized(found) if isinstance(key, slice) else found

    def operate(self, operation: str, left: Any, right: Any) -> Any:
        """`left * right` and the like, if it is not too large."""
        symbol, function = _OPERATORS[operation]
        self._spend(1)
        try:
            check_operation(symbol, left, right)
        except TooLarge as error:
            self._check(Refusal(str(error)))
        return self.sized(function(left, right))

    def each(self, values: Iterable[Any]) -> Iterator[Any]:
        """The items of a list or iterator, each if it may be had."""
        for value in values:
            self._spend(1)
            yield self.seen(value)

    def pairs(self, values: Mapping[Any, Any]) -> dict[Any, Any]:
        """The pairs behind `**`, each if its value may be had."""
        return {key: self.seen(values[key]) for key in self.each(values.keys())}

    def made(self, value: Any, most: int = WALKED, with_texts: bool = False) -> Any:
        """A value, if it and what is in it may be had; and its texts may be handed on."""
        for part in walked(value, most):
            if type(part) not in _PLAIN:
                self._check(module_refusal(part) or self.allowed.thing(part))
            elif with_texts and isinstance(part, str):
                self._check(text_refusal(part))
        return value

    def sized(self, value: Any) -> Any:
        """A value, its items counted as steps: what was made took its time."""
        if type(value) in _SIZED and type(value) is not range:
            self._spend(len(value))
        return value

    def _spend(self, steps: int) -> None:
        if self.left is not None:
            self.left -= steps
            if self.left < 0:
                self._check(Refusal(f"this takes more than {STEPS:,} steps"))

    def _check(self, refusal: Refusal | None) -> None:
        if refusal is not None:
            raise ConfigError([refusal.problem(self.position, self.place)])
