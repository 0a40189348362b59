"""Text to tree: YAML and JSON files, override values and Python mappings, each value with its place."""

import os
import stat
from collections.abc import Mapping as AbstractMapping
from pathlib import Path as FilePath

from lighter.config.events import json_events, yaml_events
from lighter.config.nodes import Composer, split_mark
from lighter.config.strings import read_string
from lighter.config.tree import Entry, Mapping, Node, Scalar, Sequence
from lighter.errors import ConfigError, Problem, suggestion
from lighter.source import Position, Source

SUFFIXES = (".yaml", ".yml", ".json")
LARGEST = 64 * 2**20  # bytes; a config is written by people

__all__ = ["SUFFIXES", "load_file", "load_mapping", "load_value"]


def load_file(path: FilePath, asked_from: Position | None = None) -> Mapping:
    """The tree of a config file. Raises ConfigError with all its mistakes of form."""
    source = Source(_shown(path), read_text(path, asked_from), path=path.absolute())
    node = _load(source)
    if node is None:
        return Mapping({}, Position(source))
    if not isinstance(node, Mapping):
        raise ConfigError([Problem("a config is a mapping of keys to values", node.position, help="write 'key: value'")])
    return node


def load_value(text: str, source: Source) -> Node:
    """The tree of an override's value, read as YAML."""
    node = _load(Source(source.name, text, has_lines=False))
    return node if node is not None else Scalar(None, Position(source))


def load_mapping(mapping: AbstractMapping[str, object], name: str = "mapping") -> Mapping:
    """The tree of a mapping given from Python; its strings mean what they mean in a file."""
    problems: list[Problem] = []
    node = _from_python(mapping, Position(Source(name, has_lines=False)), problems)
    if problems:
        raise ConfigError(problems)
    assert isinstance(node, Mapping)
    return node


def read_text(path: FilePath, asked_from: Position | None = None) -> str:
    """The text of a config file. Raises ConfigError where it is absent, no regular file, too large or no text."""
    try:
        # Opened without blocking and looked at first, so that a FIFO or a device never hangs the reader.
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            kind = os.fstat(file.fileno())
            if not stat.S_ISREG(kind.st_mode):
                raise _unreadable(path, "is not a regular file", asked_from)
            if kind.st_size > LARGEST:
                raise _unreadable(path, f"is larger than {LARGEST // 2**20} MiB", asked_from)
            return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(path, f"is not UTF-8 text (byte {error.start})", asked_from) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _absent(path, asked_from) from error
    except (OSError, ValueError) as error:
        raise _unreadable(path, f"cannot be read: {getattr(error, 'strerror', None) or error}", asked_from) from error


def _load(source: Source) -> Node | None:
    composer = Composer(source)
    is_json = source.path is not None and source.path.suffix == ".json"
    node = composer.compose(json_events(source) if is_json else yaml_events(source))
    if composer.problems:
        raise ConfigError(composer.problems)
    return node


def _from_python(value: object, position: Position, problems: list[Problem]) -> Node:
    if isinstance(value, str):
        return read_string(value, position, problems)
    if isinstance(value, AbstractMapping):
        entries = {}
        for key, below in value.items():
            mark, name = split_mark(key) if isinstance(key, str) else ("", key)
            entries[str(name)] = Entry(name, _from_python(below, position, problems), position, mark)
        return Mapping(entries, position)
    if isinstance(value, list):
        return Sequence(tuple(_from_python(item, position, problems) for item in value), position)
    return Scalar(value, position)


def _shown(path: FilePath) -> str:
    """The path as a person would type it: relative where that is shorter."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(str(path)) else str(path)


def _unreadable(path: FilePath, why: str, asked_from: Position | None) -> ConfigError:
    return ConfigError([Problem(f"'{_shown(path)}' {why}", asked_from)])


def _absent(path: FilePath, asked_from: Position | None) -> ConfigError:
    folder = path.parent
    there = sorted(p.name for p in folder.iterdir() if p.suffix in SUFFIXES) if folder.is_dir() else []
    help = suggestion(path.name, there, f"'{_shown(folder)}' holds") if folder.is_dir() else ""
    return ConfigError([Problem(f"there is no file '{_shown(path)}'", asked_from, help=help)])
