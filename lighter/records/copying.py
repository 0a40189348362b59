"""The text of a config as it may be copied: without the secrets that stand in it."""

from collections.abc import Iterator

from lighter.config.key_path import SEPARATOR
from lighter.config.tree import Mapping, Node, Scalar, walk
from lighter.errors import Source
from lighter.records.composition import parsed
from lighter.records.masking import SHORTEST, is_secret, masked, may_hold_secret, variable

_LEFT_OUT = "# '{}' is not copied here: it holds a secret that cannot be taken out of its text.\n"

__all__ = ["copied"]


def copied(source: Source) -> str:
    """The text with an environment variable in place of each secret, or a line that says why it is not here."""
    if not may_hold_secret(source.text):
        return source.text
    tree = parsed(source)
    if tree is None:
        return _LEFT_OUT.format(source.path)
    secrets = list(_secrets(tree))
    text = _replaced(source.text, secrets)
    text = None if text is None else _without_comments_secrets(text)
    if text is None or any(len(old := str(node.value)) >= SHORTEST and old in text for _, node in secrets):
        return _LEFT_OUT.format(source.path)
    again = parsed(Source(source.name, text, path=source.path))
    return _LEFT_OUT.format(source.path) if again is None or any(_secrets(again)) else text


def _secrets(tree: Node) -> Iterator[tuple[str, Scalar]]:
    """The values that are secret, each with its key."""
    for _, node in walk(tree):
        for name, entry in node.entries.items() if isinstance(node, Mapping) else ():
            key = name.replace("#", SEPARATOR).rpartition(SEPARATOR)[2]
            if isinstance(entry.value, Scalar) and may_hold_secret(key) and is_secret(key, entry.value.value):
                yield key, entry.value


def _replaced(text: str, secrets: list[tuple[str, Scalar]]) -> str | None:
    """The text without these values; None where one does not stand in a line of its own."""
    lines = text.splitlines(keepends=True)
    places = {(node.position.line, node.position.column, node.position.width): key for key, node in secrets}
    for (number, column, width), key in sorted(places.items(), reverse=True):  # from the end: a place stays where it is
        line = lines[number - 1] if number <= len(lines) else ""
        start = column - 1
        if start + width > len(line.rstrip("\r\n")):
            return None
        lines[number - 1] = f'{line[:start]}"{variable(key)}"{line[start + width :]}'
    return "".join(lines)


def _without_comments_secrets(text: str) -> str:
    """The text with stars for secrets behind a `#`; where that is no comment, nothing is lost but the copy's worth."""
    lines = text.split("\n")
    return "\n".join(line if "#" not in line else line[: (at := line.index("#"))] + masked(line[at:]) for line in lines)
