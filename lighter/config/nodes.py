"""A parser's events to nodes, without recursion: no text can make it overflow, hang or fill the memory."""

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import NoReturn

from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from lighter.config.key_path import KeyPath
from lighter.config.scalars import plain_node, read_scalar, read_string
from lighter.config.secrets import is_secret
from lighter.config.tree import Entry, Mapping, Node, Scalar, Sequence
from lighter.errors import ConfigError, Edit, Position, Problem, Source, nearest

DEEPEST = 100  # levels of nesting
LARGEST = 500_000  # keys and values, anchors written out
MERGE = object()  # the key `<<` written plain; in quotes it is a key like any other
MARKS = ("+", "=", "~")
_CORE = "tag:yaml.org,2002:"
_TAGS = {f"{_CORE}{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq")}


def split_mark(key: str) -> tuple[str, str]:
    """The `+`, `=` or `~` before a key, and the key."""
    return (key[0], key[1:]) if len(key) > 1 and key[0] in MARKS else ("", key)


class _Open:
    """A list or mapping whose end has not been read yet; for a mapping, the key that waits for its value."""

    def __init__(self, event: Event, position: Position) -> None:
        self.event = event
        self.position = position
        self.items: list[Node] = []
        self.entries: dict[str, Entry] = {}
        self.merged: list[Node] = []
        self.key: Scalar | None = None


class _Stop(Exception):  # noqa: N818  # no error, the end of a walk
    """Reading further makes no sense; the reason is among the problems."""


