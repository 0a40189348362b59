"""Two configs compared, place by place."""

from collections.abc import Iterator
from typing import NamedTuple

from lighter.config.dumping import in_line
from lighter.config.key_path import ROOT, KeyPath, text
from lighter.config.tree import Mapping, Node, Scalar, Sequence, children


class Difference(NamedTuple):
    """What is at a place in two configs, as it is written; None where nothing is."""

    place: KeyPath
    old: str | None
    new: str | None

    def __str__(self) -> str:
        if self.old is None:
            return f"added    {text(self.place)}: {self.new}"
        if self.new is None:
            return f"removed  {text(self.place)}: {self.old}"
        return f"changed  {text(self.place)}: {self.old} -> {self.new}"


def differences(old: Mapping, new: Mapping) -> list[Difference]:
    """All places where two configs are not the same, in their order; the order of keys does not count."""
    return sorted(_changed(old, new, ROOT), key=lambda difference: [_rank(key) for key in difference.place])


def _changed(old: Node, new: Node, at: KeyPath) -> Iterator[Difference]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _in_keys(old, new, at)
    if type(old) is type(new) and isinstance(old, (Mapping, Sequence)):
        before, after = dict(children(old)), dict(children(new))
        for key in before.keys() & after.keys():
            yield from _changed(before[key], after[key], (*at, key))
        for key in before.keys() - after.keys():
            yield from (Difference(place, in_line(node), None) for place, node in _values(before[key], (*at, key)))
        for key in after.keys() - before.keys():
            yield from (Difference(place, None, in_line(node)) for place, node in _values(after[key], (*at, key)))
    elif not _is_same(old, new) and (was := in_line(old)) != (now := in_line(new)):
        yield Difference(at, was, now)


def _in_keys(old: Mapping, new: Mapping, at: KeyPath) -> Iterator[Difference]:
    """Keys that are one place, but not one key: the number 1 and the text '1'."""
    for key in old.entries.keys() & new.entries.keys():
        was, now = old.entries[key].key, new.entries[key].key
        if type(was) is not type(now):
            shown = [f"the key {in_line(Scalar(one, old.position))}" for one in (was, now)]
            yield Difference((*at, key), *shown)


def _is_same(old: Node, new: Node) -> bool:
    """Whether two values are plainly equal; what is not may still be written in the same way."""
    if not isinstance(old, Scalar) or not isinstance(new, Scalar):
        return False
    return type(old.value) is type(new.value) and bool(old.value == new.value)


def _values(node: Node, at: KeyPath) -> Iterator[tuple[KeyPath, Node]]:
    """The values at or below a place; a list of plain values is one."""
    below = list(children(node))
    if below and (isinstance(node, Mapping) or any(isinstance(value, (Mapping, Sequence)) for _, value in below)):
        for key, value in below:
            yield from _values(value, (*at, key))
    else:
        yield at, node


def _rank(key: str) -> tuple[int, int, str]:
    """Numbers in their own order, before names."""
    is_number = key.isascii() and key.isdigit() and len(key) < 10
    return (0, int(key), key) if is_number else (1, 0, key)
