"""Configs of Lighter 0.0.4, 0.0.5 and 0.1, written as ours: by the table of spellings that they are also read by."""

import os
import re
from pathlib import Path
from typing import Any

from lighter.cli.converting.conversion import Converted, Request
from lighter.cli.converting.former_module import convert_module
from lighter.cli.converting.parts import Part, as_part, literal, mapping
from lighter.cli.converting.reading import read_parts
from lighter.cli.converting.writing import leave_out
from lighter.config.dumping import plain
from lighter.config.former import HASH
from lighter.config.former_reading import respelt
from lighter.config.key_path import parse_path
from lighter.config.loading import load_value
from lighter.config.nodes import split_mark
from lighter.config.paths import path_at, path_keys
from lighter.config.scalars import SIGNS, read_string
from lighter.config.schema import PROJECT, SYSTEM, TRAINER
from lighter.config.tree import TARGET, Code, Entry, Mapping, Node, Scalar, Sequence, walk
from lighter.errors import Position, Source

PAGE = "docs/how-to/coming-from-lighter.md"
MODEL = "model"
_OF_PROJECT = re.compile(r"\$f(['\"])\{@project\}/([^{}]*)\1\Z")
_WRITERS = ("FileWriter", "TableWriter", "CsvWriter")
_USUAL = (
    ((SYSTEM,), TARGET, "lighter.System"),
    ((TRAINER,), TARGET, "pytorch_lightning.Trainer"),
    ((SYSTEM, "optimizer"), "params", "$@system::model.parameters()"),
)


def convert(request: Request) -> Converted:
    """The config, with what is left to do."""
    root, *others = map(read_parts, request.files)
    for key in [key for key in root.entries if "::" in str(key) or "#" in str(key)]:
        _place(root, key, root.value.pop(key))
    for other in others:
        _lay(root, other)
    for word in request.words:
        name, _, value = word.partition("=")
        _place(root, name, as_part(plain(load_value(value, Source("command line", has_lines=False)))))
    for part in root.walk():
        if part.text and part.text[0] in SIGNS:
            part.value = re.sub(HASH, lambda match: match[0].replace("#", "::"), part.text)
    left: list[str] = []
    if MODEL in root.entries and SYSTEM not in root.entries:
        convert_module(root, left)
    elif root.find(SYSTEM, "datasets") is not None or (root.find(SYSTEM) or mapping()).target.endswith("LighterSystem"):
        left.append(f"its 'system' is of Lighter 0.0.3 or older: see {PAGE}")
    _name_project(root, request.to.absolute().parent)
    _place_writers(root, left)
    root = _by_table(root)
    _leave_out_writers(root, left)
    _start_paths(root, request.to.absolute().parent)
    _leave_to_lighter(root)
    return Converted(root, left=left)


def _lay(base: Part, over: Part) -> None:
    """One file over another, as 0.0.5 merged them: lists add up."""
    for key, part in over.entries.items():
        if "::" in str(key) or "#" in str(key):
            _place(base, key, part)
        else:
            _over(base, key, part)


def _over(base: Part, key: Any, part: Part) -> None:
    mark, name = split_mark(key) if isinstance(key, str) else ("", key)
    old = base.entries.get(name)
    if mark == "~":
        gone = {str(one.value) for one in part.items} if old is not None else set()
        if gone and old is not None:
            old.value = _without(old, gone)
        else:
            base.value.pop(name, None)
    elif old is None or mark == "=":
        base.value[name] = part
    elif isinstance(old.value, dict) and isinstance(part.value, dict):
        for below, one in part.entries.items():
            _over(old, below, one)
    elif isinstance(old.value, list) and isinstance(part.value, list):
        old.value.extend(part.items)
    else:
        base.value[name] = part


def _without(part: Part, gone: set[str]) -> Any:
    if isinstance(part.value, dict):
        return {key: one for key, one in part.entries.items() if str(key) not in gone}
    return [one for number, one in enumerate(part.items) if str(number) not in gone]


def _place(root: Part, name: str, part: Part) -> None:
    """A value at a place, as `trainer::max_epochs: 1` names it."""
    mark, written = split_mark(name)
    *above, key = parse_path(written)
    node = root
    for step in above:
        below = node.find(step)
        if below is None:
            below = node.value[step] = mapping()
        node = below
    if isinstance(node.value, list) and key.isdecimal() and int(key) < len(node.items):
        node.value[int(key) : int(key) + 1] = [] if mark == "~" else [part]
    elif isinstance(node.value, dict):
        _over(node, f"{mark}{key}", part)


