"""The tree of a config: every value knows its place in the text it came from, and is found by its place in the tree."""

import re
from collections.abc import Callable, Container, Iterable, Iterator
from collections.abc import Mapping as AbstractMapping
from typing import ClassVar, Final, NamedTuple, Self

from lighter.config.key_path import ROOT, KeyPath, Relative, parse_path, text
from lighter.errors import Edit, Position, Problem, listing, nearest, respelt, suggestion

TARGET, ARGS, MODE, REQUIRES, DISABLED, CHECK, DESCRIPTION = (
    "_target_",
    "_args_",
    "_mode_",
    "_requires_",
    "_disabled_",
    "_check_",
    "_desc_",
)
RESERVED = (TARGET, ARGS, MODE, REQUIRES, DISABLED, CHECK, DESCRIPTION)
MODES = (DEFAULT, CALLABLE, DEBUG) = ("default", "callable", "debug")
# One way to write each position: a place that had two names would be built twice.
_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,9})\Z")


class _Leaf:
    __slots__ = ()
    size: ClassVar[int] = 1
    depth: ClassVar[int] = 0
    marked: ClassVar[bool] = False
    inherits: ClassVar[bool] = False


class Scalar(_Leaf):
    """A plain value; of a secret, and of a value that was copied, `place` is where its own file defines it.

    `is_empty` says of a null that nothing is written there, not even `null`.
    `written` is a number as it is written, where Python writes it otherwise: `007`, `1.10`.
    """

    __slots__ = ("is_empty", "place", "position", "value", "written")

    def __init__(
        self,
        value: object,
        position: Position,
        place: KeyPath | None = None,
        is_empty: bool = False,
        written: str = "",
    ) -> None:
        self.value: Final = value
        self.position: Final = position
        self.place: Final = place
        self.is_empty: Final = is_empty
        self.written: Final = written


class Reference(_Leaf):
    """`@place`: the object built there."""

    __slots__ = ("position", "target", "written")

    def __init__(self, written: str, target: Relative, position: Position) -> None:
        self.written: Final = written
        self.target: Final = target
        self.position: Final = position


class Code(_Leaf):
    """`$code`: a Python expression or import statement, as written behind the sign."""

    __slots__ = ("position", "written")

    def __init__(self, written: str, position: Position) -> None:
        self.written: Final = written
        self.position: Final = position


class Macro(_Leaf):
    """`%place` or `%file::place`: a piece of config that is copied here as text."""

    __slots__ = ("file", "position", "target", "written")

    def __init__(self, written: str, file: str | None, target: Relative, position: Position) -> None:
        self.written: Final = written
        self.file: Final = file
        self.target: Final = target
        self.position: Final = position


class Sequence:
    """A list; `size` counts all values in it, anchors written out.

    `marked` says that there is a `+`, `=` or `~` below, `inherits` that a call below has arguments of another target;
    `histories` says of the elements that replaced others, by their number, what an Entry says of its value.
    """

    __slots__ = ("depth", "histories", "inherits", "items", "marked", "position", "size")

    def __init__(
        self,
        items: tuple["Node", ...],
        position: Position,
        histories: AbstractMapping[str, tuple[Position, ...]] | None = None,
    ) -> None:
        self.items: Final = items
        self.position: Final = position
        self.histories: Final = histories
        self.size, self.depth, self.marked, self.inherits = _measured(items, marked=False, inherits=False)

    def with_items(self, items: Iterable["Node"]) -> "Sequence":
        """The same with these values."""
        return Sequence(tuple(items), self.position, self.histories)


class Entry(NamedTuple):
    """A key of a mapping with its value; `mark` is the `+`, `=` or `~` before the key.

    `history` says where what it replaced was, oldest first; `inherited` that it was an argument of another target,
    which a later source has replaced.
    """

    key: object
    value: "Node"
    position: Position
    mark: str = ""
    history: tuple[Position, ...] = ()
    inherited: bool = False


class Mapping:
    """A mapping, its entries by the text of their keys."""

    __slots__ = ("depth", "entries", "inherits", "marked", "position", "size")

    def __init__(self, entries: AbstractMapping[str, Entry], position: Position) -> None:
        self.entries: Final = entries
        self.position: Final = position
        below = entries.values()
        marked, inherits = any(entry.mark for entry in below), any(entry.inherited for entry in below)
        measured = _measured([entry.value for entry in below], marked, inherits)
        self.size, self.depth, self.marked, self.inherits = measured

    def with_entries(self, entries: AbstractMapping[str, Entry]) -> Self:
        """The same with these entries."""
        return type(self)(entries, self.position)

    @property
    def is_call(self) -> bool:
        """Whether it has a `_target_` and so means what the call gives."""
        return TARGET in self.entries

    def get(self, key: str) -> "Node | None":
        """The value of a key, or None."""
        entry = self.entries.get(key)
        return entry.value if entry is not None else None


Node = Scalar | Reference | Code | Macro | Sequence | Mapping


