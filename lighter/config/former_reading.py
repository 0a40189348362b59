"""A config of Lighter 0.0.4 or 0.0.5 read as it was meant there: what it means here, and a note for each old spelling.

A note is a warning that says what to write, with the edit where it is one of a line.
"""

import keyword
import os
import re
from collections.abc import Iterable
from pathlib import Path

from lighter.config.expressions import referred
from lighter.config.former import HASH, OLD, RAW, SPELLINGS, Spelling
from lighter.config.key_path import ROOT, KeyPath, parse_path, parse_relative, text
from lighter.config.paths import expanded, from_source, path_at, path_keys
from lighter.config.scalars import SUFFIXES
from lighter.config.schema import PROJECT, SYSTEM, SYSTEM_TARGET, means, usual_target
from lighter.config.tree import (
    REQUIRES,
    TARGET,
    Code,
    Entry,
    Macro,
    Mapping,
    Node,
    Reference,
    Scalar,
    Sequence,
    find,
    mapped,
    walk,
)
from lighter.errors import OVERRIDE, Edit, Position, Problem, Source

_OLD = frozenset(key for one in SPELLINGS for key in one.old) - {TARGET}
_TARGETS = frozenset(name for one in SPELLINGS if one.old == (TARGET,) for name in one.of)


def apart(source: str) -> list[str]:
    """The files of one word, as `a.yaml,b.yaml` named several; any other source alone."""
    files = [file.strip() for file in source.split(",")]
    are_files = len(files) > 1 and all(file.endswith(SUFFIXES) for file in files)
    return files if are_files and not os.path.exists(source) else [source]  # noqa: PTH110  # False for any text


def joined(source: str) -> Problem:
    """The note for files in one word."""
    position = Position(Source(f"{OVERRIDE}{source}", has_lines=False))
    return _note("files joined by commas", f"{' '.join(apart(source))}", position, "")


def extending(base: Mapping, over: Mapping, notes: list[Problem], at: KeyPath = ROOT) -> Mapping:
    """A file joined to others with a comma: its lists add to theirs, as if they had a `+`."""
    entries = {key: _extending(base, key, entry, notes, at) for key, entry in over.entries.items()}
    return over.with_entries(entries)


def _extending(base: Mapping, key: str, entry: Entry, notes: list[Problem], at: KeyPath) -> Entry:
    path = parse_path(key) if not at else (key,)
    old, new = find(base, path), entry.value
    if entry.mark:
        return entry
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return entry._replace(value=extending(old, new, notes, (*at, *path)))
    if isinstance(old, Sequence) and isinstance(new, Sequence) and old.items:
        edit = Edit(entry.position, key, f"+{key}")
        place = text((*at, *path))
        notes.append(_note("a list that adds to that of an earlier file", f"+{key}:", entry.position, place, edit=edit))
        return entry._replace(mark="+")
    return entry


def reread(tree: Mapping, written: Mapping, parts: Iterable[Mapping]) -> tuple[Mapping, list[Problem]]:
    """The tree in the spelling of today, and a note for each old one; `written` is it before its macros are copied."""
    reader = _Reader(tree)
    made = reader.with_requirements(reader.respelt() if _may_be_old(tree) else tree)
    made = reader.with_project(made)
    if reader.notes:
        made = reader.with_paths(made)
        reader.note_hashes(written, parts)
    # A piece that is copied to several places is written once.
    found: dict[object, Problem] = {}
    for note in reader.notes:
        found.setdefault((note.position, note.what), note)
    return made, [*found.values()]


def respelt(tree: Mapping) -> Mapping:
    """A tree whose macros are not copied yet, in the spelling of today."""
    reader = _Reader(tree)
    return reader.with_requirements(reader.respelt())


def is_formers(tree: Mapping) -> bool:
    """Whether a config names its System as a former Lighter had to, or has one of its spellings."""
    return _names_system(tree) or _Reader(tree).respelt() is not tree


def told(notes: Iterable[Problem]) -> list[Problem]:
    """One note for each old spelling, with the other places that have it."""
    found: dict[str, list[Problem]] = {}
    for note in notes:
        found.setdefault(note.what, []).append(note)
    return [first._replace(again=tuple(_where(one) for one in more)) for first, *more in found.values()]


def _where(note: Problem) -> str:
    return f"{note.position} {note.place}".strip()


