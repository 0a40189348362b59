"""How a place in the tree is written: `system::optimizer::lr`, the one owner of that syntax."""

import re
from typing import NamedTuple

KeyPath = tuple[str, ...]

SEPARATOR = "::"
ROOT: KeyPath = ()
# `#` is the older form of the separator; it occurs only in references and place names, never in ordinary strings.
_SEPARATORS = re.compile(r"::|#")
_LEADING = re.compile(r"(?:::|#)*")


class Relative(NamedTuple):
    """A place as it is referred to: from the root, or `up` levels above the place that refers to it."""

    up: int
    keys: KeyPath

    def __str__(self) -> str:
        return SEPARATOR * self.up + text(self.keys)

    def seen_from(self, place: KeyPath) -> KeyPath | None:
        """The absolute place; None when it leads above the root."""
        if self.up == 0:
            return self.keys
        return None if self.up > len(place) else place[: len(place) - self.up] + self.keys


def text(path: KeyPath) -> str:
    """A place as a person writes it."""
    return SEPARATOR.join(path)


def parse_path(written: str) -> KeyPath:
    """The keys of a place; the empty text is the root. Raises ValueError for an empty key."""
    if not written:
        return ROOT
    keys = tuple(_SEPARATORS.split(written))
    if not all(keys):
        raise ValueError(f"'{written}' has an empty key")
    return keys


def parse_relative(written: str) -> Relative:
    """What follows `@` or `%`: leading separators climb. Raises ValueError for an empty key."""
    leading = _LEADING.match(written)
    climb = leading.group() if leading else ""
    keys = parse_path(written[len(climb) :])
    if not keys:
        raise ValueError(f"'{written}' names no place")
    return Relative(climb.count("::") + climb.count("#"), keys)
