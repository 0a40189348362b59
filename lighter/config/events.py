"""A text to a stream of parser events: YAML by PyYAML, JSON by Python's own json, both with their places."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from json.decoder import scanstring  # type: ignore[attr-defined]  # typeshed leaves it out

import yaml
from yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.reader import Reader

from lighter.errors import ConfigError, Problem
from lighter.source import Position, Source

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's parser is ten times faster
_TOKEN = re.compile(r'[\s,:]*([{}\[\]"]|[^\s,:{}\[\]"]+)')
_CONSTANTS = {"NaN": ".nan", "Infinity": ".inf", "-Infinity": "-.inf"}
_OPENING = {"{": MappingStartEvent, "[": SequenceStartEvent}
_CLOSING = {"}": MappingEndEvent, "]": SequenceEndEvent}

__all__ = ["json_events", "yaml_events"]


def yaml_events(source: Source) -> Iterator[Event]:
    """The events of a YAML text. Raises ConfigError at the first place that is no YAML."""
    try:
        yield from yaml.parse(source.text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise ConfigError([_not_yaml(source, error)]) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise ConfigError([_not_text(source, error)]) from error


def json_events(source: Source) -> Iterator[Event]:
    """The events of a JSON text. Raises ConfigError at the first place that is no JSON."""
    lines = _Lines(source.text)
    try:
        json.loads(source.text, parse_int=len)  # only looked at: an endless number costs nothing
    except json.JSONDecodeError as error:
        position = lines.position(source, error.pos)
        raise ConfigError([Problem(f"this is no JSON: {error.msg}", position)]) from error
    except RecursionError as error:
        raise ConfigError([Problem("this JSON is nested too deep to be read", Position(source))]) from error
    for start, end, token, value in _json_tokens(source.text):
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            what = "half of a surrogate pair stands for no character"
            raise ConfigError([Problem(what, lines.position(source, start, end - start))])
        yield _json_event(token, value, lines.mark(start), lines.mark(end))


class _Lines:
    """Where the lines of a text begin, so that an index becomes a line and a column."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *accumulate(map(len, text.splitlines(keepends=True)))]
        if len(self._starts) > 1 and not text.endswith(("\n", "\r")):
            self._starts.pop()  # the end of the last line begins no other

    def mark(self, index: int) -> yaml.Mark:
        line = bisect_right(self._starts, index) - 1
        return yaml.Mark("", index, line, index - self._starts[line], None, 0)

    def position(self, source: Source, index: int, width: int = 1) -> Position:
        mark = self.mark(index)
        return Position(source, mark.line + 1, mark.column + 1, width)


def _json_tokens(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Start, end, first sign and value of each token in a text that is known to be JSON."""
    end = 0
    while match := _TOKEN.match(text, end):
        start, token = match.start(1), match[1]
        value, end = scanstring(text, start + 1) if token == '"' else (token, match.end(1))
        yield start, end, token, value


def _json_event(token: str, value: str, start: yaml.Mark, end: yaml.Mark) -> Event:
    if token in _OPENING:
        return _OPENING[token](None, None, True, start, end)
    if token in _CLOSING:
        return _CLOSING[token](start, end)
    if token == '"':
        return ScalarEvent(None, None, (False, True), value, start, end)
    return ScalarEvent(None, None, (True, False), _CONSTANTS.get(value, value), start, end)


def _not_yaml(source: Source, error: yaml.MarkedYAMLError) -> Problem:
    position = _at(source, error.problem_mark or error.context_mark)
    character = _character(source.text, position)
    if character in ("@", "%", "`") and "cannot start any token" in str(error.problem):
        what = f"a value that starts with '{character}' stands in quotes"
        return Problem(what, position, help=f'write "{character}..."')
    if character == "\t":
        return Problem("a tab cannot indent YAML", position, help="indent with spaces")
    if "mapping values are not allowed" in str(error.problem):
        what = "this is no YAML: a second ': ' in one line, or a key that is indented too far"
        return Problem(
            what, position, help="a text that holds ': ' stands in quotes; keys of one mapping stand in line"
        )
    begun = _at(source, error.context_mark)
    also = ((f"{error.context}, begun here", begun),) if error.context and begun != position else ()
    return Problem(f"this is no YAML: {error.problem}", position, also=also)


def _at(source: Source, mark: yaml.Mark | None) -> Position:
    """The position of a mark; one behind the text, where something was missed, is at the end of its last line."""
    lines = source.text.splitlines() or [""]
    if mark is None or mark.line >= len(lines):
        return Position(source, len(lines), len(lines[-1]) + 1) if mark is not None else Position(source)
    return Position(source, mark.line + 1, mark.column + 1)


def _not_text(source: Source, error: Exception) -> Problem:
    """What is told of a text with a character that YAML does not allow."""
    match = Reader.NON_PRINTABLE.search(source.text)
    if match is None:
        return Problem(f"this is no YAML text: {str(error).strip().splitlines()[0]}", Position(source))
    position = _Lines(source.text).position(source, match.start())
    what = f"the character U+{ord(match[0]):04X} cannot stand in YAML"
    is_surrogate = "\ud800" <= match[0] <= "\udfff"
    return Problem(what, position, help="" if is_surrogate else f'write "\\u{ord(match[0]):04x}", in double quotes')


def _character(text: str, position: Position) -> str:
    lines = text.splitlines()
    line = lines[position.line - 1] if 0 < position.line <= len(lines) else ""
    return line[position.column - 1 : position.column]