def _note(old: str, new: str, position: Position, place: str, *, edit: Edit | None = None, beside: str = "") -> Problem:
    help = "; ".join(filter(None, [f"write '{new}'" if new else "leave it out", beside]))
    return Problem(f"{old}: a spelling of {OLD}", position, place, help, code="former", edit=edit, is_warning=True)


class _Reader:
    """One walk over a tree, which gathers the notes."""

    def __init__(self, tree: Mapping) -> None:
        self.tree = tree
        self.notes: list[Problem] = []

    def respelt(self) -> Mapping:
        """The tree in the spelling of today."""
        made = self._respelt(self.tree, ROOT)
        assert isinstance(made, Mapping)
        return made

    def _respelt(self, node: Node, at: KeyPath) -> Node:
        if isinstance(node, Code):
            return self._without_raw(node, at) if "%" in node.written else node
        if not isinstance(node, (Mapping, Sequence)):
            return node
        node = mapped(node, lambda key, below: self._respelt(below, (*at, key)))
        if isinstance(node, Mapping) and (node.is_call or usual_target(at)):
            for spelling in SPELLINGS:
                node = self._changed(spelling, node, at)
        return node

    def _changed(self, spelling: Spelling, node: Mapping, at: KeyPath) -> Mapping:
        old = tuple(key for key in node.entries if key in spelling.old)
        if not old or not spelling.of.intersection(_names(node, at)):
            return node
        changed = spelling.change(node, at, old)
        if changed is None:
            return node
        from lighter.config.former_edits import line_edits  # only an old spelling pays for it

        edits = line_edits(node, spelling, changed)
        for key, new in changed.written.items():
            entry = node.entries[key]
            name = f"'{key}'"
            if key == TARGET:
                name = f"'{entry.value.value}'" if isinstance(entry.value, Scalar) else name
            position = entry.value.position if key == TARGET else entry.position
            self.notes.append(_note(name, new, position, text((*at, key)), edit=edits.get(key), beside=changed.beside))
        return changed.node

    def _without_raw(self, node: Code, at: KeyPath) -> Code:
        """An expression with `@place` for `%place`, where that is a plain value."""
        written = node.written
        for match in reversed([*RAW.finditer(written)]):
            made = f"{written[: match.start()]}@{match['place']}{written[match.end() :]}"
            place = parse_relative(match["place"]).seen_from(at)
            value = find(self.tree, place) if place is not None else None
            if value is None or _calls(value) or not _begins_value(written[: match.start()]):
                continue
            if len(referred(made)) == len(referred(written)) + 1:  # and so not within a text
                edit = Edit(node.position, match[0], f"@{match['place']}")
                note = _note("'%' within an expression", f"@{match['place']}", node.position, text(at), edit=edit)
                self.notes.append(note)
                written = made
        return Code(written, node.position)

    def with_requirements(self, tree: Mapping) -> Mapping:
        """A top-level `_requires_` as that of the system."""
        system, entry = tree.get(SYSTEM), tree.entries.get(REQUIRES)
        if entry is None or not isinstance(system, Mapping) or REQUIRES in system.entries:
            return tree
        place = f"{SYSTEM}::{REQUIRES}"
        edit = Edit(entry.position, REQUIRES, place)
        self.notes.append(_note(f"'{REQUIRES}' at the top", f"{place}:", entry.position, REQUIRES, edit=edit))
        moved = system.with_entries({REQUIRES: entry, **system.entries})
        entries = {key: one for key, one in tree.entries.items() if key != REQUIRES}
        return tree.with_entries({**entries, SYSTEM: entries[SYSTEM]._replace(value=moved)})

    def with_project(self, tree: Mapping) -> Mapping:
        """A `project` that starts from the working folder, as it did there, written out whole."""
        entry = tree.entries.get(PROJECT)
        node = entry.value if entry is not None else None
        if entry is None or not isinstance(node, Scalar) or not isinstance(node.value, str):
            return tree
        source, here = node.position.source, Path(expanded(node.value))
        there = from_source(source, node.value)
        if source.path is None or here.is_absolute() or not here.is_dir() or here.resolve() == there.resolve():
            return tree
        if not _names_system(tree) if not there.exists() else not self.notes:
            return tree
        new = Path(os.path.relpath(here, source.folder)).as_posix()
        is_text = any("@project" in one.written for _, one in walk(tree) if isinstance(one, (Code, Reference)))
        from lighter.config.former_edits import value_edit

        edit = value_edit(entry, new) if not is_text else None
        self.notes.append(
            _note(f"'{PROJECT}' from the working folder", f"{PROJECT}: {new}", node.position, PROJECT, edit=edit)
        )
        whole = entry._replace(value=Scalar(str(here.resolve()), node.position, node.place))
        return tree.with_entries({**tree.entries, PROJECT: whole})

    def with_paths(self, tree: Mapping) -> Mapping:
        """What is known to be a path starts from the working folder, as it did there; the project is one already."""

        def started(node: Node, at: KeyPath) -> Node:
            made = mapped(node, lambda key, below: started(below, (*at, key)))
            if not isinstance(made, Mapping):
                return made
            entries = dict(made.entries)
            for key in path_keys(at, node):
                whole = self._from_here(tree, (*at, key), entries[key]) if key in entries else None
                if whole is not None:
                    entries[key] = entries[key]._replace(value=whole)
            return made.with_entries(entries)

        made = started(tree, ROOT)
        assert isinstance(made, Mapping)
        return made

    def _from_here(self, tree: Mapping, at: KeyPath, entry: Entry) -> Scalar | None:
        node, path = entry.value, path_at(tree, at)
        if path is None or not isinstance(node, Scalar) or node.position.source.path is None:
            return None
        here, folder = Path(expanded(str(node.value))), node.position.source.folder
        if here.is_absolute() or here.absolute() == Path(path).absolute():
            return None
        new = Path(os.path.relpath(here, folder)).as_posix()
        old = f"'{at[-1]}' from the working folder"
        from lighter.config.former_edits import value_edit

        self.notes.append(_note(old, f"{at[-1]}: {new}", node.position, text(at), edit=value_edit(entry, new)))
        return Scalar(str(here.absolute()), node.position, node.place)

    def note_hashes(self, written: Mapping, parts: Iterable[Mapping]) -> None:
        """A note for each `#` in a reference or in the name of a place, which are read as they are."""
        for at, node in walk(written):
            if isinstance(node, (Reference, Macro, Code)):
                for match in re.finditer(HASH, node.written):
                    self._note_hash(match[0], node.position, text(at))
        for part in parts:
            for key, entry in part.entries.items():
                self._note_hash(key, entry.position, key)

    def _note_hash(self, old: str, position: Position, place: str) -> None:
        if "#" in old:
            new = old.replace("#", "::")
            self.notes.append(_note(f"'#' in '{old}'", new, position, place, edit=Edit(position, old, new)))


