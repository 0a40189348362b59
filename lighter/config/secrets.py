"""Secrets in a config: what is written down says where each stands, not what it is."""

import re
from dataclasses import replace

from lighter.config.composing import read_file
from lighter.config.expressions import ENVIRONMENT
from lighter.config.key_path import SEPARATOR, Relative, text
from lighter.config.tree import Code, Entry, Macro, Mapping, Node, Scalar, Sequence, walk
from lighter.errors import ConfigError, Position

_SECRET = re.compile(
    r"(?:.*_)?(?:api_?key|api_?token|access_?(?:key|token)|auth_?token|password|passwd|secret(?:_key)?)"
)


def concealed(tree: Mapping) -> Mapping:
    """The same config with `%file::place`, or a variable, for every value whose key is that of a secret."""
    made = _concealed(tree)
    assert isinstance(made, Mapping)
    return made


def _concealed(node: Node) -> Node:
    if isinstance(node, Sequence):
        items = tuple(map(_concealed, node.items))
        return node if items == node.items else replace(node, items=items)
    if not isinstance(node, Mapping):
        return node
    values = {key: _value(key, entry) for key, entry in node.entries.items()}
    if all(value is node.entries[key].value for key, value in values.items()):
        return node
    entries = {key: replace(entry, value=values[key]) for key, entry in node.entries.items()}
    return Mapping(entries, node.position)


def _value(key: str, entry: Entry) -> Node:
    value = entry.value
    if not isinstance(value, Scalar) or not isinstance(value.value, (str, int)) or isinstance(value.value, bool):
        return _concealed(value)
    if not value.value or not _SECRET.fullmatch(key.lower()):
        return value
    variable = re.sub(r"\W", "_", key).upper()
    return _place_of(value) or Code(f"{ENVIRONMENT}('{variable}')", value.position)


def _place_of(value: Scalar) -> Macro | None:
    """The macro that copies a value out of the file in which it is written; None where there is no such file."""
    file = value.position.source.path
    if file is None:
        return None
    try:
        tree = read_file(file)
    except ConfigError:  # it has changed since
        return None
    for place, node in walk(tree):
        if isinstance(node, Scalar) and node.value == value.value and _is_there(node.position, value.position):
            return Macro(f"%{file}{SEPARATOR}{text(place)}", str(file), Relative(0, place), value.position)
    return None


def _is_there(position: Position, other: Position) -> bool:
    return (position.source.path, position.line, position.column) == (other.source.path, other.line, other.column)
