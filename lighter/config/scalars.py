"""YAML's plain scalars as people mean them: the core schema of YAML 1.2, and `1_000` as Python writes it."""

import re

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
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
