"""A tree to plain Python values, and to YAML that is read back as the same config."""

import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import yaml

from lighter.config.imports import PATH, is_import
from lighter.config.key_path import ROOT, KeyPath
from lighter.config.nodes import split_mark
from lighter.config.paths import from_source, with_whole_paths
from lighter.config.scalars import SIGNS, reads_as_text
from lighter.config.schema import IMPORTS, PROJECT
from lighter.config.secrets import concealed
from lighter.config.tree import (
    Code,
    Entry,
    Macro,
    Mapping,
    Node,
    Reference,
    Scalar,
    Sequence,
    children,
    mapped,
    with_value,
)

_TEXT = "tag:yaml.org,2002:str"
_WIDTH = 110
_ENDLESS = 10**9  # a line is never broken


def plain(node: Node, escape: bool = False, has_numbers: bool = False) -> Any:
    """The values of a tree; with `escape`, keys and texts that begin with a sign are written so that they stay so.

    Numbers are then as they were written, unless it `has_numbers`, as JSON has.
    """
    if isinstance(node, Mapping):
        return {_key(entry, escape): plain(entry.value, escape, has_numbers) for entry in node.entries.values()}
    if isinstance(node, Sequence):
        return [plain(item, escape, has_numbers) for item in node.items]
    if isinstance(node, Code):
        return f"${node.written}"
    if isinstance(node, (Reference, Macro)):
        return node.written
    if escape and isinstance(node.value, str) and len(node.value) > 1 and node.value.startswith(SIGNS):
        return node.value[0] + node.value
    return _Number(node.written) if escape and node.written and not has_numbers else node.value


def portable(tree: Mapping) -> Mapping:
    """The same config, wherever its text is: all that is known to be a path is written out whole.

    Of a secret it is written where it is defined.
    """
    tree = _with_absolute(with_whole_paths(concealed(tree)), PROJECT)
    imports = tree.get(IMPORTS)
    return with_value(tree, IMPORTS, mapped(imports, _portable_import)) if isinstance(imports, Mapping) else tree


def _portable_import(_key: str, node: Node) -> Node:
    return _with_absolute(node, PATH) if isinstance(node, Mapping) and is_import(node) else node


def _with_absolute(node: Mapping, key: str) -> Mapping:
    """The mapping with the path at a key written out whole, if there is one."""
    written = node.get(key)
    if not isinstance(written, Scalar) or not isinstance(written.value, str):
        return node
    whole = _absolute(from_source(written.position.source, written.value))
    return with_value(node, key, Scalar(whole, written.position))


def dump(node: Node, is_ascii: bool = False) -> str:
    """A tree, or a part of one, as YAML; long texts are broken into several lines."""
    return _written(node, _Dumper, width=_WIDTH, allow_unicode=not is_ascii)


def in_line(node: Node) -> str:
    """The same in one line, as the value of an override."""
    return _written(node, _InLine, width=_ENDLESS, default_flow_style=True, allow_unicode=True).rstrip("\n")


def dump_with_lines(node: Node, is_ascii: bool = False) -> tuple[str, dict[KeyPath, int]]:
    """The same, and for each place below the node the number of the line in which it begins."""
    stream = StringIO()
    dumper = _Counting(stream, width=_ENDLESS, sort_keys=False, allow_unicode=not is_ascii)
    dumper.open()
    written = dumper.represent_data(plain(node, escape=True))
    dumper.serialize(written)
    dumper.close()
    lines = iter(dumper.lines)
    return _without_end(stream.getvalue()), dict(_begun(node, written, ROOT, next(lines), lines))


