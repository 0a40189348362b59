"""An entry over what was at its place: mappings merge, all else replaces; `+` adds, `=` replaces, `~` removes."""

from collections.abc import Container, Iterable

from lighter.config.elements import (
    counted,
    entries_of,
    holds_positions,
    inserted,
    key_beside,
    numbered,
    remaining,
    with_entries,
)
from lighter.config.key_path import ROOT, KeyPath, parse_path, text
from lighter.config.nodes import DEEPEST
from lighter.config.schema import BY_NAME_OR_LISTED, LOADERS, METRICS, takes_new_key, usual_target
from lighter.config.tree import (
    RESERVED,
    TARGET,
    Code,
    Entry,
    Macro,
    Mapping,
    Node,
    Reference,
    Scalar,
    Sequence,
    absent,
    walk,
)
from lighter.errors import ConfigError, Position, Problem, Source

_Edit = tuple[KeyPath, Entry]  # a place, and the entry for it


def merge(base: Mapping, over: Mapping) -> Mapping:
    """`over` on top of `base`; its top-level keys may be places (`a::b`). Raises ConfigError with all mistakes."""
    problems: list[Problem] = []
    plain = {key: entry for key, entry in over.entries.items() if "::" not in key and "#" not in key}
    early, late = _placed(over, plain, problems)
    made = _edited(base, early, True, problems) if early else base
    made = merged(made, Mapping(plain, over.position), ROOT, problems)
    made = _edited(made, late, True, problems) if late else made
    if problems:
        raise ConfigError(problems)
    return made


def place(tree: Mapping, path: KeyPath, entry: Entry) -> Mapping:
    """The tree with an override's entry at a place. Raises ConfigError where nothing may be there."""
    if not path:
        raise ConfigError([Problem("an override names no place", entry.position, help="write 'a::b=value'")])
    problems: list[Problem] = []
    made = _edited(tree, [(path, entry)], False, problems)
    if problems:
        raise ConfigError(problems)
    return made


def _placed(over: Mapping, plain: Container[str], problems: list[Problem]) -> tuple[list[_Edit], list[_Edit]]:
    """The entries at places: those written before the plain key that they are below, and all others."""
    early: list[_Edit] = []
    late: list[_Edit] = []
    passed: set[str] = set()
    for key, entry in over.entries.items():
        if key in plain:
            passed.add(key)
            continue
        try:
            path = parse_path(key)
        except ValueError as error:
            problems.append(Problem(str(error), entry.position, help="write 'a::b'"))
            continue
        (early if path[0] in plain and path[0] not in passed else late).append((path, entry))
    return early, late


def _edited(tree: Mapping, edits: Iterable[_Edit], free: bool, problems: list[Problem]) -> Mapping:
    draft = _Draft(tree, ROOT, free, problems)
    for path, entry in edits:
        draft.edit(path, entry)
    edited = draft.finished()
    assert isinstance(edited, Mapping)
    return edited


