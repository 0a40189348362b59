"""What a string of a config means, decided once, as it is read: plain text, `@place`, `$code` or `%piece`."""

import re

from lighter.config.paths import ROOT, Relative, parse_relative
from lighter.config.tree import Code, Macro, Node, Reference, Scalar
from lighter.errors import Problem
from lighter.source import Position

SIGNS = ("@", "$", "%")
_FILE = re.compile(r"^(?P<file>.*?\.(?:yaml|yml|json))(?:(?:::|#)(?P<place>.*))?$", re.DOTALL)

__all__ = ["SIGNS", "read_string"]


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
    except ValueError as error:
        problems.append(_malformed(value, str(error), position))
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
        raise ValueError(f"'{written}' holds a space")
    return parse_relative(written)


def _malformed(value: str, why: str, position: Position) -> Problem:
    sign = value[0]
    kind = "a reference" if sign == "@" else "a macro"
    return Problem(
        f"{why}, so it is not {kind}",
        position,
        help=f"a place is written '{sign}system::model', a text that begins with '{sign}' as '{sign}{value}'",
    )
