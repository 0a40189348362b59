"""Values as Hydra's command line and its sweepers write them: `[a, 'b c']`, `{x: 1}`, `interval(0.1, 1)`, `a,b,c`."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lighter.cli.converting.parts import Part
from lighter.errors import UsageError, suggestion

_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_INTERPOLATION = re.compile(r"\$\{(?:[^{}]|\{[^{}]*\})*\}")
_CALL = re.compile(r"([A-Za-z_]\w*)\(")
_NAMED = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*")
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*(?:_[0-9]+)*)\Z")
_FLOAT = re.compile(r"[+-]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*|[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?\Z")
_WORDS = {"true": True, "false": False, "null": None, "inf": math.inf, "nan": math.nan}
CALLS = ("choice", "range", "interval", "glob", "tag", "sort", "shuffle", "int", "float", "str", "bool")
_CASTS: dict[str, Any] = {"int": int, "float": float, "str": str, "bool": bool}


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the language, such as `choice(1, 2)`, or `a,b` as a choice without a name."""

    name: str
    arguments: Sequence["Value"]
    named: dict[str, "Value"]


Value = Part | Call


def read_value(written: str) -> Value:
    """What follows the `=` of a word. Raises UsageError where it cannot be read."""
    reader = _Reader(written)
    values = [reader.value()]
    while reader.takes(","):
        values.append(reader.value())
    if not reader.is_at_end:
        raise reader.error()
    return values[0] if len(values) == 1 else Call("choice", values, {})


class _Reader:
    """Reads one text from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        return self._at >= len(self._text)

    def value(self) -> Value:
        self._skip_spaces()
        if quoted := self._match(_QUOTED):
            text = next(part for part in quoted.groups() if part is not None)
            return Part(re.sub(r"\\(['\"\\])", r"\1", text))
        if self.takes("["):
            return Part([_plain(value) for value in self._until("]")])
        if self.takes("{"):
            return Part(dict(self._pairs()))
        if call := self._match(_CALL):
            return self._call(call[1])
        return self._primitive()

    def takes(self, sign: str) -> bool:
        self._skip_spaces()
        if not self._text.startswith(sign, self._at):
            return False
        self._at += len(sign)
        return True

    def _until(self, end: str) -> list[Value]:
        values: list[Value] = []
        while not self.takes(end):
            values.append(self.value())
            if not self.takes(",") and not self._text.startswith(end, self._at):
                raise self.error()
        return values

    def _pairs(self) -> list[tuple[Any, Part]]:
        pairs: list[tuple[Any, Part]] = []
        while not self.takes("}"):
            key = self.value() if self._text[self._at : self._at + 1] in "'\"" else self._primitive(":,}")
            value = self.value() if self.takes(":") else Part(None)
            pairs.append((_plain(key).value, _plain(value)))
            if not self.takes(",") and not self._text.startswith("}", self._at):
                raise self.error()
        return pairs

    def _call(self, name: str) -> Value:
        arguments: list[Value] = []
        named: dict[str, Value] = {}
        while not self.takes(")"):
            if keyword := self._match(_NAMED):
                named[keyword[1]] = self.value()
            else:
                arguments.append(self.value())
            if not self.takes(",") and not self._text.startswith(")", self._at):
                raise self.error()
        if name in _CASTS and len(arguments) == 1 and isinstance(arguments[0], Part):
            return Part(_CASTS[name](arguments[0].value))
        if name not in CALLS:
            raise UsageError(f"Hydra has no function '{name}' for values; {suggestion(name, CALLS, 'it has')}")
        return Call(name, arguments, named)

    def _primitive(self, ends: str = ",]})") -> Part:
        """A word, a number, or a text without quotes, which may hold spaces and interpolations."""
        start = self._at
        while not self.is_at_end and self._text[self._at] not in ends:
            if interpolation := _INTERPOLATION.match(self._text, self._at):
                self._at = interpolation.end()
            else:
                self._at += 2 if self._text[self._at] == "\\" else 1
        text = self._text[start : self._at].strip()
        if text.lower() in _WORDS:
            return Part(_WORDS[text.lower()])
        if _INTEGER.match(text):
            return Part(int(text))
        if _FLOAT.match(text) and not re.match(r"[+-]?0[0-9]", text):
            return Part(float(text), written=text)
        return Part(re.sub(r"\\([\\,=:(){}\[\] ])", r"\1", text))

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return match

    def _skip_spaces(self) -> None:
        while self._text[self._at : self._at + 1] == " ":
            self._at += 1

    def error(self) -> UsageError:
        return UsageError(f"'{self._text}' cannot be read as a value of Hydra's, from '{self._text[self._at :]}' on")


def _plain(value: Value) -> Part:
    if isinstance(value, Call):
        raise UsageError(f"'{value.name}(...)' lists values, and stands within another value")
    return value
