"""An entry over what stood at its place: mappings merge, all else replaces; `+` adds, `=` replaces, `~` removes."""

from collections.abc import Container
from dataclasses import replace

from lighter.config.lookup import absent
from lighter.config.paths import Path, text
from lighter.config.schema import usual_target
from lighter.config.tree import RESERVED, TARGET, Code, Entry, Macro, Mapping, Node, Reference, Scalar, Sequence
from lighter.errors import Position, Problem

__all__ = ["combined", "inheriting", "merged", "unmarked"]


def merged(base: Mapping, over: Mapping, at: Path, problems: list[Problem]) -> Mapping:
    """One mapping over another."""
    entries = dict(base.entries)
    for key, entry in over.entries.items():
        below = (*at, key)
        if entry.mark != "~":
            entries[key] = combined(entries.get(key), entry, below, problems)
        elif entries.pop(key, None) is None:
            what, help = absent(base, (key,), at)
            problems.append(Problem(f"{what} to remove", entry.position, text(below), help))
    entries = inheriting(entries, base.get(TARGET), over.entries, at)
    return Mapping(entries, base.position if base.entries else over.position)


def inheriting(entries: dict[str, Entry], old: Node | None, given: Container[str], at: Path) -> dict[str, Entry]:
    """The entries of a mapping; where its target is another than before, those not given again are marked for it."""
    new = entries[TARGET].value if TARGET in entries else None
    before = _name(old) if old is not None else usual_target(at)
    if new is None or before is None or before == _name(new):
        return entries
    return {
        key: entry if key in given or key in RESERVED else replace(entry, inherited=True)
        for key, entry in entries.items()
    }


def combined(previous: Entry | None, entry: Entry, at: Path, problems: list[Problem]) -> Entry:
    """The entry that results where `entry` meets what stood there before; what is added to stays where it was."""
    if previous is not None and entry.mark != "=":
        old, new = previous.value, entry.value
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            return replace(previous, value=merged(old, new, at, problems), inherited=False)
        if entry.mark == "+" and isinstance(old, Sequence):
            more = unmarked(new, at, problems)
            return replace(previous, value=_appended(old, more), inherited=False)
        if entry.mark == "+":
            what = f"'+' adds to a list or a mapping, and '{text(at)}' is neither"
            if isinstance(old, Mapping):
                what = f"'{text(at)}' is a mapping: '+' adds a mapping to it"
            problems.append(Problem(what, entry.position, text(at), "leave out the '+' to replace it"))
    history = _history(previous, entry) if previous is not None else entry.history
    return replace(entry, value=unmarked(entry.value, at, problems), mark="", history=history)


def unmarked(node: Node, at: Path, problems: list[Problem]) -> Node:
    """The node with the marks below it carried out, where nothing stood before."""
    if not node.marked:
        return node
    if isinstance(node, Sequence):
        return Sequence(tuple(unmarked(item, at, problems) for item in node.items), node.position)
    assert isinstance(node, Mapping)
    return merged(Mapping({}, node.position), node, at, problems)


def _history(previous: Entry, entry: Entry) -> tuple[Position, ...]:
    """Where what an entry replaces stood, each place once: files that share their bases would multiply them."""
    before = dict.fromkeys((*previous.history, previous.position, *entry.history))
    return tuple(position for position in before if position != entry.position)


def _appended(old: Sequence, new: Node) -> Sequence:
    return replace(old, items=(*old.items, *(new.items if isinstance(new, Sequence) else (new,))))


def _name(target: Node) -> str:
    """A target as it is written, to tell whether it is another one."""
    if isinstance(target, (Reference, Code, Macro)):
        return f"{type(target).__name__} {target.written}"
    return str(target.value) if isinstance(target, Scalar) else ""
