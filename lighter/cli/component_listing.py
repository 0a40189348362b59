"""What `_target_: kind/name` can mean, with its arguments, as `lighter components` lists it."""

from collections.abc import Sequence
from pathlib import Path

from lighter.cli.arguments import arguments, shown, summary
from lighter.config.composing import CONFIG_FILE, is_override
from lighter.config.config import Config
from lighter.config.failures import located
from lighter.config.scalars import SUFFIXES
from lighter.config.tree import TARGET, Scalar, walk
from lighter.errors import shown_path
from lighter.project.registry import Component, current


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
    return shown(component.written, shown_origin(component.origin), component)


def as_mapping(component: Component) -> dict[str, object]:
    """The same for programs."""
    return {
        "name": component.written,
        "kind": component.kind,
        "origin": component.origin,
        "summary": summary(component),
        "arguments": [one.as_mapping for one in arguments(component)],
    }


def shown_origin(origin: str) -> str:
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
