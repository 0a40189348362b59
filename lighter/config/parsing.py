"""A text to a stream of parser events: YAML by PyYAML, JSON by Python's own json, both with their places."""

import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, pairwise, takewhile
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

from lighter.errors import ConfigError, Edit, Position, Problem, Source

_COMMENT = r"[\s\[{,]#"
_BARE = r"[^\s,\]}]*"
_INTERPOLATION = r"\$\{(?:(\w+(?:\.\w+)*)\}|[^{}]*\})"  # what other tools write for `@vars::x`
_IN_BRACKETS = r"(\s*(?:- +)*(?:[\w.:-]+: +)?)(\{[^{}]*\}|\[[^\[\]]*\])([^\s,#][^'\"#]*?)\s*(?:\s#.*)?\Z"  # `{a}/b`
_COLUMN = "the keys of one mapping begin in the same column"
_NO_SPACE = r"\s*((?:- +)*)([\w.-]+):(?!//)(\S+)\s*\Z"  # `lr:3e-3`, which is a text
_OF_INDENT = ("did not find expected key", "mapping values are not allowed")
# What the parser says, what is said instead, what helps, and what began where the parser's context is.
_WORDS = (
    ("expected ',' or ']'", "a ',' or a ']' is missing in a list", "", "the list begins here"),
    ("expected ',' or '}'", "a ',' or a '}' is missing in a mapping", "", "the mapping begins here"),
    ("unexpected end of stream", "the quotes of a text are not closed", "", "the text begins here"),
    ("did not find expected key", "this does not belong to the mapping above", _COLUMN, "the mapping begins here"),
    ("expected '-' indicator", "this is no item of the list above", "items begin with '- '", "the list begins here"),
    ("mapping values are not allowed", "': ' is not allowed here", f"a text with ': ' needs quotes; {_COLUMN}", ""),
    ("expected node content", "a value is missing here, or a bracket is not closed", "", ""),
    ("sequence entries are not allowed", "'- ' is not allowed here", "a list begins in a line of its own", ""),
    ("expected <document start>", "this does not belong to the value before it", "put all of the text in quotes", ""),
    (
        "unknown escape character",
        "there is no such escape",
        "double quotes hold a backslash as two, single quotes as one",
        "",
    ),
    ("a tab character", "a tab cannot indent YAML", "indent with spaces", ""),
)

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's parser is ten times faster
_TOKEN = re.compile(r'[\s,:]*([{}\[\]"]|[^\s,:{}\[\]"]+)')
_CONSTANTS = {"NaN": ".nan", "Infinity": ".inf", "-Infinity": "-.inf"}
_OPENING = {"{": MappingStartEvent, "[": SequenceStartEvent}
_CLOSING = {"}": MappingEndEvent, "]": SequenceEndEvent}


def syntax_error(source: Source, error: Exception) -> Problem:
    """The mistake that PyYAML stopped at."""
    if isinstance(error, yaml.MarkedYAMLError):
        return _of_form(source, error, str(error.problem))
    return _of_characters(source, error)


def position_of(source: Source, index: int, width: int = 1) -> Position:
    """The position of a character of a text."""
    before = f"{source.text[:index]}.".splitlines()
    return Position(source, len(before), len(before[-1]), width)


def _of_form(source: Source, error: yaml.MarkedYAMLError, said: str) -> Problem:
    position, begun = _at(source, error.problem_mark or error.context_mark), _at(source, error.context_mark)
    if "cannot start any token" in said and _rest(position)[:1] == "\t":
        return Problem("a tab cannot indent YAML", position, help="indent with spaces", code="syntax")
    if (unspaced := _unspaced(begun if "expected ':'" in said else position, said)) is not None:
        return unspaced
    if any(part in said for part in _OF_INDENT) and (odd := _oddly_indented(position)) is not None:
        return odd
    if "expected ':'" in said:
        return Problem("a ':' is missing behind a key", begun, help="write 'key: value'", code="syntax")
    if (open_ := re.match(_IN_BRACKETS, _line(position))) is not None and open_.end(2) == position.column - 1:
        what, written = f"a text that begins with '{open_[2][0]}' needs quotes", f"{open_[2]}{open_[3]}"
        at = Position(source, position.line, open_.start(2) + 1, len(written))
        quoted = f"'{written}', with the quotes" if source.has_lines else f"'\"{written}\"', with both pairs of quotes"
        return Problem(what, at, help=f"write {quoted}", code="syntax")
    bare = _rest(begun if "alphabetic or numeric" in said else position)
    if bare[:1] in ("@", "%", "`", "*", "&") and ("cannot start any token" in said or "alphabetic or numeric" in said):
        at = begun if "alphabetic or numeric" in said else position
        return Problem(f"a text that begins with '{bare[0]}' needs quotes", at, help=f'write "{bare}"', code="syntax")
    if (foreign := re.match(_INTERPOLATION, _line(position)[max(0, position.column - 2) :])) is not None:
        at = Position(position.source, position.line, position.column - 1, len(foreign[0]))
        help = f'write "@{foreign[1].replace(".", "::")}"' if foreign[1] else "put it in quotes"
        return Problem(f"'{foreign[0]}' needs quotes within brackets", at, help=help, code="foreign")
    for part, what, help, label in _WORDS:
        if part in said:
            also = ((label, begun),) if label and source.has_lines else ()
            return Problem(what, position, help=help or _of_comment(begun), also=also, code="syntax")
    return Problem(f"this is no YAML: {said}", position, code="syntax")


