"""Several sources to one tree: each lies over those before it, then macros are copied in."""

from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence as AbstractSequence
from dataclasses import dataclass
from pathlib import Path as FilePath

from lighter.config.laying import lay, place
from lighter.config.loading import SUFFIXES, load_file, load_mapping, load_value
from lighter.config.macros import expand
from lighter.config.nodes import split_mark
from lighter.config.paths import Path, parse_path
from lighter.config.tree import Entry, Mapping, Node, Scalar, Sequence
from lighter.errors import ConfigError, Problem
from lighter.source import Position, Source

BASE = "_base_"
CONFIG_FILE = "config.yaml"  # what a run directory holds

Given = str | FilePath | AbstractMapping[str, object]

__all__ = ["BASE", "CONFIG_FILE", "Composed", "Given", "compose", "is_override", "read_file"]


@dataclass(frozen=True, slots=True)
class Composed:
    """The tree of all sources, and where a macro copied something in: the place of the copy, and the macro's."""

    tree: Mapping
    copies: AbstractMapping[Path, Position]


def compose(sources: AbstractSequence[Given]) -> Composed:
    """The one tree of files, run directories, mappings and overrides. Raises ConfigError with all its mistakes."""
    problems: list[Problem] = []
    tree = Mapping({}, Position(Source("config", has_lines=False)))
    for source in sources:
        try:
            tree = _over(tree, source)
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)
    return Composed(*expand(tree, read_file))


def read_file(path: FilePath, asked_from: Position | None = None) -> Mapping:
    """A file over the files that its `_base_` names. Raises ConfigError with all mistakes of form."""
    return _with_bases(path, asked_from, ())


def is_override(source: str) -> bool:
    """Whether a source is an override: `~id`, or anything with `=` that is no file and does not begin like one."""
    if FilePath(source).exists():
        return False
    name, equals, _ = source.partition("=")
    return not name.endswith(SUFFIXES) and (bool(equals) or source.startswith("~"))


def _over(tree: Mapping, source: Given) -> Mapping:
    if isinstance(source, AbstractMapping):
        return lay(tree, load_mapping(source))
    if isinstance(source, str) and is_override(source):
        return _override(tree, source)
    path = FilePath(source)
    return lay(tree, read_file(path / CONFIG_FILE if path.is_dir() else path))


def _override(tree: Mapping, written: str) -> Mapping:
    """The tree with `id=value` or `~id` applied; raises ConfigError where it is neither or leads nowhere."""
    source = Source(f"command line: {written}", has_lines=False)
    position = Position(source)
    mark, rest = split_mark(written)
    name, equals, value = rest.partition("=")
    try:
        path = parse_path(name)
    except ValueError as error:
        raise ConfigError([Problem(str(error), position, help="write 'a::b=value'")]) from error
    if mark == "~" and equals:
        help = f"write '~{name}' to remove it, or '{name}={value}' to set it"
        raise ConfigError([Problem("'~' removes a place and takes no value", position, help=help)])
    node = Scalar(None, position) if mark == "~" else load_value(value, source)
    return place(tree, path, Entry(path[-1] if path else "", node, position, mark))


def _with_bases(path: FilePath, asked_from: Position | None, above: tuple[FilePath, ...]) -> Mapping:
    real = path.resolve()
    if real in above:
        chain = " -> ".join(p.name for p in (*above[above.index(real) :], real))
        raise ConfigError([Problem(f"'{BASE}' leads in a circle: {chain}", asked_from)])
    own = load_file(path, asked_from)
    laid = Mapping({}, own.position)
    for node in _bases(own):
        laid = lay(laid, _with_bases(_base_path(node, path), node.position, (*above, real)))
    return lay(laid, Mapping({key: entry for key, entry in own.entries.items() if key != BASE}, own.position))


def _bases(tree: Mapping) -> tuple[Node, ...]:
    node = tree.get(BASE)
    if node is None:
        return ()
    return node.items if isinstance(node, Sequence) else (node,)


def _base_path(node: Node, path: FilePath) -> FilePath:
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        raise ConfigError([Problem(f"'{BASE}' takes a file or a list of files", node.position)])
    return path.parent / node.value
