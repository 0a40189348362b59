"""Text to tree: YAML and JSON files, override values and Python mappings, each value with its place."""

import os
import re
import stat
from collections.abc import Iterable
from collections.abc import Mapping as AbstractMapping
from pathlib import Path

from yaml.events import AliasEvent, Event, NodeEvent, ScalarEvent
from yaml.reader import Reader

from lighter.config.nodes import DEEPEST, Composer, split_mark
from lighter.config.parsing import json_events, yaml_events
from lighter.config.scalars import SIGNS, SUFFIXES, plain_node, read_scalar, read_string
from lighter.config.tree import Entry, Mapping, Node, Scalar, Sequence
from lighter.errors import ConfigError, Position, Problem, Source, missing_part, nearest, shown_path, suggestion

SAMPLES = ("example", "sample", "template")  # files that are there to be copied
# What an override's value begins with, or holds, that is read as YAML.
_YAML = re.compile(r"\s*[\[{\"']|!!|- \S|.*: \S|.*\n", re.DOTALL)
LARGEST = 64 * 2**20  # bytes; a config is written by people


def load_file(path: Path, asked_from: Position | None = None) -> Mapping:
    """The tree of a config file. Raises ConfigError with all its mistakes of form."""
    source = Source(shown_path(path), read_text(path, asked_from), path=path.absolute())
    node = load_text(source)
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return Mapping({}, Position(source))
    if not isinstance(node, Mapping):
        what = "a config is a mapping of keys to values"
        raise ConfigError([Problem(what, node.position, help="write 'key: value'")])
    return node


def load_value(text: str, source: Source) -> Node:
    """The tree of an override's value: brackets and quotes as YAML, all else as it is typed, whatever it begins with.

    Nothing of it is left out: a comment is a mistake. Raises ConfigError.
    """
    if text.lstrip()[:1] in SIGNS or not (_YAML.match(text) or Reader.NON_PRINTABLE.search(text)):
        return _typed(text, Position(source))
    within = Source(source.name, text, has_lines=False)
    events = [*yaml_events(within)]
    root = next((event for event in events if isinstance(event, NodeEvent)), None)
    # Plain lines, which YAML would join, or take for comments.
    if root is None or (isinstance(root, ScalarEvent) and root.implicit[0] and not root.tag):
        return _typed(text, Position(source))
    ends = (event.end_mark.index for event in events if isinstance(event, (ScalarEvent, AliasEvent)) and event.end_mark)
    rest = text[max(ends, default=0) :].lstrip(" \t[]{},:?")
    if rest and "\n" not in text:
        what, help = f"'{rest}' would be left out, as a comment", "put the value in quotes, or in brackets all of it"
        raise ConfigError([Problem(what, Position(source), help=help)])
    node = _composed(within, events)
    return node if node is not None else Scalar(None, Position(source))


def _typed(text: str, position: Position) -> Node:
    """A number, boolean or null as such, a text that begins with a sign as what it stands for, and else the text."""
    problems: list[Problem] = []
    try:
        value = read_scalar(text.strip())
    except ValueError as error:
        raise ConfigError([Problem("this number has too many digits", position)]) from error
    begins = text.lstrip()
    meant = begins if begins[:1] in SIGNS else text
    node = (
        read_string(meant, position, problems)
        if isinstance(value, str)
        else plain_node(value, position, begins.rstrip())
    )
    if problems:
        raise ConfigError(problems)
    return node


def load_mapping(mapping: AbstractMapping[str, object], name: str = "mapping") -> Mapping:
    """The tree of a mapping given from Python; its strings mean what they mean in a file."""
    problems: list[Problem] = []
    node = _from_python(mapping, Position(Source(name, has_lines=False)), 0, problems)
    if problems:
        raise ConfigError(problems)
    assert isinstance(node, Mapping)
    return node


def real_path(path: Path) -> str:
    """The path with all links followed: one name for each file. Raises nothing, whatever the path."""
    return os.path.realpath(path) if "\0" not in str(path) else str(path)  # Path.resolve raises for a link to itself


