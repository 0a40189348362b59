"""The tree of a config: every value knows its place in the text it came from."""

import re
from collections.abc import Callable, Container, Iterable, Iterator
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from lighter.config.key_path import ROOT, KeyPath, Relative
from lighter.errors import Position

TARGET, ARGS, MODE, REQUIRES, DISABLED, DESCRIPTION = (
    "_target_",
    "_args_",
    "_mode_",
    "_requires_",
    "_disabled_",
    "_desc_",
)
RESERVED = (TARGET, ARGS, MODE, REQUIRES, DISABLED, DESCRIPTION)
MODES = (DEFAULT, CALLABLE, DEBUG) = ("default", "callable", "debug")
# One way to write each position: a place that had two names would be built twice.
_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,9})\Z")


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """A plain value; of a secret, and of a value that was copied, `place` is where its own file defines it."""

    value: object
    position: Position
    place: KeyPath | None = None
    size: ClassVar[int] = 1
    depth: ClassVar[int] = 0
    marked: ClassVar[bool] = False
    inherits: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """`@place`: the object built there."""

    written: str
    target: Relative
    position: Position
    size: ClassVar[int] = 1
    depth: ClassVar[int] = 0
    marked: ClassVar[bool] = False
    inherits: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """`$code`: a Python expression or import statement, as written behind the sign."""

    written: str
    position: Position
    size: ClassVar[int] = 1
    depth: ClassVar[int] = 0
    marked: ClassVar[bool] = False
    inherits: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, eq=False)
class Macro:
    """`%place` or `%file::place`: a piece of config that is copied here as text."""

    written: str
    file: str | None
    target: Relative
    position: Position
    size: ClassVar[int] = 1
    depth: ClassVar[int] = 0
    marked: ClassVar[bool] = False
    inherits: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """A list; `size` counts all values in it, anchors written out.

    `marked` says that there is a `+`, `=` or `~` below, `inherits` that a call below has arguments of another target;
    `histories` tells of the elements that replaced others, by their number, what an Entry tells of its value.
    """

    items: tuple["Node", ...]
    position: Position
    histories: AbstractMapping[str, tuple[Position, ...]] | None = None
    size: int = field(init=False)
    depth: int = field(init=False)
    marked: bool = field(init=False)
    inherits: bool = field(init=False)

    def __post_init__(self) -> None:
        _measure(self, self.items, marked=False, inherits=False)


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A key of a mapping with its value; `mark` is the `+`, `=` or `~` that stood before the key.

    `history` tells where what it replaced stood, oldest first; `inherited` that it was an argument of another target,
    which a later source has replaced.
    """

    key: object
    value: "Node"
    position: Position
    mark: str = ""
    history: tuple[Position, ...] = ()
    inherited: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """A mapping, its entries by the text of their keys."""

    entries: AbstractMapping[str, Entry]
    position: Position
    size: int = field(init=False)
    depth: int = field(init=False)
    marked: bool = field(init=False)
    inherits: bool = field(init=False)

    def __post_init__(self) -> None:
        entries = self.entries.values()
        marked, inherits = any(entry.mark for entry in entries), any(entry.inherited for entry in entries)
        _measure(self, [entry.value for entry in entries], marked, inherits)

    @property
    def is_call(self) -> bool:
        """Whether it has a `_target_` and so stands for what the call gives."""
        return TARGET in self.entries

    def get(self, key: str) -> "Node | None":
        """The value of a key, or None."""
        entry = self.entries.get(key)
        return entry.value if entry is not None else None


Node = Scalar | Reference | Code | Macro | Sequence | Mapping


def _measure(node: Sequence | Mapping, below: Iterable[Node], marked: bool, inherits: bool) -> None:
    size, depth = 1, 0
    for value in below:  # one loop: a large config has many nodes
        size += value.size
        depth = max(depth, value.depth)
        marked = marked or value.marked
        inherits = inherits or value.inherits
    object.__setattr__(node, "size", size)
    object.__setattr__(node, "depth", 1 + depth)
    object.__setattr__(node, "marked", marked)
    object.__setattr__(node, "inherits", inherits)


def children(node: Node) -> Iterator[tuple[str, Node]]:
    """The values directly below a node, each with its key or position as text."""
    if isinstance(node, Mapping):
        for key, entry in node.entries.items():
            yield key, entry.value
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield str(index), item


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
        items = (without(item, dropped, (*at, str(index))) for index, item in enumerate(node.items))
        return replace(node, items=tuple(items))
    assert isinstance(node, Mapping)
    stale = dropped(at, node)
    kept = {key: entry for key, entry in node.entries.items() if key not in stale}
    values = {key: without(entry.value, dropped, (*at, key)) for key, entry in kept.items()}
    return Mapping({key: replace(e, value=values[key], inherited=False) for key, e in kept.items()}, node.position)
