"""What a config was composed of: the files with their texts as they were read, the overrides, the mappings."""

import os
from collections.abc import Iterator
from collections.abc import Mapping as AbstractMapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from lighter.config import Config
from lighter.config.composing import BASE, CONFIG_FILE, is_override
from lighter.config.dumping import plain
from lighter.config.events import json_events, yaml_events
from lighter.config.loading import read_text
from lighter.config.nodes import Composer
from lighter.config.tree import Macro, Mapping, Node, Scalar, Sequence, walk
from lighter.errors import ConfigError, Position, Source
from lighter.runs.record.masking import masked_override


def sources(config: Config) -> tuple[Any, ...]:
    """What a config was made of, as it was given: paths, overrides, mappings."""
    return config._sources  # noqa: SLF001  # it keeps them for its repr, and offers them nowhere


def overrides(config: Config) -> list[str]:
    """Those of its sources that set or remove a place."""
    return [str(one) for one in sources(config) if not _is_mapping(one) and is_override(str(one))]


def given_mappings(config: Config) -> list[AbstractMapping[str, Any]]:
    """Those of its sources that were given from Python."""
    return [plain(one, escape=True) if isinstance(one, Mapping) else one for one in sources(config) if _is_mapping(one)]


def given(config: Config) -> list[str]:
    """Its sources as a person reads them: paths, overrides without their secrets, and where mappings are copied to."""
    names = mapping_names()
    return [next(names) if _is_mapping(one) else masked_override(str(one)) for one in sources(config)]


def mapping_names() -> Iterator[str]:
    """What the copies of mappings are called, one after the other."""
    yield "mapping.json"
    yield from (f"mapping_{number}.json" for number in count(2))


def composed_files(config: Config) -> dict[Path, str]:
    """The text of every file that a config was composed of, as it was read: also of bases and of files in macros."""
    read = _as_read(config.tree)
    pending, found = [path.absolute() for path in _given_files(config)], dict[Path, str]()
    while pending:
        path = pending.pop(0)
        name = Path(os.path.normpath(path))
        if name in found:
            continue
        with suppress(ConfigError):  # a macro that was replaced may name what is not there
            found[name] = read[name] if name in read else read_text(path)
            pending += _named_in(parsed(Source(path.name, found[name], path=path)), path.parent)
    return found | read


def parsed(source: Source) -> Node | None:
    """The tree of a file's text alone; None where it has none or is no config."""
    assert source.path is not None
    read = json_events if source.path.suffix.lower() == ".json" else yaml_events
    composer = Composer(source)
    root = composer.compose(read(source))
    return None if composer.problems else root


def _as_read(tree: Mapping) -> dict[Path, str]:
    """The texts in which the values of a tree stand, and those that they have replaced."""
    found: dict[Path, str] = {}
    seen: set[int] = set()
    for _, node in walk(tree):
        for position in _positions(node):
            source = position.source
            if id(source) not in seen and source.path is not None:
                found.setdefault(Path(os.path.normpath(source.path)), source.text)
            seen.add(id(source))  # it stays: the tree has it
    return found


def _positions(node: Node) -> Iterator[Position]:
    yield node.position
    if isinstance(node, Mapping):
        for entry in node.entries.values():
            yield from (entry.position, *entry.history)
    elif isinstance(node, Sequence) and node.histories:
        for history in node.histories.values():
            yield from history


def _named_in(tree: Node | None, folder: Path) -> Iterator[Path]:
    """The files that a file lies over, and those that its macros name."""
    base = tree.get(BASE) if isinstance(tree, Mapping) else None
    for node in base.items if isinstance(base, Sequence) else (base,):
        if isinstance(node, Scalar) and isinstance(node.value, str):
            yield folder / node.value
    for _, node in walk(tree) if tree is not None else ():
        if isinstance(node, Macro) and node.file is not None:
            yield folder / node.file


def _given_files(config: Config) -> Iterator[Path]:
    for one in sources(config):
        if isinstance(one, Mapping):
            yield from (folder for folder in _named_in(one, one.position.source.folder))
        elif not isinstance(one, AbstractMapping) and not is_override(str(one)):
            path = Path(one)
            yield path / CONFIG_FILE if path.is_dir() else path


def _is_mapping(one: object) -> bool:
    return isinstance(one, (AbstractMapping, Mapping))
