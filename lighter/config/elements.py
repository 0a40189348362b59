"""What is directly below a mapping or list, as entries by key, so that it can be counted, put between and removed."""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as AbstractMapping

from lighter.config.key_path import KeyPath, text
from lighter.config.scalars import read_scalar
from lighter.config.tree import Entry, Mapping, Node, Scalar, Sequence, absent
from lighter.errors import Problem

_FROM_END = r"-[1-9][0-9]{0,9}\Z"
_INSERTED = r"\+(?:0|-?[1-9][0-9]{0,9})\Z"
_POSITION = r"[+~=]?-?[0-9]+\Z"


def entries_of(node: Mapping | Sequence) -> dict[str, Entry]:
    """What is below, by key; a value in a list is at its number."""
    if isinstance(node, Mapping):
        return dict(node.entries)
    items = {str(index): Entry(str(index), item, item.position) for index, item in enumerate(node.items)}
    return items | {key: items[key]._replace(history=history) for key, history in (node.histories or {}).items()}


def with_entries(node: Mapping | Sequence, entries: AbstractMapping[str, Entry]) -> Mapping | Sequence:
    """The mapping or list with these entries instead, those of a list in their order."""
    if isinstance(node, Mapping):
        return Mapping(entries, node.position)
    values = [*entries.values()]
    histories = {str(index): entry.history for index, entry in enumerate(values) if entry.history}
    return Sequence(tuple(entry.value for entry in values), node.position, histories or None)


def numbered(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The entries of a list after one has come or gone."""
    return {str(index): entry for index, entry in enumerate(entries)}


def counted(key: str, length: int) -> str:
    """A key of a list of that length: `-1`, counted from its end, as the position that it means."""
    return str(length + int(key)) if re.match(_FROM_END, key) and int(key) + length >= 0 else key


def inserted(key: str, length: int) -> int | None:
    """Of `+0` the position before which something is put; None where it is none, or the list is shorter."""
    if not re.match(_INSERTED, key):
        return None
    position = int(key[1:]) + (length if key.startswith("+-") else 0)
    return position if 0 <= position <= length else None


def holds_positions(node: Node) -> bool:
    """Whether the keys of a mapping can only be meant as positions in a list."""
    if not isinstance(node, Mapping) or node.is_call or not node.entries:
        return False
    return all(re.match(_POSITION, key) for key in node.entries)


def key_beside(name: str, entries: AbstractMapping[str, Entry]) -> object:
    """A new key as those beside it are: `2` is a whole number where they are, and else a text."""
    try:
        value = read_scalar(name)
    except ValueError:
        return name
    if isinstance(value, str):
        return name
    kinds = {type(entry.key) for entry in entries.values()}
    texts = (entry.key for entry in entries.values() if isinstance(entry.key, str) and re.match(_POSITION, entry.key))
    return value if type(value) in kinds and next(texts, None) is None else name


def remaining(old: Node, entry: Entry, at: KeyPath, problems: list[Problem]) -> Node | None:
    """What `~key` leaves of a value: nothing, or all but the elements that its own value names."""
    given = entry.value
    if isinstance(given, Scalar) and given.value is None:
        return None
    names = [*_named(given)]
    if not isinstance(old, (Mapping, Sequence)) or None in names:
        what = f"'~{text(at)}' takes nothing, or the {'keys' if isinstance(old, Mapping) else 'positions'} to remove"
        if not isinstance(old, (Mapping, Sequence)):
            what = f"'{text(at)}' is a single value, of which '~' removes no part"
        key = at[-1] if given.position.source.has_lines else text(at)
        help = f"write '~{key}' to remove it whole, or without the '~' to set it"
        problems.append(Problem(what, given.position, text(at), help))
        return old
    entries = entries_of(old)
    gone = {counted(name, len(entries)) if isinstance(old, Sequence) else name for name in names if name is not None}
    for name in sorted(gone - entries.keys()):
        what, help = absent(old, (name,), at)
        problems.append(Problem(f"{what} to remove", given.position, text((*at, name)), help))
    return with_entries(old, {key: entry for key, entry in entries.items() if key not in gone})


def _named(given: Node) -> Iterator[str | None]:
    """The keys or positions that a `~` names; None for what can be none."""
    for item in given.items if isinstance(given, Sequence) else [given]:
        value = item.value if isinstance(item, Scalar) else None
        yield str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else None
