"""Whether a plain value can be what an annotation says.

Annotations are often narrower than the code: it takes one number for a list of them, or a text for a mapping. Of a
single value in the place of another there is less doubt.
"""

import collections.abc
import enum
import os
import pathlib
import types
import typing
from collections.abc import Callable
from contextlib import suppress
from functools import reduce
from operator import or_
from typing import Any, Literal, get_args, get_origin

from lighter.config.annotations import is_called, is_dataclass, is_model, options
from lighter.config.scalars import BOOLEANS


class Fit(enum.IntEnum):
    """How far a value is from what is annotated."""

    YES = 0
    LIKELY = 1  # many a piece of code takes it, also where annotations are known to be true
    UNLIKELY = 2  # much code takes it, not what is known to be annotated as it is
    NO = 3


LISTS = (list, tuple, set, frozenset)
_SERIES = (*LISTS, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)
MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_CODE = (collections.abc.Callable, type, types.FunctionType)
MODULE = "torch.nn.modules.module.Module"
_PATHS: tuple[type, ...] = (os.PathLike, pathlib.PurePath, pathlib.Path, type(pathlib.Path()))
_TEXTS = (str, Any, object, collections.abc.Hashable)


def fit(value: object, annotation: Any) -> Fit:
    """How well a plain value fits an annotation; YES where that is unknown."""
    if isinstance(value, enum.Enum) or not isinstance(value, (bool, int, float, str, list, tuple, dict, type(None))):
        return Fit.YES  # nothing that YAML writes: its class may be anything
    return min(_fit(value, option) for option in options(annotation))


def _fit(value: object, annotation: Any) -> Fit:
    kind = get_origin(annotation) or annotation
    if kind is Literal:
        allowed = get_args(annotation)
        return _yes(value in allowed or any(isinstance(one, enum.Enum) for one in allowed))
    if annotation is None or annotation is type(None):
        return _yes(value is None)
    # Anything may be an annotation, also what has no hash.
    if not isinstance(kind, type):
        return Fit.YES
    if is_called(kind, "torch.Tensor"):
        return _yes(not isinstance(value, str))
    if kind in _SINGLE:
        is_word = kind is bool and isinstance(value, str) and value in BOOLEANS
        return Fit.UNLIKELY if is_word or _is_confused(value, kind) else _yes(_SINGLE[kind](value))
    if issubclass(kind, enum.Enum):
        return _yes(member(kind, value) is not None)
    if kind in _CODE or is_called(kind, MODULE):
        return Fit.UNLIKELY if isinstance(value, (bool, list, tuple, dict, type(None))) else Fit.NO
    if is_dataclass(kind) or is_model(kind):
        return Fit.YES if isinstance(value, dict) else Fit.UNLIKELY
    if kind in MAPPINGS:
        return _fit_mapping(value, get_args(annotation))
    return _fit_series(value, kind, get_args(annotation)) if kind in _SERIES else Fit.YES


def _is_confused(value: object, kind: type) -> bool:
    """Whether it is true or false for a number or a text, or a number that is neither true nor false for these."""
    if isinstance(value, bool):
        return kind in (int, float, str)
    return kind is bool and isinstance(value, (int, float)) and value not in (0, 1)


def _fit_mapping(value: object, of: tuple[Any, ...]) -> Fit:
    if not isinstance(value, dict):
        return Fit.UNLIKELY
    return max((_fit_item(item, of[1]) for item in value.values()), default=Fit.YES) if len(of) > 1 else Fit.YES


def _fit_series(value: object, kind: Any, of: tuple[Any, ...]) -> Fit:
    if isinstance(value, str):
        return Fit.YES if kind not in LISTS and (not of or takes_text(of[0])) else Fit.UNLIKELY
    if not isinstance(value, (list, tuple, dict)):
        return Fit.UNLIKELY
    if kind is tuple and of and of[-1] is not Ellipsis:
        if not all(map(_is_plain, value)):  # some of it may turn out to be nothing, and be left out
            return Fit.YES
        odd = Fit.YES if len(value) == len(of) or of == ((),) else Fit.LIKELY
        return max((odd, *(_fit_item(item, option) for item, option in zip(value, of, strict=False))))
    return max((_fit_item(item, of[0]) for item in value), default=Fit.YES) if of else Fit.YES


def _fit_item(value: object, annotation: Any) -> Fit:
    """The same of what is in a list or mapping, whose annotations are written with less care."""
    found = fit(value, annotation)
    return found if isinstance(value, str) else min(found, Fit.UNLIKELY)


def takes_text(annotation: Any) -> bool:
    """Whether an annotation lets any text pass, as far as that is known."""
    return any(isinstance(one, typing.TypeVar) or any(one is text for text in _TEXTS) for one in options(annotation))


def _is_plain(value: object) -> bool:
    return isinstance(value, (bool, int, float, str, list, tuple, dict, type(None)))


def member(kind: type[enum.Enum], value: object) -> enum.Enum | None:
    """The member of this name or value, or None."""
    if isinstance(value, str) and value in kind.__members__:
        return kind[value]
    if issubclass(kind, enum.Flag) and isinstance(value, str) and "|" in value:
        names = [name.strip() for name in value.split("|")]
        return reduce(or_, map(kind.__getitem__, names)) if kind.__members__.keys() >= {*names} else None
    if isinstance(value, bool) and not any(one.value is value for one in kind):
        return None
    with suppress(Exception):  # a class may look for its members by code of its own
        return kind(value)
    return kind(str(value)) if type(value) in (int, float) and any(one.value == str(value) for one in kind) else None


def _yes(fits: bool) -> Fit:
    return Fit.YES if fits else Fit.NO


_SINGLE: dict[type, Callable[[object], bool]] = {
    int: lambda value: isinstance(value, int) or (isinstance(value, float) and value.is_integer()),
    float: lambda value: isinstance(value, (int, float)),
    bool: lambda value: isinstance(value, (bool, int, float)),
    # Numbers are taken for texts by much code that runs well.
    str: lambda value: not isinstance(value, (list, dict, type(None))),
    **dict.fromkeys(_PATHS, lambda value: isinstance(value, str)),
}
