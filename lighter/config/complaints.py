"""What is wrong with a text that is no YAML, in words of people instead of the parser's."""

import re

import yaml
from yaml.reader import Reader

from lighter.errors import Position, Problem, Source

_BARE = re.compile(r"[^\s,\]}]*")
_COLUMN = "the keys of one mapping begin in the same column"
# What the parser says, what is said instead, what helps, and what began where the parser's context is.
_WORDS = (
    ("expected ',' or ']'", "a ',' or a ']' is missing in a list", "", "the list begins here"),
    ("expected ',' or '}'", "a ',' or a '}' is missing in a mapping", "", "the mapping begins here"),
    ("unexpected end of stream", "the quotes of a text are not closed", "", "the text begins here"),
    ("did not find expected key", "this does not belong to the mapping above", _COLUMN, "the mapping begins here"),
    ("expected '-' indicator", "this is no item of the list above", "items begin with '- '", "the list begins here"),
    ("mapping values are not allowed", "no ': ' may stand here", f"a text with ': ' stands in quotes; {_COLUMN}", ""),
    ("expected node content", "a value is missing here, or a bracket is not closed", "", ""),
    ("sequence entries are not allowed", "no '- ' may stand here", "a list begins in a line of its own", ""),
    (
        "unknown escape character",
        "there is no such escape",
        "double quotes hold a backslash as two, single quotes as one",
        "",
    ),
    ("a tab character", "a tab cannot indent YAML", "indent with spaces", ""),
)

__all__ = ["complaint", "position_of"]


def complaint(source: Source, error: Exception) -> Problem:
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
        return Problem("a tab cannot indent YAML", position, help="indent with spaces")
    if "expected ':'" in said:
        return Problem("a ':' is missing behind a key", begun, help="write 'key: value'")
    bare = _rest(begun if "alphabetic or numeric" in said else position)
    if bare[:1] in ("@", "%", "`", "*", "&") and ("cannot start any token" in said or "alphabetic or numeric" in said):
        at = begun if "alphabetic or numeric" in said else position
        return Problem(f"a text that begins with '{bare[0]}' stands in quotes", at, help=f'write "{bare}"')
    for part, what, help, label in _WORDS:
        if part in said:
            also = ((label, begun),) if label and source.has_lines else ()
            return Problem(what, position, help=help, also=also)
    return Problem(f"this is no YAML: {said}", position)


def _of_characters(source: Source, error: Exception) -> Problem:
    """What is told of a text with a character that YAML does not allow."""
    match = Reader.NON_PRINTABLE.search(source.text)
    if match is None:
        return Problem(f"this is no YAML text: {str(error).strip().splitlines()[0]}", Position(source))
    what = f"the character U+{ord(match[0]):04X} cannot stand in YAML"
    help = "" if "\ud800" <= match[0] <= "\udfff" else f'write "\\u{ord(match[0]):04x}", in double quotes'
    return Problem(what, position_of(source, match.start()), help=help)


def _at(source: Source, mark: yaml.Mark | None) -> Position:
    """The position of a mark; one behind the text, where something was missed, is at the end of its last line."""
    lines = source.text.splitlines() or [""]
    if mark is None:
        return Position(source)
    if mark.line >= len(lines):
        return Position(source, len(lines), len(lines[-1]) + 1)
    return Position(source, mark.line + 1, mark.column + 1)


def _rest(position: Position) -> str:
    """What stands at a position, up to where a bare text would end."""
    line = (position.source.text.splitlines() or [""])[position.line - 1][position.column - 1 :]
    match = _BARE.match(line)
    return match[0] if match and match[0] else line[:1]
