"""What the parameters of a callable are annotated with: each by itself, as far as it can be known."""

import dataclasses
import functools
import inspect
import sys
import types
import typing
from collections.abc import Callable, Iterator
from typing import Any, Union, get_args, get_origin

from lighter.config.signatures import converts, function_of

BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
BY_NAME = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def annotation_of(target: Callable[..., Any], parameter: inspect.Parameter) -> Any:
    """The annotation as a type; Any where there is none, it cannot be resolved, or a decorator has copied it."""
    if parameter.annotation is inspect.Parameter.empty or converts(target):
        return Any
    return resolved(parameter.annotation, _names(target))


def resolved(annotation: Any, names: dict[str, Any]) -> Any:
    """An annotation as a type, by what its names mean; Any where one of them means nothing."""
    one = types.SimpleNamespace(__annotations__={"one": annotation})
    try:
        return typing.get_type_hints(one, globalns=names)["one"]
    except Exception:  # noqa: BLE001  # any code may be in an annotation
        return Any if isinstance(annotation, str) else annotation


def _names(target: Callable[..., Any]) -> dict[str, Any]:
    function: Any = function_of(target)
    while isinstance(function, functools.partial):
        function = function_of(function.func)
    names = getattr(inspect.unwrap(function), "__globals__", None)
    return names if isinstance(names, dict) else {}


def options(annotation: Any) -> Iterator[Any]:
    """What an annotation leaves the choice of; one that does not gives itself."""
    if get_origin(annotation) is typing.Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        for option in get_args(annotation):
            yield from options(option)
    else:
        yield annotation


def is_dataclass(kind: object) -> bool:
    """Whether it is a class of the standard library's dataclasses, and made as that makes them."""
    return isinstance(kind, type) and dataclasses.is_dataclass(kind) and not hasattr(kind, "__pydantic_validator__")


def is_model(kind: object) -> bool:
    """Whether it is a class of pydantic's, a model or a dataclass."""
    return isinstance(kind, type) and hasattr(kind, "__pydantic_validator__") and hasattr(kind, "__pydantic_fields__")


def is_called(kind: Any, name: str) -> bool:
    """Whether a class is one of this name or comes from it. By name: a config may have nothing to do with torch."""
    return any(f"{base.__module__}.{base.__qualname__}" == name for base in getattr(kind, "__mro__", ()))


def field_types(kind: Any) -> dict[str, Any]:
    """The types of what a dataclass takes, each by what its names mean where it is written."""
    found = {}
    for one in dataclasses.fields(kind):
        home = next((base for base in kind.__mro__ if one.name in inspect.get_annotations(base)), kind)
        found[one.name] = resolved(one.type, vars(sys.modules.get(home.__module__, types)))
    return found
