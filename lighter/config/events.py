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

from lighter.config.complaints import complaint, position_of
from lighter.errors import ConfigError, Position, Problem, Source

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
    except (yaml.YAMLError, UnicodeError) as error:
        raise ConfigError([complaint(source, error)]) from error


def json_events(source: Source) -> Iterator[Event]:
    """The events of a JSON text. Raises ConfigError at the first place that is no JSON."""
    try:
        json.loads(source.text, parse_int=len)  # only looked at: an endless number costs nothing
    except json.JSONDecodeError as error:
        position = position_of(source, error.pos)
        raise ConfigError([Problem(f"this is no JSON: {error.msg}", position)]) from error
    except RecursionError as error:
        raise ConfigError([Problem("this JSON is nested too deep to be read", Position(source))]) from error
    lines = _Lines(source.text)
    for start, end, token, value in _json_tokens(source.text):
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            what = "half of a surrogate pair stands for no character"
            raise ConfigError([Problem(what, position_of(source, start, end - start))])
        yield _json_event(token, value, lines.mark(start), lines.mark(end))


class _Lines:
    """Where the lines of a text begin, so that each of its many tokens gets a line and a column."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *accumulate(map(len, text.splitlines(keepends=True)))]

    def mark(self, index: int) -> yaml.Mark:
        line = bisect_right(self._starts, index) - 1
        return yaml.Mark("", index, line, index - self._starts[line], None, 0)


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
