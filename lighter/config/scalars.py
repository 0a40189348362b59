"""What a scalar means: plain ones as in YAML 1.2 and `1_000`; texts: as `@place`, `$code` or `%piece`, or plain."""

import re

from lighter.config.key_path import ROOT, Relative, parse_relative
from lighter.config.tree import Code, Macro, Node, Reference, Scalar, as_text
from lighter.errors import Position, Problem

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
SWITCHES = ("true", "false")
WORDS_OF_YAML_1_1 = {"yes": "true", "on": "true", "no": "false", "off": "false", "none": "null"}
LONGEST = 3000  # characters of an integer; Python writes out none of more than 4300 digits
_INTEGER = re.compile(r"[-+]?[0-9](?:_?[0-9])*\Z")
_PREFIXED = re.compile(r"[-+]?0(?:x[0-9a-fA-F]+|o[0-7]+|b[01]+)\Z")
_DIGITS = r"[0-9](?:_?[0-9])*"
_FLOAT = re.compile(rf"[-+]?(?:\.{_DIGITS}|{_DIGITS}(?:\.(?:{_DIGITS})?)?)(?:[eE][-+]?[0-9]+)?\Z")
_INFINITE = re.compile(r"([-+]?)\.(?:inf|Inf|INF)\Z")
_STARTS_NUMBER = frozenset("+-.0123456789")


def read_scalar(written: str) -> object:
    """The value of a plain scalar; a text that is nothing else is a string. Raises ValueError for endless integers."""
    if written in NULLS:
        return None
    if written in BOOLEANS:
        return BOOLEANS[written]
    if written[0] in _STARTS_NUMBER:
        return _read_number(written)
    return written


def reads_as_text(written: str) -> bool:
    """Whether a string, written plain, is read back as that string."""
    try:
        return isinstance(read_scalar(written), str)
    except ValueError:
        return False


def _read_number(written: str) -> object:
    if _INTEGER.match(written):
        return _integer(written.replace("_", ""), 10)
    if _PREFIXED.match(written):
        return _integer(written, 0)
    if _FLOAT.match(written):
        return float(written)
    if infinite := _INFINITE.match(written):
        return float(f"{infinite[1]}inf")
    return float("nan") if written in (".nan", ".NaN", ".NAN") else written


def _integer(written: str, base: int) -> int:
    if len(written) > LONGEST:
        raise ValueError(f"an integer of more than {LONGEST} characters")
    return int(written, base)


SIGNS = ("@", "$", "%")
SUFFIXES = (".yaml", ".yml", ".json")  # of config files
_FILE = re.compile(rf"^(?P<file>.*?(?:{'|'.join(map(re.escape, SUFFIXES))}))(?:(?:::|#)(?P<place>.*))?$", re.DOTALL)


def split_file(written: str) -> tuple[str, str] | None:
    """The config file that a text names, and the place in it; None where it names none."""
    match = _FILE.match(written)
    return (match["file"], match["place"] or "") if match is not None else None


def plain_node(value: object, position: Position, written: str) -> Scalar:
    """The node of a value that is no text; a number that Python writes otherwise keeps how it is written."""
    is_kept = type(value) in (int, float) and str(value) != written
    return Scalar(value, position, written=written if is_kept else "")


def read_string(value: str, position: Position, problems: list[Problem]) -> Node:
    """The node a string stands for; a malformed one is added to the problems and kept as text."""
    sign = value[:1]
    if sign not in SIGNS or len(value) == 1:
        return Scalar(value, position)
    if value[1] == sign:
        return Scalar(value[1:], position)
    if sign == "$":
        return Code(value[1:], position)
    try:
        return Reference(value, _place(value[1:]), position) if sign == "@" else _macro(value, position)
    except ValueError:
        problems.append(_malformed(value, position))
        return Scalar(value, position)


def _macro(value: str, position: Position) -> Macro:
    match = _FILE.match(value[1:])
    if match is None:
        return Macro(value, None, _place(value[1:]), position)
    place = match["place"]
    # A file without a place is copied whole: climbing no level and following no key gives its root.
    target = _place(place) if place else Relative(0, ROOT)
    return Macro(value, match["file"], target, position)


def _place(written: str) -> Relative:
    if re.search(r"\s", written):
        raise ValueError("a space")
    return parse_relative(written)


def _malformed(value: str, position: Position) -> Problem:
    sign, kind = value[0], "reference" if value[0] == "@" else "macro"
    why = (
        "holds a space" if re.search(r"\s", value) else "has an empty key" if value.strip("@%:#") else "names no place"
    )
    help = f"a place is written '{sign}system::model'; {as_text(sign)}"
    return Problem(f"'{value}' {why}, so it is no {kind}", position, help=help)
