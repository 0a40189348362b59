"""`lighter args`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lighter.errors import UsageError, listing

if TYPE_CHECKING:
    from lighter.config import Config
    from lighter.config.key_path import KeyPath
    from lighter.config.tree import Mapping
    from lighter.errors import Position


def args(target: str, *sources: str, project: str | None = None, allow: str | None = None) -> None:
    """Show the arguments of a target: types, defaults, what its docs say.

    Args:
        target: what a _target_ may name, such as torch.optim.Adam, or config.yaml::system::model for what is there.
        sources: a config (files, run folders, overrides), for the project and the imports that it names.
        project: the folder of your code, in the place of a config that names it.
        allow: the packages, with commas between, that a config may use if you do not trust it: torch,my_project.
    """
    from lighter.cli.arguments import arguments, origin, shown, summary
    from lighter.cli.component_listing import shown_origin
    from lighter.cli.printing import put
    from lighter.config import Config
    from lighter.config.component_lookup import within
    from lighter.config.failures import Failed
    from lighter.errors import OVERRIDE, ConfigError, Position, Source

    file, place = _split(target)
    over = ({"project": project},) if project is not None else ()
    config = Config.load(*([file] if file else []), *sources, *over, allow=allow)
    name, position, at = target, Position(Source(f"{OVERRIDE}{target}", has_lines=False)), ""
    if file:
        name, position, at = _written_at(config, place, file)
    with config.serving():
        config.imports.load()
        found = config.target(name, position, at)
        if isinstance(found, Failed):
            raise ConfigError([found.problem(position, at)])
        if not callable(found):
            cure = within(name, found) or "name a class or a function"
            raise UsageError(f"'{name}' takes no arguments: it is of type {type(found).__name__}; {cure}")
        where = origin(found)
        put(
            shown(name, shown_origin(where), found),
            target=name,
            place=at,
            origin=where,
            summary=summary(found),
            arguments=[one.as_mapping for one in arguments(found)],
        )


def _split(target: str) -> tuple[str, str]:
    """The config and the place of `config.yaml::system::model`; nothing of what is no config."""
    from lighter.cli.component_listing import is_source
    from lighter.config.key_path import SEPARATOR

    file, _, place = target.partition(SEPARATOR)
    return (file, place) if not target.partition("=")[1] and is_source(file) else ("", "")


def _written_at(config: "Config", id: str, file: str) -> "tuple[str, Position, str]":
    """The name of the target at a place of a config, where it is written, and its own place. Raises ConfigError."""
    from lighter.config.key_path import SEPARATOR, text
    from lighter.config.schema import SYSTEM, with_defaults
    from lighter.config.tree import TARGET, Mapping, Scalar, absence, named
    from lighter.errors import ConfigError, Problem

    tree = with_defaults(config.tree) if SYSTEM in config.tree.entries else config.tree
    node = named(id, tree)
    if node is None:
        raise ConfigError([absence(id, tree)])
    written = node.get(TARGET) if isinstance(node, Mapping) else None
    if isinstance(written, Scalar) and isinstance(written.value, str):
        return written.value, written.position, SEPARATOR.join((id, TARGET))
    calls = _calls(tree, id)
    help = f"write {file}::{text(calls[0])}" if len(calls) == 1 else f"there are {listing(map(text, calls))}"
    what = f"'{id}' names no target" if written is None else f"the target of '{id}' is known only when it is built"
    what = what if id else f"'{file}' is a config: name a place in it"
    raise ConfigError([Problem(what, node.position if id else None, id, help if calls else "", code="target")])


def _calls(tree: "Mapping", id: str) -> "Sequence[KeyPath]":
    """The places of the calls below a place; else the one of the call that it is an argument of."""
    from lighter.config.key_path import parse_path
    from lighter.config.tree import Mapping, walk

    at = parse_path(id)
    calls = [place for place, node in walk(tree) if isinstance(node, Mapping) and node.is_call]
    below = [place for place in calls if place[: len(at)] == at]
    return below or [place for place in calls if at[: len(place)] == place][-1:]
