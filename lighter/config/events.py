"""A text to a stream of parser events: YAML by PyYAML, JSON by Python's own json, both with their places."""

import json
import re
from collections.abc import Iterator
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

from lighter.errors import ConfigError, Problem
from lighter.source import Position, Source

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's parser is ten times faster
_TOKEN = re.compile(r'[\s,:]*([{}\[\]"]|[^\s,:{}\[\]"]+)')
_CONSTANTS = {"NaN": ".nan", "Infinity": ".inf", "-Infinity": "-.inf"}

__all__ = ["json_events", "yaml_events"]


def yaml_events(source: Source) -> Iterator[Event]:
    """The events of a YAML text. Raises ConfigError at the first place that is no YAML."""
    try:
        yield from yaml.parse(source.text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        position = Position(source, mark.line + 1, mark.column + 1) if mark else Position(source)
        raise ConfigError([_not_yaml(source, position, error)]) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise ConfigError([Problem(f"this is no YAML text: {_first_line(error)}", Position(source))]) from error


def json_events(source: Source) -> Iterator[Event]:
    """The events of a JSON text. Raises ConfigError at the first place that is no JSON."""
    try:
        json.loads(source.text)
    except json.JSONDecodeError as error:
        position = Position(source, error.lineno, error.colno)
        raise ConfigError([Problem(f"this is no JSON: {error.msg}", position)]) from error
    except (RecursionError, ValueError) as error:
        raise ConfigError([Problem(f"this JSON cannot be read: {_first_line(error)}", Position(source))]) from error
    yield from _json_tokens(source.text)


def _json_tokens(text: str) -> Iterator[Event]:
    """Events of a text that is known to be JSON."""
    index, line, line_start = 0, 0, 0
    while match := _TOKEN.match(text, index):
        start, token = match.start(1), match[1]
        line += text.count("\n", index, start)
        line_start = text.rfind("\n", 0, start) + 1
        value, index = scanstring(text, start + 1) if token == '"' else (token, match.end(1))
        at = yaml.Mark("", start, line, start - line_start, None, None)
        end = yaml.Mark("", index, line, index - line_start, None, None)
        yield _json_event(token, value, at, end)


def _json_event(token: str, value: str, start: yaml.Mark, end: yaml.Mark) -> Event:
    if token == "{":
        return MappingStartEvent(None, None, True, start, end)
    if token == "[":
        return SequenceStartEvent(None, None, True, start, end)
    if token in "}]":
        return (MappingEndEvent if token == "}" else SequenceEndEvent)(start, end)
    quoted = token == '"'
    return ScalarEvent(None, None, (not quoted, quoted), value if quoted else _CONSTANTS.get(value, value), start, end)


def _not_yaml(source: Source, position: Position, error: yaml.MarkedYAMLError) -> Problem:
    character = _character(source.text, position)
    if character in ("@", "%", "`") and "cannot start any token" in str(error.problem):
        return Problem(
            f"a value that starts with '{character}' stands in quotes",
            position,
            help=f'write "{character}..."',
        )
    if character == "\t":
        return Problem("a tab cannot indent YAML", position, help="indent with spaces")
    context = f" {error.context}" if error.context else ""
    return Problem(f"this is no YAML: {error.problem}{context}", position)


def _character(text: str, position: Position) -> str:
    lines = text.splitlines()
    line = lines[position.line - 1] if 0 < position.line <= len(lines) else ""
    return line[position.column - 1 : position.column]


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