def _name_project(root: Part, folder: Path) -> None:
    """The project from the config, where it was from the working folder; targets begin with its name."""
    part = root.entries.get(PROJECT)
    code = Path(part.text or ".") if part is not None else Path()
    if part is not None:
        part.value = _from(folder, part.text or "")
    found = False
    for one in root.walk():
        target = one.entries.get(TARGET)
        first = (target.text or "").partition(".")[0] if target is not None else ""
        if target is not None and first.isidentifier() and first not in (PROJECT, code.resolve().name, "lighter"):
            is_there = (code / first).is_dir() or (code / f"{first}.py").is_file()
            target.value = f"{PROJECT}.{target.text}" if is_there else target.value
            found |= is_there
    if found and part is None:
        root.value = {PROJECT: Part(_from(folder, ".")), **root.value}


def _from(folder: Path, path: str) -> str:
    """A path of the working folder as it is written in a file of another."""
    return Path(os.path.relpath(path, folder)).as_posix() if path and not Path(path).is_absolute() else path


def _place_writers(root: Part, left: list[str]) -> None:
    """Predictions are written in the run's folder, from where their paths start."""
    callbacks = root.find(TRAINER, "callbacks")
    for number, one in enumerate(callbacks.items if callbacks is not None else []):
        name, path = one.target.rpartition(".")[2], one.find("path") or one.find("directory")
        if name not in _WRITERS or path is None or not path.text or Path(path.text).is_absolute():
            continue
        path.value = _OF_PROJECT.sub(r"\2", path.text)
        place = f"{TRAINER}::callbacks::{number}"
        left.append(f"{place} writes '{path.value}' in the folder of each run: look for it there")


def _leave_out_writers(root: Part, left: list[str]) -> None:
    """What writes a file in a way of its own is called with value and path, where it was with path and tensor."""
    for part in root.walk():
        name = part.target
        key = next((key for key in ("writer", "writer_fn") if key in part.entries), "")
        if key and name.startswith("lighter.") and name.endswith(_WRITERS):
            written = part.entries[key].text
            leave_out(part, key, "write 'format: $lambda value, path: ...' and the 'suffix:' of its files")
            left.append(f"{name} is to say how it writes, which was '{written}'")


def _start_paths(root: Part, folder: Path) -> None:
    """What is known to be a path starts from the config, where it was from the working folder."""
    tree = _Numbered().node(root)
    assert isinstance(tree, Mapping)
    for place in [(*at, key) for at, node in walk(tree) for key in path_keys(at, node)]:
        part = root.find(*place)
        if part is not None and part.text and path_at(tree, place) == part.text:
            part.value = _from(folder, part.text)


def _leave_to_lighter(root: Part) -> None:
    """What need not be written: the class of the System and the Trainer, and the parameters of the one optimizer."""
    for place, key, meant in _USUAL:
        above = root.find(*place)
        if above is not None and (part := above.entries.get(key)) is not None and part.value == meant:
            del above.value[key]


def _by_table(root: Part) -> Part:
    """The parts in the spelling of today; comments stay with what takes the place of their line."""
    numbered = _Numbered()
    tree = numbered.node(root)
    assert isinstance(tree, Mapping)
    made = numbered.part(respelt(tree))
    numbered.keep_comments()
    return made


class _Numbered:
    """Parts as a tree in which each value has the number of its part for a line, and back."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._source = Source("converted", has_lines=False)
        self._kept: dict[int, Part] = {}

    def node(self, part: Part) -> Node:
        self._parts.append(part)
        at = Position(self._source, len(self._parts))
        if isinstance(part.value, list):
            return Sequence(tuple(map(self.node, part.value)), at)
        if isinstance(part.value, dict):
            return Mapping(dict(self._entry(key, below) for key, below in part.value.items()), at)
        if isinstance(part.value, str):
            return read_string(part.value, at, [])
        return Scalar(part.value, at, written=part.written)

    def _entry(self, key: Any, below: Part) -> tuple[str, Entry]:
        mark, name = split_mark(key) if isinstance(key, str) else ("", key)
        node = self.node(below)
        return str(name), Entry(name, node, node.position, mark)

    def part(self, node: Node) -> Part:
        made = Part(None)
        number = node.position.line
        if number not in self._kept:
            old = self._parts[number - 1]
            made = Part(None, above=old.above, beside=old.beside, below=old.below, is_inline=old.is_inline)
            self._kept[number] = made
        if isinstance(node, Mapping):
            made.value = {self._key(entry): self.part(entry.value) for entry in node.entries.values()}
        elif isinstance(node, Sequence):
            made.value = [*map(self.part, node.items)]
        elif isinstance(node, Scalar):
            made.value = literal(node.value) if isinstance(node.value, str) else node.value
            made.written = node.written
        else:
            made.value = f"${node.written}" if isinstance(node, Code) else node.written
        return made

    def keep_comments(self) -> None:
        """Gives the comments of what is gone to what follows it."""
        following = self._kept[1]
        for number in range(len(self._parts), 0, -1):
            if number in self._kept:
                following = self._kept[number]
                continue
            old = self._parts[number - 1]
            following.above[:0] = [*old.above, *([old.beside] if old.beside else []), *old.below]

    def _key(self, entry: Entry) -> Any:
        return f"{entry.mark}{entry.key}" if entry.mark else entry.key
