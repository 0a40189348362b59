"""What `_target_: kind/name` can mean, with its arguments, as `lighter components` lists it."""

import functools
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lighter.config.composing import CONFIG_FILE, is_override
from lighter.config.config import Config
from lighter.config.failures import located
from lighter.config.scalars import SUFFIXES
from lighter.config.tree import TARGET, Scalar, walk
from lighter.errors import shown_path
from lighter.project.registry import Component, current

_MARKS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


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
    except (TypeError, ValueError):  # a function in C may have no signature
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
    has_default = parameter.default is not parameter.empty
    return _line(parameter.name, parameter.annotation, repr(parameter.default) if has_default else None)


def _of_model(model: Any) -> Iterator[Argument]:
    for name, field in model.model_fields.items():
        default = None if field.is_required() else repr(field.default)
        if field.default_factory is not None:
            default = f"{getattr(field.default_factory, '__name__', '...')}()"
        yield Argument(_line(field.alias or name, field.annotation, default), field.description or "")
    if model.model_config.get("extra") == "allow":
        yield Argument("**more")


def _line(name: str, annotation: Any, default: str | None) -> str:
    if annotation is not inspect.Parameter.empty:
        name += f": {annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)}"
    return name if default is None else f"{name} = {default}"


def is_source(word: str) -> bool:
    """Whether a word is a config file, the folder of a run or an override, which no kind looks like."""
    return is_override(word) or word.endswith(SUFFIXES) or (Path(word) / CONFIG_FILE).is_file() or Path(word).is_file()


def known(sources: Sequence[str], allow: str | None) -> list[Component]:
    """All components of the process, and with sources those that their config makes known."""
    if not sources:
        return current().all()
    return registered(Config.load(*sources, allow=allow))


def shown_component(component: Component) -> str:
    """A component as it is shown: its name, where it is from, what it is, and a line for each argument."""
    rows = arguments(component)
    width = max((len(row.written) for row in rows), default=0)
    lines = [f"{component.written}  {_shown(component.origin)}"]
    if said := summary(component):
        lines.append(f"  # {said}")
    lines += [f"  {row.written:<{width}}  {row.description}".rstrip() for row in rows]
    return "\n".join(lines) + "\n"


def as_mapping(component: Component) -> dict[str, object]:
    """The same for programs."""
    return {
        "name": component.written,
        "kind": component.kind,
        "origin": component.origin,
        "summary": summary(component),
        "arguments": arguments(component),
    }


def _shown(origin: str) -> str:
    """The file relative to here, where that is shorter."""
    file, colon, line = origin.rpartition(":")
    return f"{shown_path(Path(file))}:{line}" if colon and line.isdigit() else origin


def registered(config: Config) -> list[Component]:
    """All that `_target_: kind/name` can mean there. Raises ConfigError, or what the imports' own code raises."""
    with config.serving():
        config.imports.load()
        if (project := config.project) is not None and not config.is_limited:
            scalars = (
                node for place, node in walk(config.tree) if place[-1:] == (TARGET,) and isinstance(node, Scalar)
            )
            for target in (node.value for node in scalars):
                if isinstance(target, str) and project.owns(target):  # importing its module lets it register
                    located(target, project)  # a mistake in a target is reported by `lighter check`
        return current().all()
