"""One tree over another: mappings merge, all else replaces; `+` adds, `=` replaces whole, `~` removes."""

from dataclasses import replace

from lighter.config.lookup import absent
from lighter.config.paths import ROOT, Path, parse_path, text
from lighter.config.schema import takes_new_keys
from lighter.config.tree import Entry, Mapping, Node, Sequence, child
from lighter.errors import ConfigError, Problem
from lighter.source import Position

__all__ = ["lay", "place"]


def lay(base: Mapping, over: Mapping) -> Mapping:
    """`over` on top of `base`; its top-level keys may be places (`a::b`). Raises ConfigError with all mistakes."""
    problems: list[Problem] = []
    placed = {key: entry for key, entry in over.entries.items() if "::" in key or "#" in key}
    plain = {key: entry for key, entry in over.entries.items() if key not in placed}
    laid = _lay(base, Mapping(plain, over.position), ROOT, problems)
    for key, entry in placed.items():
        try:
            laid = _place(laid, parse_path(key), entry, ROOT, free=True)
        except ValueError as error:
            problems.append(Problem(str(error), entry.position))
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)
    return laid


def place(tree: Mapping, path: Path, entry: Entry) -> Mapping:
    """The tree with an override's entry at a place. Raises ConfigError where nothing may stand there."""
    if not path:
        raise ConfigError([Problem("an override names no place", entry.position, help="write 'a::b=value'")])
    return _place(tree, path, entry, ROOT, free=False)


def _lay(base: Mapping, over: Mapping, at: Path, problems: list[Problem]) -> Mapping:
    entries = dict(base.entries)
    for key, entry in over.entries.items():
        below = (*at, key)
        if entry.mark != "~":
            entries[key] = _combined(entries.get(key), entry, below, problems)
        elif entries.pop(key, None) is None:
            problems.append(_nothing_to_remove(base, below, (key,), entry.position))
    return Mapping(entries, over.position if not base.entries else base.position)


def _combined(previous: Entry | None, entry: Entry, at: Path, problems: list[Problem]) -> Entry:
    """The entry that results where `entry` meets what stood there before."""
    old, new = previous.value if previous else None, entry.value
    value: Node
    if entry.mark == "+" and isinstance(old, Sequence):
        value = Sequence((*old.items, *(new.items if isinstance(new, Sequence) else (new,))), old.position)
    elif entry.mark == "+" and old is not None and not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        what = f"'+' adds to a list or a mapping, and '{text(at)}' is neither"
        problems.append(Problem(what, entry.position, text(at), "leave out the '+' to replace it"))
        value = new
    elif entry.mark != "=" and isinstance(old, Mapping) and isinstance(new, Mapping):
        value = _lay(old, new, at, problems)
    else:
        value = _unmarked(new, at, problems)
    return replace(entry, value=value, mark="")


def _unmarked(node: Node, at: Path, problems: list[Problem]) -> Node:
    """The node with the marks below it carried out, where nothing stood before."""
    if not node.marked:
        return node
    if isinstance(node, Sequence):
        return Sequence(tuple(_unmarked(item, at, problems) for item in node.items), node.position)
    assert isinstance(node, Mapping)
    return _lay(Mapping({}, node.position), node, at, problems)


def _place(node: Node, path: Path, entry: Entry, at: Path, free: bool) -> Mapping:
    changed = _changed(node, path, entry, at, free)
    assert isinstance(changed, Mapping)
    return changed


def _changed(node: Node, path: Path, entry: Entry, at: Path, free: bool) -> Node:
    """The node with `entry` at a place below it."""
    key, rest = path[0], path[1:]
    old = child(node, key)
    if old is None and (entry.mark == "~" or not _may_create(node, entry, at, free, bool(rest))):
        raise ConfigError([_refused(node, path, entry, at)])
    if rest and isinstance(old, (Mapping, Sequence)):
        return _with(node, key, replace(entry, key=key, mark="", value=_changed(old, rest, entry, (*at, key), free)))
    if rest:
        if old is not None:
            raise ConfigError([_refused(old, rest, entry, (*at, key))])
        return _with(node, key, replace(entry, key=key, mark="", value=_nested(rest, entry)))
    if entry.mark == "~":
        return _without(node, key)
    problems: list[Problem] = []
    previous = None if old is None else Entry(key, old, entry.position)
    combined = _combined(previous, entry, (*at, key), problems)
    if problems:
        raise ConfigError(problems)
    return _with(node, key, combined)


def _may_create(node: Node, entry: Entry, at: Path, free: bool, deeper: bool) -> bool:
    if not isinstance(node, Mapping):
        return False
    return takes_new_keys(at, node) or (not deeper and (free or entry.mark == "+"))


def _nested(path: Path, entry: Entry) -> Node:
    """New mappings down to an entry."""
    value = entry.value
    for key in reversed(path):
        value = Mapping({key: Entry(key, value, entry.position)}, entry.position)
    return value


def _with(node: Node, key: str, entry: Entry) -> Node:
    if isinstance(node, Sequence):
        items = list(node.items)
        items[int(key)] = entry.value
        return Sequence(tuple(items), node.position)
    assert isinstance(node, Mapping)
    previous = node.entries.get(key)
    # A value deeper down was set: the key itself still stands where it was first written.
    if previous is not None and isinstance(entry.value, (Mapping, Sequence)):
        entry = replace(entry, key=previous.key, position=previous.position)
    return Mapping({**node.entries, key: entry}, node.position)


def _without(node: Node, key: str) -> Node:
    if isinstance(node, Sequence):
        return Sequence(node.items[: int(key)] + node.items[int(key) + 1 :], node.position)
    assert isinstance(node, Mapping)
    return Mapping({k: e for k, e in node.entries.items() if k != key}, node.position)


def _refused(node: Node, path: Path, entry: Entry, at: Path) -> Problem:
    what, help = absent(node, path, at)
    if isinstance(node, Mapping) and len(path) == 1 and entry.mark != "~":
        add = f"to add a new key write '+{text((*at, *path))}=...'"
        help = f"{help}; {add}" if help else add
    return Problem(what, entry.position, "" if not entry.position.source.has_lines else text((*at, *path)), help)


def _nothing_to_remove(base: Mapping, at: Path, path: Path, position: Position) -> Problem:
    what, help = absent(base, path, at[:-1])
    return Problem(f"{what} to remove", position, text(at), help)
