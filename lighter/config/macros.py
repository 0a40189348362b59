"""Macros: `%place` and `%file::place` replaced by the piece of config they name, before anything is built."""

from collections.abc import Callable
from pathlib import Path as FilePath

from lighter.config.lookup import absent
from lighter.config.nodes import DEEPEST, LARGEST
from lighter.config.paths import ROOT, Path, text
from lighter.config.tree import Entry, Macro, Mapping, Node, Sequence, child
from lighter.errors import ConfigError, Problem
from lighter.source import Position

Read = Callable[[FilePath, Position | None], Mapping]

__all__ = ["expand"]


def expand(tree: Mapping, read: Read) -> tuple[Mapping, dict[Path, Position]]:
    """The tree with every macro written out, and where each copy stands. Raises ConfigError with all mistakes."""
    problems: list[Problem] = []
    expander = _Expander(tree, read, {}, problems)
    expanded = expander.expanded(tree, ROOT)
    if problems:
        raise ConfigError(problems)
    assert isinstance(expanded, Mapping)
    return expanded, expander.copies


class _Expander:
    """Writes out the macros of one file; a macro means the file it stands in, also when it is copied further."""

    def __init__(self, root: Mapping, read: Read, files: dict[FilePath, "_Expander"], problems: list[Problem]) -> None:
        self.root = root
        self.read = read
        self.files = files
        self.problems = problems
        self.copies: dict[Path, Position] = {}
        self._pieces: dict[Path, Node | None] = {}
        self._active: list[Path] = []

    def expanded(self, node: Node, at: Path) -> Node:
        if isinstance(node, Macro):
            piece = self._piece_of(node, at)
            if piece is not None:
                self.copies[at] = node.position
            return piece if piece is not None else node
        if isinstance(node, Sequence):
            items = tuple(self.expanded(item, (*at, str(index))) for index, item in enumerate(node.items))
            return node if items == node.items else self._measured(Sequence(items, node.position))
        if isinstance(node, Mapping):
            values = {key: self.expanded(entry.value, (*at, key)) for key, entry in node.entries.items()}
            if all(value is node.entries[key].value for key, value in values.items()):
                return node
            entries = {key: Entry(e.key, values[key], e.position, e.mark) for key, e in node.entries.items()}
            return self._measured(Mapping(entries, node.position))
        return node

    def _piece_of(self, macro: Macro, at: Path) -> Node | None:
        target = macro.target.seen_from(at)
        if target is None:
            self.problems.append(Problem(f"'{macro.written}' leads above the config", macro.position, text(at)))
            return None
        try:
            source = self if macro.file is None else self._file(macro, macro.file)
            return source.piece(target, macro, at)
        except ConfigError as error:
            self.problems.extend(error.problems)
            return None

    def _file(self, macro: Macro, file: str) -> "_Expander":
        path = macro.position.source.folder / file
        real = path.resolve()
        if real not in self.files:
            tree = self.read(path, macro.position)
            self.files[real] = _Expander(tree, self.read, self.files, self.problems)
        return self.files[real]

    def piece(self, target: Path, macro: Macro, at: Path) -> Node | None:
        """The written-out value at a place of this file; None when it could not be had and that was told before."""
        if target in self._pieces:
            return self._pieces[target]
        if target in self._active:
            chain = " -> ".join(f"'{text(p)}'" for p in (*self._active[self._active.index(target) :], target))
            raise ConfigError([Problem(f"macros lead in a circle: {chain}", macro.position, text(at))])
        if len(self._active) >= DEEPEST:
            raise ConfigError([Problem(f"macros copy macros more than {DEEPEST} deep", macro.position, text(at))])
        self._active.append(target)
        try:
            self._pieces[target] = self.expanded(self._found(target, macro, at), target)
        finally:
            self._active.pop()
        return self._pieces[target]

    def _found(self, target: Path, macro: Macro, at: Path) -> Node:
        """The value at a place, macros on the way there written out."""
        node: Node = self.root
        for depth, key in enumerate(target):
            below = child(node, key)
            if below is None:
                what, help = absent(node, target[depth:], target[:depth])
                raise ConfigError([Problem(what, macro.position, text(at), help)])
            on_the_way = isinstance(below, Macro) and depth + 1 < len(target)
            node = self.expanded(below, target[: depth + 1]) if on_the_way else below
        return node

    def _measured(self, node: Node) -> Node:
        if node.size > LARGEST:
            raise ConfigError([Problem(f"macros expand to more than {LARGEST:,} values", node.position)])
        return node
