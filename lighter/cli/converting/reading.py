"""A YAML or JSON file of another tool to parts, with its comments and nothing taken for our language."""

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from lighter.cli.converting.parts import Part
from lighter.config.loading import read_text
from lighter.config.nodes import DEEPEST, LARGEST
from lighter.config.parsing import json_events, yaml_events
from lighter.config.scalars import read_scalar
from lighter.errors import ConfigError, Position, Problem, Source, shown_path

_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[^\n]*", re.MULTILINE)
# What YAML 1.1 reads as a boolean, as PyYAML does, and with it every tool that is read here.
_YAML_1_1 = {"yes": True, "on": True, "no": False, "off": False}
_MERGE = object()  # the key `<<`


def read_parts(path: Path) -> Part:
    """The parts of a file; an empty one is a mapping. Raises ConfigError for what is no such file, with its place."""
    return parts_of(Source(shown_path(path), read_text(path), path=path.absolute()))


def parts_of(source: Source) -> Part:
    """The parts of a text, read as JSON where its file is so called."""
    is_json = source.path is not None and source.path.suffix.lower() == ".json"
    events = [*(json_events(source) if is_json else yaml_events(source))]
    root = _Reader(source).read(events)
    if not is_json:
        _Comments(source.text, events).give_to(root)
    return root


class _Reader:
    """Builds the parts from a parser's events, without recursion."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._open: list[tuple[Part, Any]] = []  # each with the key that waits for its value
        self._anchors: dict[str, Part] = {}
        self._names: list[str | None] = []
        self._root = Part({})
        self._count = 0
        self._keys: set[tuple[int, Any]] = set()  # of each mapping

    def read(self, events: Iterable[Event]) -> Part:
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._error("the file holds several documents", event)
            elif isinstance(event, CollectionEndEvent):
                part, _ = self._open.pop()
                self._place(part, event, self._names.pop())
            elif isinstance(event, NodeEvent):
                self._take(event)
        if not isinstance(self._root.value, dict):
            if self._root.value is not None:
                what = "a config is a mapping of keys to values"
                raise ConfigError([Problem(what, self._root.position or Position(self._source), code="foreign")])
            self._root = Part({})
        return self._root

    def _take(self, event: NodeEvent) -> None:
        if isinstance(event, AliasEvent):
            if event.anchor not in self._anchors:
                raise self._error(f"there is no anchor '{event.anchor}' above", event)
            self._place(self._anchors[event.anchor].copy(), event, None)
        elif isinstance(event, ScalarEvent):
            self._place(self._scalar(event), event, event.anchor)
        else:
            if len(self._open) >= DEEPEST:
                raise self._error(f"the nesting is deeper than {DEEPEST} levels", event)
            is_inline = bool(getattr(event, "flow_style", False))
            value: Any = {} if isinstance(event, MappingStartEvent) else []
            self._open.append((Part(value, self._position(event), is_inline=is_inline), None))
            self._names.append(event.anchor)

    def _scalar(self, event: ScalarEvent) -> Part:
        position = self._position(event)
        is_text = (event.tag or "").endswith(":str") or not (event.implicit[0] or event.tag)
        if is_text or event.tag == "!":
            return Part(event.value, position)
        if event.value == "<<" and self._waits_for_key():
            return Part(_MERGE, position)
        try:
            value = _YAML_1_1.get(event.value.lower(), read_scalar(event.value))
        except ValueError as error:
            raise self._error("this number has too many digits", event) from error
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return Part(value, position, written=event.value if is_number and str(value) != event.value else "")

    def _place(self, part: Part, event: Event, anchor: str | None) -> None:
        self._count += sum(1 for _ in part.walk()) if isinstance(event, AliasEvent) else 1
        if self._count > LARGEST:
            raise self._error(f"this holds more than {LARGEST:,} values", event)
        if anchor:
            self._anchors[anchor] = part
        if not self._open:
            self._root = part
            return
        above, key = self._open[-1]
        if isinstance(above.value, list):
            above.value.append(part)
        elif key is None:
            if isinstance(part.value, dict | list):
                raise self._error("a key is a single value", event)
            self._open[-1] = (above, part)
        else:
            self._open[-1] = (above, None)
            if (own := (id(above), key.value)) in self._keys:
                what = f"the key '{key.value}' occurs twice in one mapping"
                raise ConfigError([Problem(what, key.position, help="keep one", code="duplicate")])
            self._keys.add(own)
            _add(above, key, part)

    def _waits_for_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1][0].value, dict) and self._open[-1][1] is None

    def _position(self, event: Event) -> Position:
        mark = event.start_mark
        return Position(self._source, mark.line + 1, mark.column + 1) if mark else Position(self._source)

    def _error(self, what: str, event: Event) -> ConfigError:
        return ConfigError([Problem(what, self._position(event), code="syntax")])


def _add(above: Part, key: Part, part: Part) -> None:
    """Adds an entry, or those that `<<` brings in, which lie under the others."""
    part.position = key.position
    if key.value is not _MERGE:
        above.value[key.value] = part
        return
    for merged in part.items or [part]:
        above.value |= {name: one.copy() for name, one in merged.entries.items() if name not in above.value}


class _Comments:
    """The comments of a text, by their lines."""

    def __init__(self, text: str, events: Iterable[Event]) -> None:
        spans = sorted((start, end) for start, end in _spans(events))
        starts = [start for start, _ in spans]
        self.whole: dict[int, str] = {}
        self.behind: dict[int, str] = {}
        lines = [0, *(match.end() for match in re.finditer("\n", text))]
        for match in _COMMENT.finditer(text):
            before = bisect_right(starts, match.start()) - 1
            if before >= 0 and match.start() < spans[before][1]:
                continue  # a text that holds a '#'
            line = bisect_right(lines, match.start())
            is_whole = not text[lines[line - 1] : match.start()].strip()
            (self.whole if is_whole else self.behind)[line] = match[0][1:].strip()

    def give_to(self, root: Part) -> None:
        """Gives each comment to the part that it stands above or beside, and what is left to the end."""
        rest = deque(sorted(self.whole))
        for line, part in sorted(_lines(root), key=itemgetter(0)):
            while rest and rest[0] < line:
                part.above.append(self.whole[rest.popleft()])
            # What begins an item of a list is what a comment in its line is about.
            if not (isinstance(part.value, dict) and part.value and not part.is_inline and line in _first_lines(part)):
                part.beside = part.beside or self.behind.pop(line, "")
        root.below = [self.whole[line] for line in rest]


def _lines(root: Part) -> Iterator[tuple[int, Part]]:
    return ((part.position.line, part) for part in root.walk() if part.position and part is not root)


def _first_lines(part: Part) -> list[int]:
    return [below.position.line for below in part.value.values() if below.position][:1]


def _spans(events: Iterable[Event]) -> Iterator[tuple[int, int]]:
    for event in events:
        if isinstance(event, ScalarEvent) and event.start_mark and event.end_mark:
            yield event.start_mark.index, event.end_mark.index