class Composer:
    """Builds one tree from the events of one source, gathering the mistakes of form."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._pending: set[str] = set()
        self._count = 0
        self._root: Node | None = None

    def compose(self, events: Iterable[Event]) -> Node | None:
        """The tree, or None for an empty text or one with mistakes."""
        documents = 0
        try:
            for event in events:
                if isinstance(event, DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._fail("a config file holds one document", event, "remove the line '---'")
                else:
                    self._take(event)
        except _Stop:
            return None
        except ConfigError as error:
            self.problems.extend(error.problems)
            return None
        return self._root

    def _take(self, event: Event) -> None:
        if isinstance(event, CollectionEndEvent):
            self._close()
        elif isinstance(event, NodeEvent):
            if isinstance(event, AliasEvent):
                self._place(self._alias(event), event)
                return
            self._check_tag(event)
            if isinstance(event, ScalarEvent):
                self._place(self._anchor(event, self._scalar(event)), event)
            else:
                self._begin(event)

    def _begin(self, event: NodeEvent) -> None:
        if len(self._open) >= DEEPEST:
            self._fail(f"the nesting is deeper than {DEEPEST} levels", event)
        if self._waits_for_key():
            self._fail("a key is a single value, not a list or mapping", event)
        self._check_collection_tag(event)
        if event.anchor:
            self._pending.add(event.anchor)
        self._open.append(_Open(event, self._position(event)))

    def _close(self) -> None:
        closed = self._open.pop()
        node: Node
        if isinstance(closed.event, MappingStartEvent):
            # Merged keys are counted one by one: many small merges of one large mapping would fill the memory.
            self._grow(sum(len(n.entries) for n in closed.merged if isinstance(n, Mapping)), closed.event)
            node = Mapping(_merge(closed), closed.position)
        else:
            node = Sequence(tuple(closed.items), closed.position)
        if node.size > LARGEST:
            self._fail(f"this expands to more than {LARGEST:,} values", closed.event)
        self._place(self._anchor(closed.event, node), closed.event)

    def _place(self, node: Node, event: Event) -> None:
        """Puts a finished node where it belongs: the root, the open list, or the open mapping."""
        self._grow(1, event)
        if not self._open:
            self._root = node
        elif isinstance(self._open[-1].event, SequenceStartEvent):
            self._open[-1].items.append(node)
        elif (key := self._open[-1].key) is None:
            self._open[-1].key = self._key(node)
        else:
            self._open[-1].key = None
            self._check_colon(key, node, event)
            self._add(self._open[-1], key, node)

    def _add(self, open_: _Open, key: Scalar, node: Node) -> None:
        if key.value is MERGE:
            self._add_merged(open_, key, node)
            return
        mark, name = split_mark(key.value) if isinstance(key.value, str) else ("", key.value)
        previous = open_.entries.get(str(name))
        if previous is not None:
            also = (("first written here", previous.position),)
            self.problems.append(
                Problem(
                    f"the key '{name}' occurs twice in one mapping",
                    key.position,
                    help="keep one",
                    also=also,
                    code="duplicate",
                )
            )
        if isinstance(node, Scalar) and is_secret(str(name), node.value):
            node = Scalar(node.value, node.position, self._place_of(str(name)), node.is_empty, node.written)
        open_.entries[str(name)] = Entry(name, node, key.position, mark)

    def _check_colon(self, key: Scalar, node: Node, event: Event) -> None:
        """In braces `a:1` is a key without a value."""
        is_in_braces = getattr(self._open[-1].event, "flow_style", False)
        if not is_in_braces or not (isinstance(node, Scalar) and node.is_empty and isinstance(key.value, str)):
            return
        name, colon, value = key.value.partition(":")
        before = self.source.text[: event.start_mark.index] if colon and event.start_mark is not None else ":"
        if not before.rstrip().endswith(":"):
            help = f"write '{name}: {value}'" if name and value[:1] != ":" else f"write '{key.value}: ...'"
            what = f"'{key.value}' is a key without a value: a space follows the colon"
            edit = Edit(key.position, key.value, f"{name}: {value}") if name and value[:1] != ":" else None
            self.problems.append(Problem(what, key.position, help=help, code="syntax", edit=edit))

    def _check_comment(self, event: Event, position: Position) -> None:
        """`color: #ff0000` gives nothing to the key; a note of several words is one, and meant so."""
        assert event.start_mark is not None
        index, text = event.start_mark.index, self.source.text
        line = text[index : index + 1000].partition("\n")[0].strip()
        if line.startswith("#") and line.strip("#") and not any(map(str.isspace, line)):
            what = f"'{line}' is a comment here, so that nothing is given"
            self.problems.append(Problem(what, position, help=f"write \"{line}\" for the text, or 'null  # ...'"))

    def _place_of(self, name: str) -> KeyPath | None:
        """The place of a key of the innermost mapping; None where what overrides other files may be elsewhere."""
        keys = [name]
        for above, below in reversed([*pairwise(self._open)]):
            if above.key is None:
                keys.append(str(len(above.items)))
                continue
            mark, key = split_mark(str(above.key.value))
            if above.key.value is MERGE or (mark == "+" and isinstance(below.event, SequenceStartEvent)):
                return None
            keys.append(key)
        # Only at the top of a file is a key with '::' a place.
        return tuple(reversed(keys)) if not any("::" in key or "#" in key for key in keys[:-1]) else None

    def _add_merged(self, open_: _Open, key: Scalar, node: Node) -> None:
        if open_.merged:
            help = "write '<<: [*first, *second]'"
            self.problems.append(Problem("'<<' occurs twice in one mapping", key.position, help=help))
        sources = node.items if isinstance(node, Sequence) else (node,)
        open_.merged.extend(sources)
        if not all(isinstance(source, Mapping) for source in sources):
            is_empty = any(isinstance(source, Scalar) and source.value is None for source in sources)
            what = "'<<' takes a mapping or a list of mappings" + (", and here is nothing" if is_empty else "")
            self.problems.append(Problem(what, key.position, help="write '<<: *anchor'"))

    def _grow(self, count: int, event: Event) -> None:
        self._count += count
        if self._count > LARGEST:
            self._fail(f"a config holds at most {LARGEST:,} keys and values", event)

    def _key(self, node: Node) -> Scalar:
        if isinstance(node, Scalar):
            return node
        self.problems.append(Problem("a key is plain text or a number", node.position))
        return Scalar("", node.position)

    def _waits_for_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].event, MappingStartEvent) and self._open[-1].key is None

    def _scalar(self, event: ScalarEvent) -> Node:
        position = self._position(event)
        value = self._value(event, position)
        # A key is only ever text: what would be a reference as a value is none there.
        if self._waits_for_key():
            return Scalar(MERGE if value == "<<" and event.implicit[0] else value, position)
        if event.value == "" and event.implicit[0] and event.tag is None:
            self._check_comment(event, position)
            return Scalar(None, position, is_empty=True)
        if isinstance(value, str):
            return read_string(value, position, self.problems)
        return plain_node(value, position, event.value if event.tag is None else "")

    def _value(self, event: ScalarEvent, position: Position) -> object:
        tag = event.tag.removeprefix(_CORE) if event.tag else None
        if tag in ("str", "!") or (tag is None and not event.implicit[0]):
            return event.value
        try:
            value = read_scalar(event.value)
        except ValueError:
            self._fail("this number has too many digits", event)
        if tag == "float" and type(value) is int:
            return _as_float(value)
        if tag is not None and type(value) is not _TYPES[tag]:
            self.problems.append(Problem(f"'{event.value}' is not what its tag '!!{tag}' says", position))
        return value

    def _alias(self, event: AliasEvent) -> Node:
        if event.anchor in self._pending:
            self._fail(f"the anchor '{event.anchor}' holds itself", event)
        if event.anchor not in self._anchors:
            near = nearest(str(event.anchor), self._anchors)
            help = f"did you mean '*{near}'?" if near else f"write '&{event.anchor}' before a value above"
            self._fail(f"there is no anchor '{event.anchor}' above", event, help)
        return self._anchors[event.anchor]

    def _anchor(self, event: Event, node: Node) -> Node:
        if anchor := getattr(event, "anchor", None):
            is_merge = isinstance(node, Scalar) and node.value is MERGE
            self._anchors[anchor] = Scalar("<<", node.position) if is_merge else node
            self._pending.discard(anchor)
        return node

    def _check_tag(self, event: NodeEvent) -> None:
        tag = getattr(event, "tag", None)
        if tag and tag != "!" and tag not in _TAGS:
            help = "write '_target_: module.Class' for an object; tags never build anything"
            self._fail(f"the tag '{tag.replace(_CORE, '!!')}' is not known", event, help)

    def _check_collection_tag(self, event: NodeEvent) -> None:
        kind = "map" if isinstance(event, MappingStartEvent) else "seq"
        tag = getattr(event, "tag", None)
        if tag in _TAGS - {_CORE + kind}:
            self._fail(f"the tag '{tag.replace(_CORE, '!!')}' is for another kind of value", event, "leave the tag out")

    def _position(self, event: Event) -> Position:
        start, end = event.start_mark, event.end_mark
        assert start is not None
        assert end is not None
        width = end.column - start.column if end.line == start.line else 10**6
        return Position(self.source, start.line + 1, start.column + 1, max(1, width))

    def _fail(self, what: str, event: Event, help: str = "") -> NoReturn:
        self.problems.append(Problem(what, self._position(event), help=help))
        raise _Stop


def _merge(closed: _Open) -> dict[str, Entry]:
    """The entries of a mapping over those that `<<` brings in, the first of several first."""
    entries: dict[str, Entry] = {}
    for node in reversed(closed.merged):
        if isinstance(node, Mapping):
            entries.update(node.entries)
    return entries | closed.entries


def _as_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


_TYPES: dict[str, type] = {
    "int": int,
    "float": float,
    "bool": bool,
    "null": type(None),
    "map": dict,
    "seq": list,
}
