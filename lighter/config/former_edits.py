"""Old spellings written anew in their lines: only where a key and its value stand in one line."""

import re

from lighter.config.former import Changed, Spelling
from lighter.config.tree import TARGET, Entry, Mapping, Scalar, Sequence
from lighter.errors import Edit

_CLOSING = {"[": "]", "{": "}"}
_PLAIN = re.compile(r"[^\s,:{}\[\]#&*!|>'\"%@`?-][^\s,:{}\[\]#]*\Z")  # a text that needs no quotes anywhere


def line_edits(node: Mapping, spelling: Spelling, changed: Changed) -> dict[str, Edit]:
    """The edit of each key that is gone; none where one of them cannot be made."""
    first, *others = changed.written
    entry, new = node.entries[first], changed.written[first]
    if first == TARGET:
        edit = value_edit(entry, new.partition(": ")[2]) if not changed.beside else None
        return {first: edit} if edit is not None else {}
    if new == f"{spelling.new}:":
        return {first: Edit(entry.position, first, spelling.new)}
    pieces = {key: piece for key in changed.written if (piece := _in_line(node.entries[key]))}
    removed = others if new else [first, *others]
    if len(pieces) < len(changed.written) or not all(_stands_alone(node.entries[key]) for key in removed):
        return {}
    if "..." in new:
        values = ", ".join(f"{key.partition('_')[0]}: {_value(piece)}" for key, piece in pieces.items())
        new = f"{spelling.new}: {{{values}}}"
    return {key: Edit(node.entries[key].position, piece, new if key == first else "") for key, piece in pieces.items()}


def value_edit(entry: Entry, new: str) -> Edit | None:
    """The edit of a single value."""
    piece = _in_line(entry)
    if piece is None or not isinstance(entry.value, Scalar):
        return None
    written = piece.partition(":")[2].strip()
    return Edit(entry.value.position, written, new if _PLAIN.match(new) else f'"{new}"')


def _in_line(entry: Entry) -> str | None:
    """A key with its value, as they are written; None where they are not in one line of a file."""
    at, value = entry.position, entry.value
    if at.source.path is None or value.position.source is not at.source or value.position.line != at.line:
        return None
    line, start = at.source.text.splitlines()[at.line - 1], value.position.column - 1
    end = _closed(line, start) if isinstance(value, (Mapping, Sequence)) else start + value.position.width
    return line[at.column - 1 : end] if start > at.column and end <= len(line) else None


def _closed(line: str, start: int) -> int:
    """Where a list or mapping in brackets ends; behind the line where it does not end in it."""
    depth, quote = 0, ""
    for index in range(start, len(line)):
        sign = line[index]
        if quote or sign in "'\"":
            quote = "" if sign == quote else quote or sign
        elif sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        if not depth:
            return index + 1 if index > start else len(line) + 1
    return len(line) + 1


def _stands_alone(entry: Entry) -> bool:
    """Whether nothing but a comment is in the line of a key and its value."""
    line = entry.position.source.text.splitlines()[entry.position.line - 1]
    rest = line.strip().removeprefix(_in_line(entry) or "").strip()
    return not rest or (rest.startswith("#") and not line[: entry.position.column - 1].strip())


def _value(piece: str) -> str:
    """The value of a key as it is written within braces."""
    value = piece.partition(":")[2].strip()
    return (
        value
        if value[:1] in ("'", '"', *_CLOSING) or _PLAIN.match(value)
        else f"'{value.replace(chr(39), chr(39) * 2)}'"
    )
