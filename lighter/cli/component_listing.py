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
from lighter.config.loading import SUFFIXES
from lighter.config.tree import TARGET, Scalar, walk
from lighter.errors import shown_path
from lighter.project.project import Project
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


def is_source(word: str) -> bool:
    """Whether a word is a config file, the folder of a run or an override, which no kind looks like."""
    return is_override(word) or word.endswith(SUFFIXES) or (Path(word) / CONFIG_FILE).is_file() or Path(word).is_file()


def known(sources: Sequence[str], allow: str | None) -> list[Component]:
    """All components of the process, and with sources those that their config makes known."""
    if not sources:
        return current().all()
    return registered(Config.load(*sources).limited(allow))


def shown_component(component: Component) -> str:
    """A component as it is shown: its name, where it is from, what it is, and a line for each argument."""
    rows = arguments(component)
    width = max((len(row.written) for row in rows), default=0)
    lines = [f"{component.written}  {_shown(component.origin)}", *_indented(summary(component))]
    lines += [f"  {row.written:<{width}}  {row.description}".rstrip() for row in rows]
    return "\n".join(lines) + "\n"


def _indented(text: str) -> Iterator[str]:
    if text:
        yield f"  # {text}"


def _shown(origin: str) -> str:
    """The file relative to here, where that is shorter."""
    file, colon, line = origin.rpartition(":")
    return f"{shown_path(Path(file))}:{line}" if colon and line.isdigit() else origin


def registered(config: Config) -> list[Component]:
    """All that `_target_: kind/name` can mean there. Raises ConfigError, or what the imports' own code raises."""
    with config.serving():
        config.imports.load()
        for target in _targets(config, config.project):
            located(target, config.project)  # a mistake in a target is reported by `lighter check`
        return current().all()


def _targets(config: Config, project: Project | None) -> list[str]:
    """The targets of a config that are the project's: importing these lets their modules register."""
    if project is None or config.is_limited:
        return []
    written = (node.value for place, node in walk(config.tree) if place[-1:] == (TARGET,) and isinstance(node, Scalar))
    return [target for target in written if isinstance(target, str) and project.owns(target)]
