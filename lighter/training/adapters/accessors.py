"""Ways into a value: an index, a key, an attribute, several of them in a row, or a callable."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import isroutine
from types import ModuleType
from typing import Any, TypeAlias

from torch import Tensor

from lighter.errors import RunError, listing, nearest, suggestion
from lighter.training.stages import SOURCES

Transform: TypeAlias = Callable[[Any], Any]
Transforms: TypeAlias = Transform | Sequence[Transform]
Spec: TypeAlias = int | str | Callable[[Any], Any]

SEPARATOR = "::"

_COLLATE = "{_target_: monai.data.list_data_collate, _mode_: callable}"


def functions_by_source(transforms: Mapping[str, Transforms] | None, asker: str) -> dict[str, tuple[Transform, ...]]:
    """The functions for each source named; TypeError and ValueError say what is not right."""
    if transforms is None:
        return {}
    if not isinstance(transforms, Mapping):
        raise TypeError(f"{asker}: transforms are a mapping from {', '.join(SOURCES)}, not {transforms!r}")
    check_names(transforms, SOURCES, f"{asker}(transforms)")
    return {source: functions(given, f"{asker}(transforms {source})") for source, given in transforms.items()}


def functions(given: Transforms, asker: str) -> tuple[Transform, ...]:
    """One function or several, as a tuple; raises TypeError where something cannot be called."""
    several: tuple[Any, ...] = tuple(given) if isinstance(given, list | tuple) else (given,)
    if not all(map(callable, several)):
        raise TypeError(f"{asker}: a transform is a function or a list of functions, not {given!r}")
    return several


def check_names(names: Iterable[Any], known: Iterable[str], asker: str) -> None:
    """Raises ValueError, with the nearest name, where one is not known."""
    known = list(known)
    for name in names:
        if name not in known:
            raise ValueError(f"{asker}: there is no {name!r}; {suggestion(str(name), known, 'write one of')}")


class Accessor:
    """A way into a value, parsed once: `1`, `image`, `outputs::0`, or a function.

    `whole` names what it looks into and `asker` who asks, both for messages. Calling it raises RunError, naming the
    part, what there is and the nearest, where the value has no such part. A function's own exceptions pass as they are.
    """

    __slots__ = ("_asker", "_function", "_parts", "_whole")

    def __init__(self, spec: Spec, whole: str, asker: str) -> None:
        self._whole, self._asker = whole, asker
        self._function: Callable[[Any], Any] | None = None
        self._parts: tuple[int | str, ...] = ()
        if isinstance(spec, str) and spec and all(spec.split(SEPARATOR)):
            self._parts = tuple(_part(text) for text in spec.split(SEPARATOR))
        elif isinstance(spec, int) and not isinstance(spec, bool):
            self._parts = (spec,)
        elif callable(spec):
            self._function = spec
        elif isinstance(spec, str):
            raise ValueError(f"{asker}: {spec!r} has an empty part; write a name, or parts such as 'outputs::0'")
        else:
            raise TypeError(f"{asker}: an index, a key, an attribute or a function is wanted, not {spec!r}")

    @property
    def starts_with_index(self) -> bool:
        """Whether the value must be a sequence."""
        return bool(self._parts) and isinstance(self._parts[0], int)

    def __call__(self, value: Any) -> Any:
        """The part of the value."""
        if self._function is not None:
            return self._function(value)
        for depth, part in enumerate(self._parts):
            try:
                value = _taken(value, part)
            except (AttributeError, LookupError, TypeError) as error:
                raise RunError(self._missing(value, depth)) from error
        return value

    def _missing(self, value: Any, depth: int) -> str:
        part = self._parts[depth]
        whole = SEPARATOR.join([self._whole, *map(str, self._parts[:depth])])
        kind = "index" if isinstance(part, int) else "key" if isinstance(value, Mapping) else "attribute"
        close = nearest(str(part), _names(value)) if isinstance(part, str) else None
        ending = f"; did you mean '{close}'?" if close else ""
        if kind == "attribute" and hasattr(value, str(part)):
            ending = "; what can be called is no data: give a function that calls it"
        first = value[0] if isinstance(value, list) and value else None
        if kind == "attribute" and isinstance(first, Mapping) and part in first:
            ending = f" of mappings that have it: make one batch of them, as collate_fn: {_COLLATE} does"
        return f"{self._asker}: {whole} has no {kind} {part!r}; it is {described(value)}{ending}"


def or_none(accessor: Callable[[Any], Any], value: Any) -> Any:
    """What an accessor finds, or None where the value has no such part."""
    try:
        return accessor(value)
    except (AttributeError, LookupError, RunError, TypeError):
        return None


def described(value: Any) -> str:
    """What a value is, in the words of a message: its type and its keys, length or shape."""
    kind = type(value).__name__
    name = f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"
    if isinstance(value, Tensor):
        return f"{name} of shape {tuple(value.shape)}"
    if isinstance(value, Mapping):
        return f"{name} with the keys {listing(map(str, value))}" if value else f"an empty {kind}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        fields = getattr(value, "_fields", None)
        return f"{name} of length {len(value)}" + (f" with the fields {listing(fields)}" if fields else "")
    return name


def _part(text: str) -> int | str:
    return int(text) if text.removeprefix("-").isdecimal() else text


def _taken(value: Any, part: int | str) -> Any:
    if isinstance(part, int):
        # A digit is the index of a sequence, but the key of a mapping may be the text "0".
        return value[str(part)] if isinstance(value, Mapping) and part not in value else value[part]
    if isinstance(value, Mapping):
        return value[part]
    try:
        found = getattr(value, part)
    except AttributeError:
        if hasattr(value, "keys"):  # keyed without being a Mapping, as a TensorDict is
            return value[part]
        raise
    # A method is no data, and a config that may not call it must not get at it as if it were.
    if isroutine(found) or isinstance(found, (ModuleType, type)):
        raise AttributeError(f"{part!r} is no data")
    return found


def _names(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [str(key) for key in value]
    if isinstance(value, Tensor | Sequence):
        return list(getattr(value, "_fields", ()))  # nobody means a method of theirs
    return [name for name in dir(value) if not name.startswith("_")]
