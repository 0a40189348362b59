"""What a string of a config means, decided once, as it is read: plain text, `@place`, `$code` or `%piece`."""

import re

from lighter.config.key_path import ROOT, Relative, parse_relative
from lighter.config.lookup import as_text
from lighter.config.tree import Code, Macro, Node, Reference, Scalar
from lighter.errors import Position, Problem

SIGNS = ("@", "$", "%")
_FILE = re.compile(r"^(?P<file>.*?\.(?:yaml|yml|json))(?:(?:::|#)(?P<place>.*))?$", re.DOTALL)


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
        return _reference(value, position) if sign == "@" else _macro(value, position)
    except ValueError:
        problems.append(_malformed(value, position))
        return Scalar(value, position)


def _reference(value: str, position: Position) -> Reference:
    return Reference(value, _place(value[1:]), position)


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
