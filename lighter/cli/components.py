"""`lighter components`."""

import functools
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lighter.cli.printing import put
from lighter.config.config import Config
from lighter.config.failures import located
from lighter.config.tree import TARGET, Scalar, walk
from lighter.errors import UsageError, suggestion
from lighter.project.project import Project
from lighter.project.registry import Component, current

_MARKS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}

if TYPE_CHECKING:
    from lighter.project.registry import Component

__all__ = ["Argument", "arguments", "components", "registered", "summary"]


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


def components(kind: str = "", *sources: str, allow: str | None = None) -> None:
    """List what `_target_: kind/name` can mean, with its arguments.

    Args:
        kind: only components of this kind, such as model; all kinds if it is left out.
        sources: a config (files, run folders, overrides), for what its imports and its project register as well.
        allow: the packages, with commas between, that a config may use if you do not trust it: torch,my_project.
    """
    if kind and _is_source(kind):
        kind, sources = "", (kind, *sources)
    known = _known(sources, allow)
    chosen = [one for one in known if kind in {"", one.kind}]
    if kind and not chosen:
        told = suggestion(kind, sorted({one.kind for one in known}), "there are components of the kinds")
        what = f"no component of the kind '{kind}' is registered"
        raise UsageError(f"{what}; {told or 'give a config too, for what its imports register'}")
    put("\n".join(map(_told, chosen)) or "nothing is registered; give a config, for what its imports register\n")


def _is_source(word: str) -> bool:
    """Whether a word is a config file, the folder of a run or an override, which no kind looks like."""
    from lighter.config.composing import CONFIG_FILE, is_override
    from lighter.config.loading import SUFFIXES

    return is_override(word) or word.endswith(SUFFIXES) or (Path(word) / CONFIG_FILE).is_file() or Path(word).is_file()


def _known(sources: Sequence[str], allow: str | None) -> "list[Component]":
    if not sources:
        from lighter.project.registry import current

        return current().all()
    from lighter.config import Config

    return registered(Config.load(*sources).limited(allow))


def _told(component: "Component") -> str:
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
    from lighter.errors import shown_path

    file, colon, line = origin.rpartition(":")
    return f"{shown_path(Path(file))}:{line}" if colon and line.isdigit() else origin


def registered(config: Config) -> list[Component]:
    """All that `_target_: kind/name` can mean there. Raises ConfigError, or what the imports' own code raises."""
    with config.serving():
        config.imports.load()
        for target in _targets(config, config.project):
            located(target, config.project)  # a mistake in a target is told by `lighter check`
        return current().all()


def _targets(config: Config, project: Project | None) -> list[str]:
    """The targets of a config that are the project's: importing these lets their modules register."""
    if project is None or config.is_limited:
        return []
    written = (node.value for place, node in walk(config.tree) if place[-1:] == (TARGET,) and isinstance(node, Scalar))
    return [target for target in written if isinstance(target, str) and project.owns(target)]
