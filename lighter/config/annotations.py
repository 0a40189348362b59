"""Whether a plain value can be what an annotation says; where that is not certain, nothing is claimed."""

import collections.abc
import inspect
import os
import types
import typing
from collections.abc import Callable
from typing import Any, Literal, Union, get_args, get_origin

from lighter.config.signatures import function_of, is_trusted

_LISTS = (list, tuple, set, frozenset)
_SERIES = (*_LISTS, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_WORDS_FOR_BOOLEANS = {"yes": "true", "on": "true", "no": "false", "off": "false"}

__all__ = ["misfit"]


def misfit(target: Callable[..., Any], parameter: inspect.Parameter, value: object) -> tuple[str, str] | None:
    """What the argument takes and a word of help, if `value` cannot be that; None where it can or nobody knows."""
    annotation = _annotation(target, parameter)
    default = parameter.default
    if value is None and (default is None or not is_trusted(target)):
        return None
    # An annotation that its own default contradicts is no ground for a complaint.
    if default is not inspect.Parameter.empty and default is not None and not fits(default, annotation):
        return None
    return None if fits(value, annotation) else (_shown(annotation), _help(value, annotation))


def fits(value: object, annotation: Any) -> bool:
    """Whether a plain value may be of the annotated type; True where that is unknown."""
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        return fits(value, get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return any(fits(value, option) for option in get_args(annotation))
    if origin is Literal:
        return value in get_args(annotation)
    if annotation in (None, type(None)):
        return value is None
    kind = origin or annotation
    if kind in _FITS:
        return _FITS[kind](value)
    if kind in _MAPPINGS:
        return isinstance(value, dict)
    return _fits_series(value, kind, get_args(annotation)) if kind in _SERIES else True


def _fits_series(value: object, kind: Any, of: tuple[Any, ...]) -> bool:
    if isinstance(value, str):
        return kind not in _LISTS
    if not isinstance(value, (list, tuple, dict)):
        return not isinstance(value, (int, float, bool, type(None)))
    if kind is tuple and of and of[-1] is not Ellipsis:
        # Lists of another length are common where the annotation was written in haste: only the types count.
        return all(fits(item, option) for item, option in zip(value, of, strict=False))
    return not of or all(fits(item, of[0]) for item in value)


def _fits_path(value: object) -> bool:
    return not isinstance(value, (bool, int, float, list, dict, type(None)))


def _fits_integer(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer()) or _is_object(value)


def _is_object(value: object) -> bool:
    """Whether a value is nothing that YAML writes, so that its class may be anything."""
    return not isinstance(value, (bool, int, float, str, list, tuple, dict, type(None)))


_FITS: dict[Any, Callable[[object], bool]] = {
    int: _fits_integer,
    float: lambda value: isinstance(value, (int, float)) or _is_object(value),
    bool: lambda value: isinstance(value, (bool, int, float)) or _is_object(value),
    # Numbers are taken for texts by much code that runs well.
    str: lambda value: not isinstance(value, (list, dict, type(None))),
    os.PathLike: _fits_path,
}


def _annotation(target: Callable[..., Any], parameter: inspect.Parameter) -> Any:
    """The annotation as a type; Any where it is a text that cannot be resolved."""
    annotation = parameter.annotation
    if not isinstance(annotation, str):
        return Any if annotation is inspect.Parameter.empty else annotation
    function = function_of(target)
    try:
        return typing.get_type_hints(inspect.unwrap(function) if is_trusted(target) else function).get(
            parameter.name, Any
        )
    except Exception as error:  # any code may stand in an annotation  # noqa: BLE001
        del error
        return Any


def _shown(annotation: Any) -> str:
    if get_origin(annotation) in (Union, types.UnionType):
        return " or ".join("null" if a in (None, type(None)) else _shown(a) for a in get_args(annotation))
    if get_origin(annotation) is Literal:
        return f"one of {', '.join(map(repr, get_args(annotation)))}"
    return annotation.__name__ if isinstance(annotation, type) and not get_args(annotation) else str(annotation)


def _help(value: object, annotation: Any) -> str:
    if isinstance(value, str) and value.lower() in _WORDS_FOR_BOOLEANS and fits(True, annotation):
        return f"write {_WORDS_FOR_BOOLEANS[value.lower()]}"
    if isinstance(value, str) and get_origin(annotation) is Literal:
        from lighter.errors import suggestion

        return suggestion(value, [str(option) for option in get_args(annotation)])
    if value is None:
        return "write a value"
    return ""
