"""Relative references in a piece that is copied elsewhere: they go on meaning what they mean where they are written."""

from dataclasses import replace

from lighter.config.expressions import with_absolute_places
from lighter.config.paths import Path, Relative, text
from lighter.config.tree import Code, Mapping, Node, Reference, Sequence

__all__ = ["anchored"]


def anchored(node: Node, at: Path, without: set[int]) -> Node:
    """The node that stands at a place, its references made absolute; `without` gathers the ids of nodes without any."""
    if id(node) in without:
        return node
    made = _made(node, at, without)
    if made is node:
        without.add(id(node))
    return made


def _made(node: Node, at: Path, without: set[int]) -> Node:
    if isinstance(node, Reference):
        place = node.target.seen_from(at) if node.target.up else None
        return replace(node, written=f"@{text(place)}", target=Relative(0, place)) if place else node
    if isinstance(node, Code):
        code = with_absolute_places(node.written, at)
        return replace(node, written=code) if code != node.written else node
    if isinstance(node, Sequence):
        items = tuple(anchored(item, (*at, str(index)), without) for index, item in enumerate(node.items))
        return node if items == node.items else replace(node, items=items)
    if isinstance(node, Mapping):
        values = {key: anchored(entry.value, (*at, key), without) for key, entry in node.entries.items()}
        if all(value is node.entries[key].value for key, value in values.items()):
            return node
        return replace(node, entries={key: replace(e, value=values[key]) for key, e in node.entries.items()})
    return node
