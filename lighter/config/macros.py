"""Macros: `%place` and `%file::place` replaced by the piece of config they name, before anything is built."""

from collections.abc import Callable, Container
from pathlib import Path

from lighter.config.expressions import with_absolute_places, with_places
from lighter.config.key_path import ROOT, KeyPath, Relative, text
from lighter.config.loading import real_path
from lighter.config.nodes import DEEPEST, LARGEST
from lighter.config.paths import from_source
from lighter.config.tree import (
    Code,
    Macro,
    Mapping,
    Node,
    Reference,
    Scalar,
    Sequence,
    absent,
    child,
    find,
    levels,
    mapped,
    misspelt,
    or_text,
)
from lighter.errors import ConfigError, Position, Problem

Read = Callable[[Path, Position | None], Mapping]


def expand(tree: Mapping, read: Read) -> tuple[Mapping, dict[KeyPath, Position]]:
    """The tree with every macro written out, and where each copy is. Raises ConfigError with all mistakes."""
    work = _Work(read)
    expander = _Expander(tree, work, "")
    expanded = expander.expanded(tree, ROOT)
    if work.problems:
        raise ConfigError(list(dict.fromkeys(work.problems)))  # a file that copies itself is read a second time
    assert isinstance(expanded, Mapping)
    return expanded, expander.copies


