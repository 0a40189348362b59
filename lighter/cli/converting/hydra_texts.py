"""Texts with `${...}` in them, as Hydra and OmegaConf read them, to texts of ours."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lighter.cli.converting.hydra_interpolations import (
    Interpolation,
    NotCarriedError,
    Piece,
    constant,
    pieces,
    unquoted,
)
from lighter.cli.converting.parts import Part, literal
from lighter.config.key_path import KeyPath, text

MISSING = "???"
_PLACE = re.compile(r"(\.*)([^\[\]]*)((?:\[[^\[\]]+\])*.*)\Z", re.DOTALL)
_OMEGACONF = "from omegaconf import OmegaConf"
_DEEPEST = 50  # interpolations that lead to each other

_OF_PATTERNS = {"job.name": "{config}", "job.override_dirname": "{overrides}"}

Keys = tuple[Any, ...]


@dataclass(slots=True)
class Texts:
    """Rewrites the texts of a composed config.

    `moved` says where a place of it is here, None where it is left out, and `resolve` what a resolver is as an
    expression; `variables` are the defaults of those of the environment that the script there sets itself; `imports`
    gathers what expressions need, `used` what is referred to.
    """

    root: Part
    choices: Mapping[str, str]
    moved: Callable[[Keys], KeyPath | None]
    resolve: "Callable[[Texts, Interpolation, Keys], str]"
    variables: Mapping[str, str] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    used: set[Keys] = field(default_factory=set)
    _active: list[Keys] = field(default_factory=list)

    def rewritten(self, written: str, at: Keys) -> Any:
        """The value of ours that a text at a place means. Raises NotCarriedError."""
        if written == MISSING or "$" not in written:
            return literal(written)
        found = [*pieces(written)]
        if len(found) == 1 and isinstance(found[0], Interpolation):
            return self._whole(found[0], at)
        joined = self._joined(found, at)
        if all(isinstance(piece, str) for piece in joined):
            return literal("".join(map(str, joined)))
        return f"${_as_text(joined)}"

    def static(self, part: Part, at: Keys, depth: int = 0) -> Any:
        """The plain value that a part has already now. Raises NotCarriedError where it is known at run time only."""
        if depth > _DEEPEST:
            raise NotCarriedError("it refers to itself")
        if isinstance(part.value, dict):
            return {key: self.static(below, (*at, key), depth + 1) for key, below in part.value.items()}
        if isinstance(part.value, list):
            return [self.static(below, (*at, index), depth + 1) for index, below in enumerate(part.value)]
        if not isinstance(part.value, str) or "$" not in part.value:
            return part.value
        values = [self._static_piece(piece, at, depth) for piece in pieces(part.value)]
        return values[0] if len(values) == 1 else "".join(map(_shown, values))

    def pattern(self, written: str, at: Keys) -> str:
        """The pattern of a folder that a text names. Raises NotCarriedError."""
        return "".join(self._of_pattern(piece, at) for piece in pieces(written))

    def _of_pattern(self, piece: Piece, at: Keys) -> str:
        if isinstance(piece, str):
            return piece.replace("{", "{{").replace("}", "}}")
        if piece.resolver == "now":
            return f"{{now:{unquoted(','.join(piece.arguments))}}}"
        if piece.resolver == "hydra" and piece.arguments[0] in _OF_PATTERNS:
            return _OF_PATTERNS[piece.arguments[0]]
        if piece.resolver == "oc.env" and piece.arguments[0] in self.variables:
            return self.variables[piece.arguments[0]]
        if piece.resolver:
            return str(self._static_piece(piece, at, 0))
        place = self.place(piece, at)
        part = self.root.find(*place)
        if part is not None and isinstance(part.value, str) and "$" in part.value:
            return self.pattern(part.value, place)
        moved = self._moved(place)
        return f"{{{text(moved)}}}" if moved is not None else str(self._inlined(place))

    def literal_code(self, part: Part, at: Keys) -> str:
        """A part as a literal of Python, with what it refers to."""
        if isinstance(part.value, dict):
            pairs = (f"{key!r}: {self.literal_code(below, (*at, key))}" for key, below in part.value.items())
            return f"{{{', '.join(pairs)}}}"
        if isinstance(part.value, list):
            return f"[{', '.join(self.literal_code(below, (*at, i)) for i, below in enumerate(part.value))}]"
        if not isinstance(part.value, str) or "$" not in part.value:
            return part.written or repr(part.value)
        place = self.named(part, at)
        there = self.root.find(*place) if place else None
        if place and there is not None and isinstance(there.value, dict | list):
            return self.literal_code(there, place)
        found = [*pieces(part.value)]
        if len(found) == 1 and isinstance(found[0], Interpolation):
            return self.code(found[0], at)
        return _as_text(self._joined(found, at))

    def named(self, part: Part, at: Keys) -> Keys | None:
        """The place that a part stands for, if it is nothing but an interpolation of one."""
        found = [*pieces(part.value)] if isinstance(part.value, str) else []
        if len(found) != 1 or not isinstance(found[0], Interpolation) or found[0].resolver:
            return None
        return self.place(found[0], at)

    def needs(self, statement: str) -> None:
        """Notes an import statement that what is written refers to."""
        self.imports.add(statement)

    def created(self, part: Part, at: Keys) -> str:
        """The expression of ours that gives a part as OmegaConf's object, with nothing of it built."""
        self.imports.add(_OMEGACONF)
        return f"$OmegaConf.create({self.literal_code(part, at)})"

    def _whole(self, piece: Interpolation, at: Keys) -> Any:
        if piece.resolver:
            code = self.code(piece, at)
            is_constant, value = constant(code)
            return _literal(value) if is_constant else f"${code}"
        place = self.place(piece, at)
        moved = self._moved(place)
        if moved is not None:
            return f"%{text(moved)}"
        return self._inlined(place)

    def _inlined(self, place: Keys) -> Any:
        """The value at a place that is left out here."""
        part = self.root.find(*place)
        if part is None:
            raise NotCarriedError(f"there is no '{_dotted(place)}'")
        value = self.static(part, place)
        if isinstance(value, dict | list):
            raise NotCarriedError(f"'{_dotted(place)}' is left out")
        return _literal(value)

    def _joined(self, pieces: list[Piece], at: Keys) -> list[Piece | tuple[str]]:
        """The pieces, each interpolation as plain text or as code, which is the one item of a tuple."""
        found: list[Any] = []
        for piece in pieces:
            if isinstance(piece, str):
                found.append(piece)
                continue
            code = self.code(piece, at)
            is_constant, value = constant(code)
            found.append(str(value) if is_constant else (code,))
        return found

    def code(self, piece: Interpolation, at: Keys) -> str:
        """An interpolation as an expression of Python, in which `@place` is a place."""
        if not piece.resolver:
            place = self.place(piece, at)
            moved = self._moved(place)
            return f"@{text(moved)}" if moved is not None else repr(self._inlined(place))
        return self.resolve(self, piece, at)

    def place(self, piece: Interpolation, at: Keys) -> Keys:
        """The place that an interpolation names, seen from the root of the config there."""
        written = self._plain(piece.arguments[0], at)
        match = _PLACE.match(written)
        assert match is not None
        names = [name for name in match[2].split(".") if name]
        names += [name for name in re.split(r"[\[\].]+", match[3]) if name]
        above = at[: len(at) - len(match[1])] if match[1] else ()
        if len(match[1]) > len(at) or not (names or match[1]):
            raise NotCarriedError(f"'${{{piece.written}}}' names no place")
        keys: list[Any] = [*above]
        for name in names:
            part = self.root.find(*keys)
            is_number = part is not None and name not in part.entries and name.isdecimal() and int(name) in part.entries
            keys.append(int(name) if is_number else name)
        return tuple(keys)

    def _moved(self, place: Keys) -> KeyPath | None:
        """Where a place of the config there is here; None where it is left out."""
        if self.root.find(*place) is None:
            beyond = self._through(place)
            if beyond is None:
                raise NotCarriedError(f"there is no '{_dotted(place)}'")
            return self._moved(beyond)
        moved = self.moved(place)
        self.used.add(place)
        part = self.root.find(*place)
        if moved is None or part is None or not isinstance(part.value, str):
            return moved
        if place in self._active:
            raise NotCarriedError(f"'{_dotted(place)}' refers to itself")
        self._active.append(place)
        try:
            self.rewritten(part.value, place)  # raises where it is left out itself
        finally:
            self._active.pop()
        return moved

    def _through(self, place: Keys) -> Keys | None:
        """The same place, where one above it is an interpolation that stands for another."""
        for depth in range(len(place) - 1, 0, -1):
            part = self.root.find(*place[:depth])
            named = self.named(part, place[:depth]) if part is not None else None
            if named:
                return (*named, *place[depth:])
        return None

    def _plain(self, written: str, at: Keys) -> str:
        """An argument as plain text: what is named in it is known now."""
        return str(_shown(self.static(Part(unquoted(written)), at)))

    def _static_piece(self, piece: Piece, at: Keys, depth: int) -> Any:
        if isinstance(piece, str):
            return piece
        if piece.resolver:
            is_constant, value = constant(self.code(piece, at))
            if is_constant:
                return value
            raise NotCarriedError(f"'${{{piece.written}}}' is known at run time only")
        place = self.place(piece, at)
        part = self.root.find(*place)
        if part is None:
            beyond = self._through(place)
            part = self.root.find(*beyond) if beyond else None
        if part is None:
            raise NotCarriedError(f"there is no '{_dotted(place)}'")
        return self.static(part, place, depth + 1)