def _unspaced(position: Position, said: str) -> Problem | None:
    """The mistake of `lr:3e-3` in that line, or in the one above, which the parser reads as one text with it."""
    if "expected ':'" not in said and "mapping values" not in said:
        return None
    lines = position.source.text.splitlines()
    for line in (position.line, position.line - 1):
        written = re.match(_NO_SPACE, lines[line - 1]) if line > 0 else None
        if written is not None:
            at = Position(position.source, line, written.start(2) + 1, len(written[2]) + 1)
            edit = Edit(at, f"{written[2]}:", f"{written[2]}: ")
            help = f"write '{written[2]}: {written[3]}'"
            return Problem("a space is missing after a colon", at, help=help, code="syntax", edit=edit)
    return None


def _oddly_indented(position: Position) -> Problem | None:
    """The line above whose indent is none of the file's, where the line that the parser stopped at has one of them."""
    lines = enumerate(position.source.text.splitlines(), 1)
    keys = [(number, _indent(line)) for number, line in lines if line.strip() and line.lstrip()[0] not in "#-"]
    steps = Counter(below - above for (_, above), (_, below) in pairwise(keys) if below > above)
    usual = max({2: 0, **steps}, key=lambda step: steps[step] + (step == 2))
    before = [(number, indent) for number, indent in keys if number < position.line]
    odd = [*takewhile(lambda key: key[1] % usual, reversed(before))]
    if not odd or _indent(position.source.text.splitlines()[position.line - 1]) % usual:
        return None
    number, indent = odd[-1]
    what = f"this line is indented by {indent}, the others by multiples of {usual}"
    return Problem(what, Position(position.source, number, indent + 1), help=_COLUMN, code="syntax")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _of_comment(begun: Position) -> str:
    """The help where brackets are not closed, perhaps because the rest of their line is a comment."""
    line = (begun.source.text.splitlines() or [""])[begun.line - 1]
    return "a '#' begins a comment here: a text with one needs quotes" if re.search(_COMMENT, line) else ""


def _of_characters(source: Source, error: Exception) -> Problem:
    """What is wrong with a text with a character that YAML does not allow."""
    match = Reader.NON_PRINTABLE.search(source.text)
    if match is None:
        return Problem(f"this is no YAML text: {str(error).strip().splitlines()[0]}", Position(source), code="syntax")
    what = f"the character U+{ord(match[0]):04X} is not allowed in YAML"
    help = "" if "\ud800" <= match[0] <= "\udfff" else f'write "\\u{ord(match[0]):04x}", in double quotes'
    return Problem(what, position_of(source, match.start()), help=help, code="syntax")


def _at(source: Source, mark: yaml.Mark | None) -> Position:
    """The position of a mark; one behind the text, where something was missed, is at the end of its last line."""
    lines = source.text.splitlines() or [""]
    if mark is None:
        return Position(source)
    if mark.line >= len(lines):
        return Position(source, len(lines), len(lines[-1]) + 1)
    return Position(source, mark.line + 1, mark.column + 1)


def _line(position: Position) -> str:
    return (position.source.text.splitlines() or [""])[position.line - 1]


def _rest(position: Position) -> str:
    """What is at a position, up to where a bare text would end."""
    line = _line(position)[position.column - 1 :]
    match = re.match(_BARE, line)
    return match[0] if match and match[0] else line[:1]


def yaml_events(source: Source) -> Iterator[Event]:
    """The events of a YAML text. Raises ConfigError at the first place that is no YAML."""
    try:
        yield from yaml.parse(source.text, Loader=_Loader)
    except (yaml.YAMLError, UnicodeError) as error:
        raise ConfigError([syntax_error(source, error)]) from error


def json_events(source: Source) -> Iterator[Event]:
    """The events of a JSON text. Raises ConfigError at the first place that is no JSON."""
    try:
        json.loads(source.text, parse_int=len)  # only looked at: an endless number costs nothing
    except json.JSONDecodeError as error:
        position = position_of(source, error.pos)
        raise ConfigError([Problem(f"this is no JSON: {error.msg}", position, code="syntax")]) from error
    except RecursionError as error:
        raise ConfigError(
            [Problem("this JSON is nested too deep to be read", Position(source), code="syntax")]
        ) from error
    lines = _Lines(source.text)
    for start, end, token, value in _json_tokens(source.text):
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            what = "half of a surrogate pair is no character"
            raise ConfigError([Problem(what, position_of(source, start, end - start), code="syntax")])
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