def _may_be_old(tree: Mapping) -> bool:
    """Whether a walk is worth its time: a key or target of the table is there, or a `%` in an expression."""
    pending: list[Node] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, Mapping):
            target = node.get(TARGET)
            if not _OLD.isdisjoint(node.entries) or (isinstance(target, Scalar) and str(target.value) in _TARGETS):
                return True
            pending.extend(entry.value for entry in node.entries.values())
        elif isinstance(node, Sequence):
            pending.extend(node.items)
        elif isinstance(node, Code) and RAW.search(node.written):
            return True
    return False


def _names(node: Mapping, at: KeyPath) -> set[str]:
    """What a call is known as: its target, and the last name of one of Lighter's."""
    target = node.get(TARGET)
    name = target.value if isinstance(target, Scalar) else usual_target(at) if target is None else None
    if not isinstance(name, str):
        return set()
    return {name, name.rpartition(".")[2]} if name.partition(".")[0] == "lighter" else {name}


def _names_system(tree: Mapping) -> bool:
    """Whether `system` says that it is Lighter's, as it had to there."""
    target = find(tree, (SYSTEM, TARGET))
    return isinstance(target, Scalar) and means(target.value, SYSTEM_TARGET)


def _calls(node: Node) -> bool:
    return any(isinstance(one, Mapping) and one.is_call for _, one in walk(node))


def _begins_value(before: str) -> bool:
    """Whether a value may begin behind this code, so that a `%` there is no operator."""
    word = re.search(r"\w+\Z", before := before.rstrip())
    return keyword.iskeyword(word[0]) if word else before[-1:] not in (")", "]", "}", "'", '"', "%")
