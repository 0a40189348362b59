"""Overrides that set a value under `vars` which nothing reads, and whose name is nearly that of one which is there."""

import re
from collections.abc import Iterator

from lighter.config.paths import Path, parse_path, text
from lighter.config.schema import VARS
from lighter.config.tree import Code, Entry, Macro, Mapping, Reference, walk
from lighter.errors import Problem, nearest

_OVERRIDE = "command line: "  # what the sources of overrides are called, which have the mark too

__all__ = ["unread_vars"]


def unread_vars(tree: Mapping, expanded: Mapping) -> list[Problem]:
    """What was meant to set another value, in a tree before and after its macros are copied in; `+` says it was not."""
    node = tree.get(VARS)
    found = list(_new(node, (VARS,))) if isinstance(node, Mapping) else []
    if not found:
        return []
    written = [n.written for root in (tree, expanded) for _, n in walk(root) if isinstance(n, (Reference, Code, Macro))]
    return [
        Problem(
            f"there is no '{text(place)}'",
            entry.position,
            help=f"did you mean '{text((*place[:-1], near))}'? To add a new key write '+{text(place)}=...'",
        )
        for place, entry, near in found
        if not any(_reads(place, one) for one in written)
    ]


def _new(node: Mapping, at: Path) -> Iterator[tuple[Path, Entry, str]]:
    """What overrides have added below a place without a `+`, each with the nearest name that was there."""
    before = [key for key, entry in node.entries.items() if not _is_added(entry)]
    for key, entry in node.entries.items():
        if _is_added(entry):
            near = nearest(key, before) if _names(entry, (*at, key)) else None
            if near is not None:
                yield (*at, key), entry, near
        elif isinstance(entry.value, Mapping):
            yield from _new(entry.value, (*at, key))


def _is_added(entry: Entry) -> bool:
    """Whether overrides alone have set a value."""
    sources = [position.source for position in (entry.position, *entry.history)]
    return not any(source.has_lines or not source.name.startswith(_OVERRIDE) for source in sources)


def _names(entry: Entry, place: Path) -> bool:
    """Whether an override without a `+` names the very place: one that merges a mapping may put anything into it."""
    written = entry.position.source.name.removeprefix(_OVERRIDE).partition("=")[0]
    return not written.startswith("+") and parse_path(written) == place


def _reads(place: Path, written: str) -> bool:
    """Whether a reference, macro or expression may read a place: it names its key, or ends with what holds it."""
    *above, key = place
    return key in written or any(re.search(rf"(?<!\w){re.escape(name)}(?!\w|::|#)", written) for name in above)
