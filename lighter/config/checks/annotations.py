"""Whether a plain value can be what an annotation says; where that is not certain, nothing is claimed."""

import collections.abc
import inspect
import os
import types
import typing
from collections.abc import Callable
from typing import Any, Literal, Union, get_args, get_origin

from lighter.config.scalars import read_scalar, reads_as_text
from lighter.config.signatures import function_of, is_trusted
from lighter.errors import suggestion

_LISTS = (list, tuple, set, frozenset)
_SERIES = (*_LISTS, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_WANTED = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
    list: "a list",
    dict: "a mapping",
}
_WORDS_FOR_BOOLEANS = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def misfit(target: Callable[..., Any], parameter: inspect.Parameter, value: object) -> tuple[str, str] | None:
    """What the argument takes and a word of help, if `value` cannot be that; None where it can or nobody knows."""
    annotation, default = _annotation(target, parameter), parameter.default
    # Much code takes None for "off" or "as usual" without saying so.
    if value is None and (default is None or not _is_number(annotation) or not is_trusted(target)):
        return None
    # An annotation that its own default contradicts is no ground for a complaint.
    if default is not inspect.Parameter.empty and default is not None and not fits(default, annotation):
        return None
    return None if fits(value, annotation) else (_shown(annotation), _help(value, annotation))


def fits(value: object, annotation: Any) -> bool:
    """Whether a plain value may be of the annotated type; True where that is unknown."""
    if _is_object(value):
        return True
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        return fits(value, get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return any(fits(value, option) for option in get_args(annotation))
    if origin is Literal:
        return value in get_args(annotation)
    if annotation is None or annotation is type(None):
        return value is None
    kind = origin or annotation
    # Anything may stand as an annotation, also what has no hash.
    if not isinstance(kind, type):
        return True
    if (
        f"{kind.__module__}.{kind.__qualname__}" == "torch.Tensor"
    ):  # by name: a config may have nothing to do with torch
        return not isinstance(value, str)
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


def _is_object(value: object) -> bool:
    """Whether a value is nothing that YAML writes, so that its class may be anything."""
    return not isinstance(value, (bool, int, float, str, list, tuple, dict, type(None)))


_FITS: dict[type, Callable[[object], bool]] = {
    int: lambda value: isinstance(value, int) or (isinstance(value, float) and value.is_integer()),
    float: lambda value: isinstance(value, (int, float)),
    bool: lambda value: isinstance(value, (bool, int, float)),
    # Numbers are taken for texts by much code that runs well.
    str: lambda value: not isinstance(value, (list, dict, type(None))),
    os.PathLike: lambda value: isinstance(value, str),
}


def _annotation(target: Callable[..., Any], parameter: inspect.Parameter) -> Any:
    """The annotation as a type; Any where it is a text that cannot be resolved."""
    annotation = parameter.annotation
    if not isinstance(annotation, str):
        return Any if annotation is inspect.Parameter.empty else annotation
    function = function_of(target)
    try:
        return typing.get_type_hints(inspect.unwrap(function)).get(parameter.name, Any)
    except Exception:  # noqa: BLE001  # any code may stand in an annotation
        return Any


def _is_number(annotation: Any) -> bool:
    return annotation is int or annotation is float


def _shown(annotation: Any) -> str:
    if get_origin(annotation) in (Union, types.UnionType):
        return " or ".join("null" if a in (None, type(None)) else _shown(a) for a in get_args(annotation))
    if get_origin(annotation) is Literal:
        return f"one of {', '.join(map(repr, get_args(annotation)))}"
    return annotation.__name__ if isinstance(annotation, type) and not get_args(annotation) else str(annotation)


def _help(value: object, annotation: Any) -> str:
    wanted = f"write {_WANTED[annotation]}" if isinstance(annotation, type) and annotation in _WANTED else ""
    if not isinstance(value, str):
        return wanted
    if value.lower() in _WORDS_FOR_BOOLEANS and fits(True, annotation):
        return f"write {_WORDS_FOR_BOOLEANS[value.lower()]}"
    if get_origin(annotation) is Literal:
        return suggestion(value, [str(option) for option in get_args(annotation)])
    return "write it without quotes" if not reads_as_text(value) and fits(read_scalar(value), annotation) else wanted