class _Work:
    """What the files of one expansion share: how deep it is, which files are read, what was wrong."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self.files: dict[str, _Expander] = {}
        self.problems: list[Problem] = []
        self.active: list[tuple[_Expander, KeyPath]] = []
        self.depth = 0


class _Expander:
    """Writes out the macros of one file; a macro means the file it is written in, also when it is copied further."""

    def __init__(self, root: Mapping, work: _Work, file: str) -> None:
        self.root = root
        self.work = work
        self.file = file
        self.copies: dict[KeyPath, Position] = {}
        self._pieces: dict[KeyPath, Node | None] = {}
        self._without_relatives: set[int] = set()

    def expanded(self, node: Node, at: KeyPath) -> Node:
        """The node with the macros in it written out; one that cannot be had is reported and left as it is."""
        if not isinstance(node, (Macro, Sequence, Mapping)):
            return node
        if self.work.depth > DEEPEST:
            raise ConfigError(
                [Problem(f"macros lead more than {DEEPEST} levels deep", node.position, text(at), code="size")]
            )
        self.work.depth += 1
        try:
            if isinstance(node, Macro):
                return self._copied(node, at)
            made = mapped(node, lambda key, below: self.expanded(below, (*at, key)))
        finally:
            self.work.depth -= 1
        if made is not node and (made.size > LARGEST or made.depth > DEEPEST):
            most = f"{LARGEST:,} values" if made.size > LARGEST else f"{DEEPEST} levels"
            raise ConfigError([Problem(f"macros expand to more than {most}", node.position, code="size")])
        return made

    def _copied(self, macro: Macro, at: KeyPath) -> Node:
        target = macro.target.seen_from(at)
        if target is None:
            what = f"'{macro.written}' leads above the config"
            self.work.problems.append(Problem(what, macro.position, text(at), levels(at), code="reference"))
            return macro
        try:
            source = self if macro.file is None else self._file(macro, macro.file)
            piece = source.piece(target, macro, at)
        except ConfigError as error:
            self.work.problems.extend(error.problems)
            return macro
        if piece is None:
            return macro
        self.copies[at] = macro.position
        if macro.file is not None and target == ROOT:
            return moved(piece, at, source.root.entries.keys(), set())
        return source.with_place(piece, target)

    def with_place(self, piece: Node, target: KeyPath) -> Node:
        """The piece; a plain value then knows where it is defined, for it may be a secret where it is copied to."""
        if not isinstance(piece, Scalar) or find(self.root, target) is not piece:
            return piece
        # Of a list that several sources make up, an item's number is not the one that it has in its own file.
        is_sure = piece.place is None and (self.file or not any(map(str.isdigit, target)))
        return Scalar(piece.value, piece.position, target, piece.is_empty, piece.written) if is_sure else piece

    def _file(self, macro: Macro, file: str) -> "_Expander":
        path = from_source(macro.position.source, file)
        real = real_path(path)
        if real not in self.work.files:
            self.work.files[real] = _Expander(self.work.read(path, macro.position), self.work, file)
        return self.work.files[real]

    def piece(self, target: KeyPath, macro: Macro, at: KeyPath) -> Node | None:
        """The written-out value at a place of this file; None where another mistake, reported before, is in the way."""
        active = self.work.active
        if (self, target) in active:
            chain = (*active[active.index((self, target)) :], (self, target))
            what = f"circular macros: {' -> '.join(expander.named(place) for expander, place in chain)}"
            raise ConfigError([Problem(what, macro.position, text(at), code="circle")])
        if target not in self._pieces:
            active.append((self, target))
            try:
                found = self._found(target, macro, at)
                self._pieces[target] = None  # if writing it out fails: reported once, however often it is copied
                self._pieces[target] = None if found is None else self.expanded(self._anchored(found, target), target)
            finally:
                active.pop()
        return self._pieces[target]

    def _anchored(self, piece: Node, at: KeyPath) -> Node:
        """The piece as it means the same elsewhere; in another file that is so only where it is copied to."""
        return piece if self.file else anchored(piece, at, self._without_relatives)

    def named(self, place: KeyPath) -> str:
        """A place of this file as a macro names it."""
        return f"'%{'::'.join((*filter(None, [self.file]), *place))}'"

    def _found(self, target: KeyPath, macro: Macro, at: KeyPath) -> Node | None:
        """The value at a place, macros on the way there written out."""
        node: Node = self.root
        for depth, key in enumerate(target):
            if isinstance(node, Macro):
                node = self.expanded(node, target[:depth])
            if isinstance(node, Macro):
                return None
            below = child(node, key)
            if below is None:
                what, help = absent(node, target[depth:], target[:depth], len(self.work.problems))
                what = f"{what} in '{self.file}'" if self.file else what
                edit = misspelt(node, target[depth:], macro.position)
                raise ConfigError(
                    [Problem(what, macro.position, text(at), or_text(help, macro.written), code="reference", edit=edit)]
                )
            node = below
        return node


def anchored(node: Node, at: KeyPath, without: set[int]) -> Node:
    """The node at a place, its references made absolute; `without` gathers the ids of nodes without any."""
    if id(node) in without:
        return node
    made = _made(node, at, without)
    if made is node:
        without.add(id(node))
    return made


def moved(node: Node, to: KeyPath, own: Container[str], without: set[int]) -> Node:
    """A whole file laid at a place: what refers to one of its `own` keys finds it below that place.

    `without` gathers the ids of nodes without such a reference.
    """
    if id(node) in without:
        return node

    def target_of(relative: Relative) -> Relative:
        is_own = relative.up == 0 and relative.keys[:1] and relative.keys[0] in own
        return Relative(0, (*to, *relative.keys)) if is_own else relative

    if isinstance(node, Reference) and (target := target_of(node.target)) is not node.target:
        return Reference(f"@{target}", target, node.position)
    if isinstance(node, Macro) and node.file is None and (target := target_of(node.target)) is not node.target:
        return Macro(f"%{target}", None, target, node.position)
    if isinstance(node, Code):
        code = with_places(node.written, target_of)
        return Code(code, node.position) if code != node.written else node
    made = mapped(node, lambda _, below: moved(below, to, own, without))
    if made is node:
        without.add(id(node))
    return made


def _made(node: Node, at: KeyPath, without: set[int]) -> Node:
    if isinstance(node, Reference):
        place = node.target.seen_from(at) if node.target.up else None
        return Reference(f"@{text(place)}", Relative(0, place), node.position) if place else node
    if isinstance(node, Code):
        code = with_absolute_places(node.written, at)
        return Code(code, node.position) if code != node.written else node
    return mapped(node, lambda key, below: anchored(below, (*at, key), without))