def _measured(below: Iterable[Node], marked: bool, inherits: bool) -> tuple[int, int, bool, bool]:
    """The size and depth of a list or mapping, and whether it is marked and inherits, of what is below it."""
    size, depth = 1, 0
    for value in below:  # one loop: a large config has many nodes
        size += value.size
        depth = max(depth, value.depth)
        marked = marked or value.marked
        inherits = inherits or value.inherits
    return size, 1 + depth, marked, inherits


def children(node: Node) -> Iterator[tuple[str, Node]]:
    """The values directly below a node, each with its key or position as text."""
    if isinstance(node, Mapping):
        for key, entry in node.entries.items():
            yield key, entry.value
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield str(index), item


def mapped(node: Node, change: Callable[[str, Node], Node]) -> Node:
    """The node with every value directly below it changed; the node itself where all stay as they are."""
    if isinstance(node, Sequence):
        items = tuple(change(str(index), item) for index, item in enumerate(node.items))
        return node if items == node.items else node.with_items(items)
    if not isinstance(node, Mapping):
        return node
    values = {key: change(key, entry.value) for key, entry in node.entries.items()}
    if all(value is node.entries[key].value for key, value in values.items()):
        return node
    return node.with_entries({key: entry._replace(value=values[key]) for key, entry in node.entries.items()})


def with_value(node: Mapping, key: str, value: Node) -> Mapping:
    """The mapping with another value at a key that it has."""
    return node.with_entries({**node.entries, key: node.entries[key]._replace(value=value)})


def with_texts(node: Mapping, written: AbstractMapping[str, str], at: Position) -> Mapping:
    """The mapping with these keys in front; one that it has keeps its own value."""
    texts = {key: Entry(key, Scalar(value, at), at) for key, value in written.items()}
    return node.with_entries({**texts, **node.entries})


def child(node: Node, key: str) -> Node | None:
    """The value below a node at one key; a list is indexed by number."""
    if isinstance(node, Mapping):
        return node.get(key)
    if isinstance(node, Sequence) and _INDEX.match(key) and int(key) < len(node.items):
        return node.items[int(key)]
    return None


def find(root: Node, path: KeyPath) -> Node | None:
    """The value at a place, or None."""
    node: Node | None = root
    for key in path:
        node = child(node, key) if node is not None else None
    return node


def node_at(root: Node, path: KeyPath) -> Node:
    """The value at a place, or the last one above it: below a reference, nothing is written."""
    for key in path:
        root = child(root, key) or root
    return root


def walk(root: Node, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Node]]:
    """Every value at or below a node with its place, parents first."""
    pending = [(path, root)]
    while pending:
        place, node = pending.pop()
        yield place, node
        pending.extend(reversed([((*place, key), below) for key, below in children(node)]))


def key_position(root: Node, path: KeyPath) -> Position | None:
    """Where the key of a place is written (the value's own place in a list); None when there is no such place."""
    parent = find(root, path[:-1]) if path else None
    if isinstance(parent, Mapping) and path[-1] in parent.entries:
        return parent.entries[path[-1]].position
    node = find(root, path)
    return node.position if node is not None else None


def position_at(tree: Mapping, place: KeyPath) -> Position:
    """Where the key of a place is written, or the tree begins."""
    return key_position(tree, place) or tree.position


def is_nothing(node: Node | None) -> bool:
    """Whether a place is not there, or null."""
    return node is None or (isinstance(node, Scalar) and node.value is None)


def unknown_keys(tree: Mapping, place: KeyPath, known: Iterable[str]) -> Iterator[Problem]:
    """The keys at a place that are none of the known ones; those of a call are its arguments."""
    node, known = find(tree, place), [str(name) for name in known]
    entries = node.entries if isinstance(node, Mapping) and not node.is_call else {}
    for key, entry in entries.items():
        if key not in known:
            help = suggestion(key, known, "it may hold")
            what, edit = f"'{text(place)}' holds no '{key}'", respelt(key, known, entry.position, entries)
            yield Problem(what, entry.position, text((*place, key)), help, code="key", edit=edit)


def inherited(root: Node) -> frozenset[KeyPath]:
    """The places of all arguments that an earlier source gave to another target."""
    nodes = walk(root) if root.inherits else ()
    calls = ((at, node.entries.items()) for at, node in nodes if isinstance(node, Mapping))
    return frozenset((*at, key) for at, entries in calls for key, entry in entries if entry.inherited)


def without(node: Node, dropped: Callable[[KeyPath, Mapping], Container[str]], at: KeyPath = ROOT) -> Node:
    """The node without the inherited arguments that `dropped` names of a call; the others are its own from then on."""
    if not node.inherits:
        return node
    if isinstance(node, Sequence):
        return node.with_items(without(item, dropped, (*at, str(index))) for index, item in enumerate(node.items))
    assert isinstance(node, Mapping)
    stale = dropped(at, node)
    kept = {key: entry for key, entry in node.entries.items() if key not in stale}
    values = {key: without(entry.value, dropped, (*at, key)) for key, entry in kept.items()}
    return Mapping({key: e._replace(value=values[key], inherited=False) for key, e in kept.items()}, node.position)