class _Draft:
    """A mapping or list that is being edited: made anew once, however many edits it and those below it get."""

    def __init__(self, node: Mapping | Sequence, at: KeyPath, free: bool, problems: list[Problem]) -> None:
        self.node = node
        self.at = at
        self.free = free
        self.problems = problems
        self._entries = entries_of(node)
        self._below: dict[str, _Draft] = {}

    def edit(self, path: KeyPath, entry: Entry) -> None:
        """Sets, adds or removes at a place below."""
        if isinstance(self.node, Sequence):
            path = (counted(path[0], len(self._entries)), *path[1:])
        key, rest = path[0], path[1:]
        if rest and key in self._below:
            self._below[key].edit(rest, entry)
            return
        self._settle(key)
        old = self._entries.get(key)
        before = inserted(key, len(self._entries)) if isinstance(self.node, Sequence) and not rest else None
        if len(self.at) + len(path) + entry.value.depth > DEEPEST:
            self._report(f"the nesting is deeper than {DEEPEST} levels", path, entry)
        elif before is not None:
            self._insert(before, path, entry)
        elif old is None and (entry.mark == "~" or not self._may_create(key, entry, bool(rest))):
            self._refuse(path, entry)
        elif old is None:
            self._entries[key] = Entry(key_beside(key, self._entries), self._nested(path, entry), entry.position)
        elif rest:
            self._edit_below(key, old.value, rest, entry)
        elif entry.mark == "~":
            self._remove(key, old, entry)
        else:
            self._entries[key] = combined(old, entry._replace(key=old.key), (*self.at, key), self.problems)
        if key == TARGET and isinstance(self.node, Mapping):
            # The arguments of another target are marked; those of the same source are meant for the new one.
            given = [key for key, other in self._entries.items() if _is_from(other, entry.position.source)]
            self._entries = inheriting(self._entries, old.value if old is not None else None, given, self.at)

    def finished(self) -> Mapping | Sequence:
        """The mapping or list with all edits made."""
        self._settle_all()
        return with_entries(self.node, self._entries)

    def _edit_below(self, key: str, old: Node, rest: KeyPath, entry: Entry) -> None:
        if isinstance(old, Scalar) and old.value is None:
            old = Mapping({}, old.position)  # `vars:` with nothing below it
        if isinstance(old, (Mapping, Sequence)):
            self._below[key] = _Draft(old, (*self.at, key), self.free, self.problems)
            self._below[key].edit(rest, entry)
        else:
            self._refuse((key, *rest), entry)

    def _settle(self, key: str) -> None:
        """Puts a finished draft back; the key itself stays where it was first written."""
        draft = self._below.pop(key, None)
        if draft is not None:
            self._entries[key] = self._entries[key]._replace(value=draft.finished(), inherited=False)

    def _settle_all(self) -> None:
        """Puts all drafts back: the positions of a list are about to change."""
        for other in list(self._below):
            self._settle(other)

    def _remove(self, key: str, old: Entry, entry: Entry) -> None:
        self._settle_all()
        rest = remaining(old.value, entry, (*self.at, key), self.problems)
        if rest is not None:
            self._entries[key] = old._replace(value=rest, inherited=False)
            return
        del self._entries[key]
        if isinstance(self.node, Sequence):
            self._entries = numbered(self._entries.values())

    def _insert(self, before: int, path: KeyPath, entry: Entry) -> None:
        self._settle_all()
        items = [*self._entries.values()]
        items.insert(before, Entry(str(before), self._nested(path, entry), entry.position))
        self._entries = numbered(items)

    def _may_create(self, key: str, entry: Entry, deeper: bool) -> bool:
        if not isinstance(self.node, Mapping):
            return False
        return takes_new_key(self.at, self.node, key) or (not deeper and (self.free or entry.mark == "+"))

    def _nested(self, path: KeyPath, entry: Entry) -> Node:
        """New mappings down to the value of an entry."""
        value = unmarked(entry.value, (*self.at, *path), self.problems)
        for key in reversed(path[1:]):
            value = Mapping({key: Entry(key, value, entry.position)}, entry.position)
        return value

    def _refuse(self, path: KeyPath, entry: Entry) -> None:
        what, help = absent(self.finished(), path, self.at)
        more = self._how_to_add(path, entry)
        self._report(what, path, entry, "; ".join(filter(None, (help, more))))

    def _how_to_add(self, path: KeyPath, entry: Entry) -> str:
        if len(path) > 1 or entry.mark == "~":
            return ""
        if self.at in (LOADERS, METRICS):
            return ""  # they hold modes and nothing else
        if isinstance(self.node, Mapping):
            return f"to add a new key write '+{text((*self.at, *path))}=...'"
        return f"to append write '+{text(self.at)}=[...]', to insert '{text(self.at)}::+0=...'"

    def _report(self, what: str, path: KeyPath, entry: Entry, help: str = "") -> None:
        # The position of an override already shows the place.
        place = text((*self.at, *path)) if entry.position.source.has_lines else ""
        self.problems.append(Problem(what, entry.position, place, help))


def _is_from(entry: Entry, source: Source) -> bool:
    """Whether a source gave an entry, or something below it."""
    return entry.position.source is source or any(node.position.source is source for _, node in walk(entry.value))


def merged(base: Mapping, over: Mapping, at: KeyPath, problems: list[Problem]) -> Mapping:
    """One mapping over another."""
    entries = dict(base.entries)
    for key, entry in over.entries.items():
        below = (*at, key)
        old = entries.get(key)
        if entry.mark != "~":
            entries[key] = combined(old, entry if old is None else entry._replace(key=old.key), below, problems)
        elif old is None:
            what, help = absent(base, (key,), at)
            problems.append(Problem(f"{what} to remove", entry.position, text(below), help))
        elif (rest := remaining(old.value, entry, below, problems)) is not None:
            entries[key] = old._replace(value=rest, inherited=False)
        else:
            del entries[key]
    entries = inheriting(entries, base.get(TARGET), over.entries, at)
    return Mapping(entries, base.position if base.entries else over.position)


