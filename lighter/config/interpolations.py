"""What other tools write for a value from elsewhere, `${vars.x}`, `$HOME/x` and `???`: told with what to write here."""

import re
from collections.abc import Iterator

from lighter.config.key_path import KeyPath, Relative, text
from lighter.config.schema import RUN_FOLDER  # which has a language of its own
from lighter.config.tree import DESCRIPTION, Mapping, Scalar, find, walk
from lighter.errors import Problem

MISSING = "???"
_ENVIRONMENT = r"(?:oc\.)?env:\s*(\w+)\s*(?:,\s*(.*?)\s*)?\Z"
_VARIABLE = r"([A-Z][A-Z0-9_]+)(?=[/\\:-])"  # what follows the `$` of `$HOME/x`
_PLACE = r"(\.*)([\w-]+(?:(?:\.|::)[\w-]+|\[\w+\])*)\Z"
_PIECE = r"\$\{([^{}$]+)\}|\$([A-Z][A-Z0-9_]+)(?![A-Za-z0-9_$])"


def spelling_of(code: str, tree: Mapping, at: KeyPath, is_python: bool) -> str:
    """What to write for `$code` that is meant as another tool means it, or nothing where it is Python, and that alone.

    `is_python` says that it can be read, and knows all its names.
    """
    piece = re.match(_PIECE, f"${code}") if code[:1] == "{" else None
    if piece is not None:
        place = _place(piece[1])
        is_meant = place is not None and "." in piece[1] and _is_there(place, tree, at)
        return _instead(f"${code}", tree, at) if is_meant or not is_python else ""
    return _instead(f"${code}", tree, at) if not is_python and re.match(_VARIABLE, code) else ""


def interpolation_problems(tree: Mapping) -> Iterator[Problem]:
    """The texts with such values in them: an error where one is missing, a warning where it may be meant as text."""
    for place, node in walk(tree):
        written = node.value if isinstance(node, Scalar) else None
        if not isinstance(written, str) or "\n" in written or DESCRIPTION in place or place == RUN_FOLDER:
            continue
        if written == MISSING:
            help = f"give it one, here or in a later source; for three question marks write \"$'{MISSING}'\""
            yield Problem(f"'{text(place)}' has no value yet", node.position, text(place), help, code="missing")
        elif "$" in written and written[0] != "$" and re.search(_PIECE, written):
            help = _instead(written, tree, place)
            yield Problem(f"'{written}' is a text here", node.position, text(place), help, is_warning=True)


def _instead(written: str, tree: Mapping, at: KeyPath) -> str:
    """What to write for a text with such values in it."""
    pieces = [*re.finditer(_PIECE, written)]
    codes = [_code(piece, tree, at) for piece in pieces]
    texts = re.sub(_PIECE, "\n", written).split("\n")
    if not all(codes) or any(sign in text for text in texts for sign in "'\"\\{}"):
        return "'$...' is a Python expression, in which '@vars::x' is the value at a place and env('NAME') a variable"
    if len(codes) == 1 and not any(texts):
        return f'write "{codes[0]}"' if codes[0].startswith("@") else f'write "${codes[0]}"'
    if all(code.startswith("@") for code in codes):
        inside = "".join(part for pair in zip(texts, [f"{{{code}}}" for code in codes], strict=False) for part in pair)
        return f"write \"$f'{inside}{texts[-1]}'\""
    parts = [
        part for pair in zip(map(_quoted, texts), map(_as_text, [*codes, ""]), strict=True) for part in pair if part
    ]
    return f'write "${" + ".join(parts)}"'


def _quoted(part: str) -> str:
    return f"'{part}'" if part else ""


def _as_text(code: str) -> str:
    return f"str({code})" if code.startswith("@") else code


def _code(piece: re.Match[str], tree: Mapping, at: KeyPath) -> str:
    """The reference or call that one value is written as; nothing where it cannot be known."""
    if piece[2]:
        return f"env('{piece[2]}')"
    if variable := re.match(_ENVIRONMENT, piece[1]):
        default = f", '{variable[2]}'" if variable[2] is not None else ""
        return f"env('{variable[1]}'{default})"
    place = _place(piece[1])
    if place is None:
        return ""
    return f"env('{piece[1]}')" if piece[1].isupper() and not _is_there(place, tree, at) else f"@{place}"


def _place(written: str) -> Relative | None:
    """The place that `vars.x`, `..x` or `a.b[0]` names."""
    match = re.match(_PLACE, written)
    return Relative(len(match[1]), tuple(re.findall(r"[\w-]+", match[2]))) if match is not None else None


def _is_there(place: Relative, tree: Mapping, at: KeyPath) -> bool:
    seen = place.seen_from(at)
    return seen is not None and find(tree, seen) is not None