HELPED = 200  # mistakes for which the nearest name is looked up; nobody reads on, and each takes its time


def named(id: str, tree: Mapping) -> Node | None:
    """What is at a place; a text that can be no place's name names none."""
    if not isinstance(id, str):
        raise TypeError(f"a place is named by a text such as 'system::model', not by {id!r}")
    try:
        return find(tree, parse_path(id))
    except ValueError:
        return None


def absence(id: str, tree: Mapping) -> Problem:
    """What is wrong with a name at which there is nothing."""
    try:
        what, help = absent(tree, parse_path(id))
    except ValueError as error:
        what, help = str(error), "write 'a::b'"
    return Problem(what, help=help, code="reference")


def absent(root: Node, path: KeyPath, at: KeyPath = (), reported: int = 0) -> tuple[str, str]:
    """What is wrong with a place below `root` (which is at `at`), and the nearest one that exists.

    `reported` is the number of mistakes reported before it.
    """
    node, depth = _reached(root, path)
    parent, key = text((*at, *path[:depth])), path[min(depth, len(path) - 1)]
    what = f"there is no '{text((*at, *path))}'"
    if reported > HELPED:
        return what, ""
    if isinstance(node, Sequence) and not node.items:
        return what, f"'{parent}' is an empty list"
    if isinstance(node, Sequence):
        return what, f"'{parent}' is a list of {len(node.items)}, counted from 0 to {len(node.items) - 1}"
    if not isinstance(node, Mapping):
        return what, _of_single(node, parent, path[depth:])
    if depth == 0 and not at and (found := _otherwise(node, path)):
        return what, f"did you mean '{text(found)}'?"
    close = nearest(key, node.entries)
    if close is not None:
        return what, f"did you mean '{text((*at, *path[:depth], close, *path[depth + 1 :]))}'?"
    where = f"'{parent}'" if parent else "the config"
    return what, f"{where} has {listing(node.entries)}" if node.entries else f"{where} is empty"


def _otherwise(root: Mapping, path: KeyPath) -> KeyPath | None:
    """The place that a path means, if it leaves out the first keys or has dots between them."""
    if found := one_level_down(root, path):
        return found
    names = tuple(name for key in path for name in key.split("."))
    if not all(names):
        return None
    if names != path and find(root, names) is not None:
        return names
    places = ending(root, names)
    return places[0] if len(places) == 1 else None


def misspelt(root: Node, path: KeyPath, position: Position) -> Edit | None:
    """The edit of a path, written at this position, that leads nowhere below `root`; None where it has no one cure."""
    node, depth = _reached(root, path)
    if depth == len(path) or not isinstance(node, Mapping) or (depth == 0 and _otherwise(node, path)):
        return None
    return respelt(path[depth], node.entries, position)


def _reached(root: Node, path: KeyPath) -> tuple[Node, int]:
    """The node that is reached by as many keys of a path as lead anywhere, and their number."""
    node, depth = root, 0
    while depth < len(path) and (below := child(node, path[depth])) is not None:
        node, depth = below, depth + 1
    return node, depth


def one_level_down(root: Mapping, path: KeyPath) -> KeyPath | None:
    """A place that ends as `path` does, right below a key of the root: `vars::size` for `size`."""
    places = ((key, *path) for key in root.entries)
    return next((place for place in places if find(root, place) is not None), None)


SEARCHED = 20_000  # values among which the last names of a place are looked for


def ending(root: Node, names: KeyPath) -> list[KeyPath]:
    """The places that end with these names, those near the root first; what only refers to another place comes last."""
    if root.size > SEARCHED:
        return []
    found = [(place, node) for place, node in walk(root) if place[-len(names) :] == names]
    own = [place for place, node in found if not isinstance(node, Reference | Macro)]
    return sorted(own or [place for place, _ in found], key=len)


def or_text(help: str, written: str) -> str:
    """The help for a reference or macro that leads nowhere: a single word may have been meant as text."""
    if help.startswith("did you mean") or "::" in written or "#" in written:
        return help
    return "; ".join(filter(None, (help, as_text(written[0]))))


def as_text(sign: str) -> str:
    """How a text is written that is no reference or macro."""
    return f"a text that begins with '{sign}' is written with '{sign}{sign}'"


def levels(place: KeyPath) -> str:
    """The help for a reference or macro that climbs too far."""
    plural = "s" if len(place) > 1 else ""
    return f"each '::' in front climbs one level, and '{text(place)}' is {len(place)} level{plural} deep"


def _of_single(node: Node, parent: str, rest: KeyPath) -> str:
    if isinstance(node, (Macro, Reference)):
        named = f"copied from '{node.written[1:]}'" if isinstance(node, Macro) else f"'{node.written}'"
        return f"'{parent}' is {named}: write '{node.written[1:]}::{text(rest)}'"
    if isinstance(node, Code):
        return f"'{parent}' is an expression, which has nothing below it"
    return f"'{parent}' is a single value"
