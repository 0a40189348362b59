"""Parts to the text of a config of ours, with their comments and what is left out of it."""

from collections.abc import Iterator
from typing import Any

import yaml

from lighter.cli.converting.parts import Part
from lighter.config.dumping import dump, in_line
from lighter.config.nodes import split_mark
from lighter.config.scalars import plain_node, read_string
from lighter.config.tree import Entry, Mapping, Node, Scalar, Sequence
from lighter.errors import Position, Problem, Source

_INDENT = "  "
_WIDTH = 100
_ENDLESS = 10**9
_NOWHERE = Position(Source("converted", has_lines=False))


def written(root: Part) -> str:
    """The text of a config, whose root is a mapping."""
    lines = [*_comments(root.above), *([""] if root.above else []), *_entries(root), *_comments(root.below)]
    return "\n".join(lines) + "\n"


def leave_out(above: Part, key: Any, reason: str) -> None:
    """Takes an entry away, and lets it stand as a comment with the reason, before what follows it or at the end."""
    keys = [*above.value]
    behind = keys[keys.index(key) + 1 :]
    part = above.value.pop(key)
    lines = left_out(mapping_text(key, part), reason)
    comments = above.value[behind[0]].above if behind else above.below
    comments[:0] = [*part.above, *lines]


def left_open(item: Part, reason: str) -> Part:
    """An item of a list as null, so that those behind it keep their places; it stands above as a comment."""
    alone = item.copy()
    alone.above = []
    return Part(None, item.position, above=[*item.above, *left_out("\n".join(_item(alone)), reason)])


def left_out(text: str, reason: str) -> list[str]:
    """The comment that says that something is left out, and why."""
    return [f"left out: {reason}", *(f"  {line}" for line in text.splitlines())]


def mapping_text(key: Any, part: Part) -> str:
    """An entry by itself, without the comments above it."""
    alone = part.copy()
    alone.above = []
    return "\n".join(_entry(key, alone))


def _entries(part: Part) -> Iterator[str]:
    for key, below in part.value.items():
        yield from _entry(key, below)


def _entry(key: Any, part: Part) -> Iterator[str]:
    yield from _comments(part.above)
    name = _key(key)
    if "\n" in (part.text or ""):
        yield from (name + dump(_mapping("k", _node(part))).removeprefix("k").removesuffix("\n")).split("\n")
        return
    if _is_in_line(part, len(name)):
        yield f"{name}: {_text(part)}{_beside(part)}"
        return
    yield f"{name}:{_beside(part)}"
    yield from (f"{_INDENT}{line}" if line else line for line in _block(part))


def _block(part: Part) -> Iterator[str]:
    if isinstance(part.value, dict):
        yield from _entries(part)
    else:
        for item in part.value:
            yield from _item(item)
    yield from _comments(part.below)


def _item(part: Part) -> Iterator[str]:
    yield from _comments(part.above)
    if _is_in_line(part, 0):
        yield f"- {_text(part)}{_beside(part)}"
        return
    first, *others = [*_comments([part.beside] if part.beside else []), *_block(part)]
    yield f"- {first}"
    yield from (f"{_INDENT}{line}" if line else line for line in others)


def _is_in_line(part: Part, before: int) -> bool:
    """Whether a part is written in one line: what is no mapping or list, what is empty, and short ones in brackets."""
    below = [*part.entries.values(), *part.items]
    if part.below or any(one.above or one.beside or one.below for one in part.walk() if one is not part):
        return False
    if not below:
        return True
    if any(one.entries or one.items for one in below) and not part.is_inline:
        return False
    return (part.is_inline or bool(part.items)) and before + len(_text(part)) < _WIDTH


def _text(part: Part) -> str:
    return in_line(_node(part))


def _key(key: Any) -> str:
    mark, name = split_mark(key) if isinstance(key, str) else ("", key)
    text = dump(_mapping(name, Scalar(None, _NOWHERE))).removesuffix(": null\n")
    if text.startswith("? "):  # long keys and those of several lines, which double quotes hold as well
        literal = f"={name}" if split_mark(name)[0] else name
        text = yaml.safe_dump(literal, default_style='"', width=_ENDLESS, allow_unicode=True).rstrip("\n")
    return text if isinstance(name, str) and split_mark(name)[0] else f"{mark}{text}"


def _mapping(key: Any, node: Node) -> Mapping:
    return Mapping({str(key): Entry(key, node, _NOWHERE)}, _NOWHERE)


def _node(part: Part) -> Node:
    if isinstance(part.value, dict):
        entries = {str(key): Entry(key, _node(below), _NOWHERE) for key, below in part.value.items()}
        return Mapping(entries, _NOWHERE)
    if isinstance(part.value, list):
        return Sequence(tuple(map(_node, part.value)), _NOWHERE)
    if isinstance(part.value, str):
        problems: list[Problem] = []
        return read_string(part.value, _NOWHERE, problems)
    return plain_node(part.value, _NOWHERE, part.written or str(part.value))


def _comments(lines: list[str]) -> Iterator[str]:
    return (f"# {line}".rstrip() for text in lines for line in text.split("\n"))


def _beside(part: Part) -> str:
    return f"  # {part.beside}" if part.beside else ""