def read_text(path: Path, asked_from: Position | None = None) -> str:
    """The text of a config file. Raises ConfigError where it is absent, no regular file, too large or no text."""
    try:
        with open(path, "rb", opener=_open_at_once) as file:  # Path.open takes no opener
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _unreadable(path, "is not a regular file", asked_from)
            content = file.read(LARGEST + 1)
            if content is None:  # a file of the kernel's, which would have to be waited for
                raise _unreadable(path, "has nothing to read", asked_from)
        if len(content) > LARGEST:
            raise _unreadable(path, f"is larger than {LARGEST // 2**20} MiB", asked_from)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(path, f"is not UTF-8 text (byte {error.start})", asked_from) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _absent(path, asked_from) from error
    except IsADirectoryError as error:
        raise _unreadable(path, "is a folder", asked_from, _files_in(path)) from error
    except (OSError, ValueError) as error:
        raise _unreadable(path, f"cannot be read: {getattr(error, 'strerror', None) or error}", asked_from) from error


def load_text(source: Source) -> Node | None:
    """The tree of a text by itself; None where it is empty. Raises ConfigError with all its mistakes of form."""
    is_json = source.path is not None and source.path.suffix.lower() == ".json"
    return _composed(source, json_events(source) if is_json else yaml_events(source))


def _composed(source: Source, events: Iterable[Event]) -> Node | None:
    composer = Composer(source)
    node = composer.compose(events)
    if composer.problems:
        raise ConfigError(composer.problems)
    return node


def _open_at_once(path: str, flags: int) -> int:
    """Opens without waiting for a writer, so that a FIFO never hangs the reader."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _from_python(value: object, position: Position, depth: int, problems: list[Problem]) -> Node:
    if depth > DEEPEST:
        raise ConfigError([Problem(f"the nesting is deeper than {DEEPEST} levels", position, code="size")])
    if isinstance(value, str):
        return read_string(value, position, problems)
    if isinstance(value, AbstractMapping):
        entries: dict[str, Entry] = {}
        for key, below in value.items():
            mark, name = split_mark(key) if isinstance(key, str) else ("", key)
            if str(name) in entries:
                problems.append(Problem(f"the key '{name}' occurs twice in one mapping", position, help="keep one"))
            entries[str(name)] = Entry(name, _from_python(below, position, depth + 1, problems), position, mark)
        return Mapping(entries, position)
    if isinstance(value, list):
        return Sequence(tuple(_from_python(item, position, depth + 1, problems) for item in value), position)
    return Scalar(value, position)


def _unreadable(path: Path, why: str, asked_from: Position | None, help: str = "") -> ConfigError:
    return ConfigError([Problem(f"'{shown_path(path)}' {why}", asked_from, help=help, code="file")])


def _absent(path: Path, asked_from: Position | None) -> ConfigError:
    help = _files_in(path.parent, path.name)
    return ConfigError([Problem(f"there is no file '{shown_path(path)}'", asked_from, help=help, code="file")])


def _files_in(folder: Path, name: str = "") -> str:
    """The config file in a folder that is nearest to a name, what configs there are, or the sample to copy."""
    try:
        there = sorted(path.name for path in folder.iterdir() if path.name.endswith(SUFFIXES))
    except OSError:
        above = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        if above is folder or not above.is_dir():
            return f"'{shown_path(above)}' is no folder, or cannot be read"
        return missing_part(folder, Path.is_dir)
    sample = next((one for one in there if Path(one).stem in SAMPLES), None)
    if name and sample is not None:
        near = nearest(name, (one for one in there if one != sample))
        copy = f"copy '{shown_path(folder / sample)}' to it, and fill it in"
        return f"did you mean '{near}'? Else {copy}" if near else copy
    return suggestion(name, there, f"'{shown_path(folder)}' holds") or f"'{shown_path(folder)}' holds no config"
