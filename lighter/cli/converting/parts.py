"""A config as it is rewritten: values with the comments that stand by them, and what could not be carried over."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from lighter.config.tree import TARGET
from lighter.errors import Position

_SIGNS = ("@", "$", "%")
_MARKS = ("+", "=", "~")


@dataclass(slots=True, eq=False)
class Part:
    """A mapping (dict), a list of parts, or a plain value, in which a text means what it means in our configs.

    `above` are the comments before it and `beside` the one behind it, without their `#`; `below` are those after the
    last entry of a mapping or list. `written` is a number as the source has it. A key may begin with a mark, as ours.
    """

    value: Any
    position: Position | None = None
    written: str = ""
    above: list[str] = field(default_factory=list)
    beside: str = ""
    below: list[str] = field(default_factory=list)
    is_inline: bool = False  # brackets in the source

    @property
    def entries(self) -> dict[Any, "Part"]:
        """The entries of a mapping; of anything else none."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list["Part"]:
        """The items of a list; of anything else none."""
        return self.value if isinstance(self.value, list) else []

    @property
    def text(self) -> str | None:
        """The value, if it is a text."""
        return self.value if isinstance(self.value, str) else None

    @property
    def plain(self) -> Any:
        """The values alone."""
        if isinstance(self.value, dict):
            return {key: part.plain for key, part in self.value.items()}
        return [part.plain for part in self.value] if isinstance(self.value, list) else self.value

    def copy(self) -> "Part":
        """The same, and no part of it shared."""
        return deepcopy(self)

    def find(self, *keys: Any) -> "Part | None":
        """What stands at a place below, an item of a list by its number."""
        part: Part | None = self
        for key in keys:
            if part is None:
                return None
            if isinstance(part.value, list):
                part = part.value[int(key)] if str(key).isdecimal() and int(key) < len(part.value) else None
            else:
                part = part.entries.get(key)
        return part

    def put(self, keys: Iterable[Any], part: "Part") -> None:
        """Sets what stands at a place below, through mappings that need not be there yet."""
        *above, last = keys
        node = self
        for key in above:
            below = node.find(key)
            if below is None:
                below = Part({})
                node.put([key], below)
            elif not isinstance(below.value, dict | list):
                below.value = {}
            node = below
        if isinstance(node.value, list):
            node.value[int(last)] = part
        else:
            node.value[last] = part

    @property
    def target(self) -> str:
        """The name of what a mapping calls; empty where it calls nothing."""
        target = self.entries.get(TARGET)
        return (target.text or "") if target is not None else ""

    @property
    def builds(self) -> bool:
        """Whether anything in it is a call."""
        return any(TARGET in below.entries for below in self.walk())

    def walk(self) -> Iterator["Part"]:
        """The part and all below it."""
        yield self
        for below in [*self.entries.values(), *self.items]:
            yield from below.walk()


def literal(text: str) -> str:
    """A text that stays the text it is, also where it begins with a sign of our language."""
    return text[0] + text if len(text) > 1 and text.startswith(_SIGNS) else text


def literal_key(key: Any) -> Any:
    """A key that stays the key it is, also where it begins with a mark of our language."""
    return f"={key}" if isinstance(key, str) and len(key) > 1 and key.startswith(_MARKS) else key


def with_comments(part: Part, *sources: Part) -> Part:
    """The part, with the comments that stand by the ones that it was made of, before its own."""
    part.above[:0] = [line for source in sources if source is not part for line in source.above]
    part.beside = part.beside or next((source.beside for source in sources if source.beside), "")
    return part


def as_part(value: Any) -> Part:
    """A value of Python's as parts."""
    if isinstance(value, dict):
        return Part({key: as_part(below) for key, below in value.items()})
    return Part([as_part(item) for item in value]) if isinstance(value, list | tuple | set) else Part(value)


def mapping(entries: dict[Any, Part] | Iterable[tuple[Any, Part]] = ()) -> Part:
    """A mapping of entries."""
    return Part(dict(entries))
