"""Texts of Hydra and OmegaConf as plain pieces and interpolations, `${a.b}` and `${oc.env:HOME}`."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_RESOLVER = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*:(?!:)")


class NotCarriedError(Exception):
    """A value that has no counterpart here; its text is the reason."""


class OfRunError(NotCarriedError):
    """A value that is of the folder that Hydra makes for a run."""


@dataclass(frozen=True, slots=True)
class Interpolation:
    """What stands between `${` and `}`: the name of a resolver, if any, and its arguments or the name of a place."""

    written: str
    resolver: str
    arguments: tuple[str, ...]


Piece = str | Interpolation


def pieces(written: str) -> Iterator[Piece]:
    """The plain texts and the interpolations of a text, in their order."""
    at, plain = 0, ""
    while at < len(written):
        if written.startswith("\\${", at):
            plain, at = f"{plain}${{", at + 3
        elif written.startswith("${", at) and (end := _end(written, at + 2)) is not None:
            if plain:
                yield plain
            yield _interpolation(written[at + 2 : end])
            plain, at = "", end + 1
        else:
            plain, at = plain + written[at], at + 1
    if plain:
        yield plain


def _end(written: str, at: int) -> int | None:
    """Where the bracket that was opened before `at` is closed."""
    depth, quote = 0, ""
    for index in range(at, len(written)):
        sign = written[index]
        if quote:
            quote = "" if sign == quote and written[index - 1] != "\\" else quote
        elif sign in "'\"":
            quote = sign
        elif sign == "{":
            depth += 1
        elif sign == "}":
            if depth == 0:
                return index
            depth -= 1
    return None


def _interpolation(inside: str) -> Interpolation:
    resolver = _RESOLVER.match(inside)
    if inside.startswith("hydra."):  # its own config, which is not composed here
        return Interpolation(inside, "hydra", (inside.removeprefix("hydra."),))
    if resolver is None:
        return Interpolation(inside, "", (inside.strip(),))
    return Interpolation(inside, resolver[1], tuple(_arguments(inside[resolver.end() :])))


def _arguments(written: str) -> Iterator[str]:
    """What stands between the commas that are in no brackets and quotes."""
    depth, quote, begun = 0, "", 0
    for index, sign in enumerate(written):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "{[(":
            depth += 1
        elif sign in "}])":
            depth -= 1
        elif sign == "," and depth == 0:
            yield written[begun:index].strip()
            begun = index + 1
    yield written[begun:].strip()


def unquoted(written: str) -> str:
    """A text without the quotes around it."""
    is_quoted = len(written) > 1 and written[0] in "'\"" and written[-1] == written[0]
    return re.sub(r"\\(['\"\\])", r"\1", written[1:-1]) if is_quoted else written


def constant(code: str) -> tuple[bool, Any]:
    """Whether code is a plain value, and that value."""
    try:
        return True, ast.literal_eval(code)
    except (ValueError, SyntaxError):
        return False, None