def _literal(value: Any) -> Any:
    """A plain value, of which every text stays the text it is."""
    if isinstance(value, list):
        return [_literal(item) for item in value]
    return literal(value) if isinstance(value, str) else value


def has_interpolation(part: Part) -> bool:
    """Whether a text of a part, or of one below it, has `${...}` in it."""
    return any("${" in below.text for below in part.walk() if below.text)


def _as_text(pieces: list[Any]) -> str:
    """Code for a text that is put together of plain pieces and of code."""
    plain = [piece for piece in pieces if isinstance(piece, str)]
    codes = [piece[0] for piece in pieces if not isinstance(piece, str)]
    if all(code.startswith("@") for code in codes) and not any(sign in one for one in plain for sign in "'\"\\{}"):
        inside = "".join(piece if isinstance(piece, str) else f"{{{piece[0]}}}" for piece in pieces)
        return f"f'{inside}'"
    return " + ".join(repr(one) if isinstance(one, str) else _as_string(one[0]) for one in pieces)


def _as_string(code: str) -> str:
    is_text = code.startswith("datetime.") or (code.startswith("env(") and not re.search(r", [^']+\)\Z", code))
    return code if is_text else f"str({code})"


def _dotted(place: Keys) -> str:
    return ".".join(map(str, place))


def _shown(value: Any) -> Any:
    """A value as OmegaConf writes it into a text."""
    return value if isinstance(value, str) else str(value)