def _begun(
    node: Node, written: yaml.Node, at: KeyPath, line: int, lines: Iterator[int]
) -> Iterator[tuple[KeyPath, int]]:
    """The places at and below what is written, in the order in which it is: a key before its value."""
    yield at, line
    below = dict(children(node))  # empty for a tuple, which is a plain value of the config
    parts = written.value if isinstance(written, yaml.CollectionNode) else ()
    for key, part in zip(below or map(str, range(len(parts))), parts, strict=False):
        begins = next(lines)
        value = part
        if isinstance(written, yaml.MappingNode):
            value, _ = part[1], next(lines)
        yield from _begun(below.get(key, node), value, (*at, key), begins, lines)


def _written(node: Node, dumper: type["_Dumper"], **style: Any) -> str:
    values = plain(node, escape=True)
    written: str = yaml.dump(values, Dumper=dumper, sort_keys=False, **style)
    return _without_end(written)


def _without_end(written: str) -> str:
    """The text without the line that ends a document; a text of its last value may end in the same dots."""
    return written.removesuffix("\n...\n") + "\n" if written.endswith("\n...\n") else written


def _absolute(path: Path) -> str:
    """The project's path from the root; a link keeps its name, which is the name that targets begin with."""
    return str(path.resolve() if path.name in ("", os.pardir) else path.parent.resolve() / path.name)


def _key(entry: Entry, escape: bool) -> object:
    # A key that itself begins with a mark is written behind another one, which changes nothing.
    is_marked = escape and isinstance(entry.key, str) and split_mark(entry.key)[0]
    return f"={entry.key}" if is_marked else entry.key


class _Number(str):
    """A number as the config has it: an argument that takes a text gets it so."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes texts in quotes where our reader would take them for something else, and never anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _Counting(_Dumper):
    """Keeps the line in which each node begins, in the order in which they are written."""

    def __init__(self, *args: Any, **style: Any) -> None:
        super().__init__(*args, **style)
        self.lines: list[int] = []

    def expect_node(self, *args: Any, **context: Any) -> None:
        self.lines.append(self.line + 1)
        super().expect_node(*args, **context)


class _InLine(_Dumper):
    """Writes no text over several lines."""

    def represent_scalar(self, tag: str, value: Any, style: str | None = None) -> yaml.ScalarNode:
        return super().represent_scalar(tag, value, '"' if style == "|" else style)


def _represent_text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(_TEXT, str(value), style=_style(value))


def _represent_written(dumper: yaml.SafeDumper, value: _Number) -> yaml.ScalarNode:
    # With the tag that PyYAML itself would read there, it writes none.
    tag: str = dumper.resolve(yaml.ScalarNode, str(value), (True, False))  # type: ignore[no-untyped-call]  # untyped
    return yaml.ScalarNode(tag, str(value))


def _style(value: str) -> str | None:
    """How a text is written; None leaves it to PyYAML, which then knows best."""
    lines = value.split("\n")
    if value[:1].isspace() or any(not line.isprintable() or line != line.rstrip() for line in lines):
        return '"'
    if len(lines) > 1:
        return "|"
    return None if value and reads_as_text(value) else "'"


def _represent_number(dumper: yaml.SafeDumper, value: float) -> yaml.Node:
    return dumper.represent_data(int(value) if isinstance(value, int) else float(value))


def _represent_object(dumper: yaml.SafeDumper, value: object) -> yaml.ScalarNode:
    # An object given from Python has no written form; its repr says to a reader of the record what it was.
    return _represent_text(dumper, os.fspath(value) if isinstance(value, os.PathLike) else repr(value))


_REPRESENTERS = yaml.SafeDumper.yaml_representers
_Dumper.yaml_representers = {kind: _REPRESENTERS[kind] for kind in (bool, int, float, type(None), dict, list, tuple)}
_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(_Number, _represent_written)
# Subclasses count as what they are at bottom: a StrEnum is a text, numpy's float a number.
_Dumper.add_multi_representer(str, _represent_text)
_Dumper.add_multi_representer(int, _represent_number)
_Dumper.add_multi_representer(float, _represent_number)
_Dumper.add_multi_representer(object, _represent_object)
