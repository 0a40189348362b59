"""What a component takes, as a person reads it."""

import functools
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lighter.component import Component

_MARKS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}

__all__ = ["Argument", "arguments", "summary"]


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument as Python writes it, `width: int = 3`, and what its pydantic field says of it."""

    written: str
    description: str = ""


def arguments(component: Component) -> list[Argument]:
    """The arguments of a component: the fields of its model, or the parameters of what is called."""
    if component.config is not None:
        return list(_of_model(component.config))
    try:
        signature = inspect.signature(component.make)
    except (TypeError, ValueError):  # a function in C tells no signature
        return [Argument("...")]
    return [Argument(f"{_MARKS.get(p.kind, '')}{_of_parameter(p)}") for p in signature.parameters.values()]


def summary(component: Component) -> str:
    """The first line of what it says of itself; what Python makes up for a dataclass or inherits is passed over."""
    made: Any = component.make
    while isinstance(made, functools.partial):
        made = made.func
    text = (getattr(made, "__doc__", None) or "").strip().partition("\n")[0]
    return "" if text.startswith(f"{getattr(made, '__name__', '')}(") else text


def _of_parameter(parameter: inspect.Parameter) -> str:
    empty = inspect.Parameter.empty
    return _line(parameter.name, parameter.annotation, *(() if parameter.default is empty else (parameter.default,)))


def _of_model(model: Any) -> Iterator[Argument]:
    for name, field in model.model_fields.items():
        shown = field.alias or name
        if field.is_required():
            yield Argument(_line(shown, field.annotation), field.description or "")
        elif field.default_factory is not None:
            made = f"{getattr(field.default_factory, '__name__', '...')}()"
            yield Argument(f"{_line(shown, field.annotation)} = {made}", field.description or "")
        else:
            yield Argument(_line(shown, field.annotation, field.default), field.description or "")
    if model.model_config.get("extra") == "allow":
        yield Argument("**more")


def _line(name: str, annotation: Any, *default: object) -> str:
    if annotation is inspect.Parameter.empty:
        return f"{name} = {default[0]!r}" if default else name
    kind = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return f"{name}: {kind} = {default[0]!r}" if default else f"{name}: {kind}"
