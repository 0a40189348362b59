"""Plain Python values as YAML in one line that Lighter's own reader takes for the same."""

from typing import Any

from lighter.config.dumping import in_line
from lighter.config.tree import Entry, Mapping, Node, Scalar, Sequence
from lighter.errors import Position, Source

_NOWHERE = Position(Source("adopted", has_lines=False))

__all__ = ["written"]


def written(value: Any) -> str:
    """A text, number, boolean, None, or a list or mapping of them, as it is written in a config."""
    return in_line(_node(value))


def _node(value: Any) -> Node:
    if isinstance(value, dict):
        return Mapping({key: Entry(key, _node(below), _NOWHERE) for key, below in value.items()}, _NOWHERE)
    if isinstance(value, (list, tuple)):
        return Sequence(tuple(map(_node, value)), _NOWHERE)
    return Scalar(value, _NOWHERE)