def inheriting(entries: dict[str, Entry], old: Node | None, given: Container[str], at: KeyPath) -> dict[str, Entry]:
    """The entries of a mapping; where its target is another than before, those not given again are marked for it."""
    new = entries[TARGET].value if TARGET in entries else None
    before = _name(old) if old is not None else usual_target(at)
    if new is None or before is None or before == _name(new):
        return entries
    return {
        key: entry if key in given or key in RESERVED else entry._replace(inherited=True)
        for key, entry in entries.items()
    }


def combined(previous: Entry | None, entry: Entry, at: KeyPath, problems: list[Problem]) -> Entry:
    """The entry that results where `entry` meets what was there before; what is added to stays where it was."""
    if previous is not None and entry.mark != "=":
        old, new = previous.value, entry.value
        if problem := _lost(previous, entry, at):
            problems.append(problem)
            return previous
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            return previous._replace(value=merged(old, new, at, problems), inherited=False)
        if entry.mark == "+" and isinstance(old, Sequence):
            more = unmarked(new, at, problems)
            items = (*old.items, *(more.items if isinstance(more, Sequence) else (more,)))
            return previous._replace(value=old.with_items(items), inherited=False)
        if entry.mark == "+":
            what = f"'+' adds to a list or a mapping, and '{text(at)}' is neither"
            if isinstance(old, Mapping):
                what = f"'{text(at)}' is a mapping: '+' adds a mapping to it"
            problems.append(Problem(what, entry.position, text(at), "leave out the '+' to replace it"))
    history = _history(previous, entry) if previous is not None else entry.history
    return entry._replace(value=unmarked(entry.value, at, problems), mark="", history=history)


def _lost(previous: Entry, entry: Entry, at: KeyPath) -> Problem | None:
    """The mistake of a key that would replace a whole list or mapping though its value does not say so."""
    old, new, place = previous.value, entry.value, text(at)
    if isinstance(new, Scalar) and new.is_empty and isinstance(old, (Mapping, Sequence)) and old.size > 1:
        what = f"'{place}' is empty here, where it would replace all that it held"
        help = f"leave out the key to keep it, or write '{at[-1]}: null' for nothing"
    elif isinstance(old, Sequence) and old.items and holds_positions(new):
        what = f"'{place}' is a list, and this a mapping"
        is_file = entry.position.source.has_lines
        item = f"at the top of the file write '{place}::0: ...'" if is_file else f"write '{place}::0=...'"
        help = f"{item}; '={at[-1]}' replaces the list"
    elif at in BY_NAME_OR_LISTED and (found := _other_form(old, new, entry, at)):
        what, help = found
    else:
        return None
    return Problem(what, entry.position, place, help, (("given here", previous.position),))


def _other_form(old: Node, new: Node, entry: Entry, at: KeyPath) -> tuple[str, str] | None:
    """What is wrong where callbacks or loggers are a list in one source and have names in the other."""
    key = text(at) if not entry.position.source.has_lines else at[-1]
    replaces = f"'={key}' replaces what was there"
    if _has_names(old) and ((isinstance(new, Sequence) and new.items) or (isinstance(new, Mapping) and new.is_call)):
        this = "a list" if isinstance(new, Sequence) else "a single one"
        return f"'{text(at)}' is a mapping of names, and this {this}", f"give each a name of its own; {replaces}"
    if isinstance(old, Sequence) and old.items and _has_names(new):
        return f"'{text(at)}' is a list, and this a mapping of names", f"'+{key}' with a list appends to it; {replaces}"
    return None


def _has_names(node: Node) -> bool:
    return isinstance(node, Mapping) and bool(node.entries) and not node.is_call


def unmarked(node: Node, at: KeyPath, problems: list[Problem]) -> Node:
    """The node with the marks below it carried out, where nothing was before."""
    if not node.marked:
        return node
    if isinstance(node, Sequence):
        return Sequence(tuple(unmarked(item, at, problems) for item in node.items), node.position)
    assert isinstance(node, Mapping)
    return merged(Mapping({}, node.position), node, at, problems)


def _history(previous: Entry, entry: Entry) -> tuple[Position, ...]:
    """Where what an entry replaces was, each place once: files that share their bases would multiply them."""
    before = dict.fromkeys((*previous.history, previous.position, *entry.history))
    return tuple(position for position in before if position != entry.position)


def _name(target: Node) -> str:
    """A target as it is written, to know whether it is another one."""
    if isinstance(target, (Reference, Code, Macro)):
        return f"{type(target).__name__} {target.written}"
    return str(target.value) if isinstance(target, Scalar) else ""
