"""Secrets in texts: command lines, comments of configs, diffs. What a secret is, the config's own rule says."""

import os
import re
from collections.abc import Iterable, Iterator

from lighter.config.dumping import in_line
from lighter.config.key_path import parse_path
from lighter.config.loading import load_value
from lighter.config.scalars import SIGNS, read_scalar
from lighter.config.secrets import concealed, is_secret, may_hold_secret
from lighter.config.tree import Code, Entry, Mapping, Node, Scalar, walk
from lighter.errors import ConfigError, Position, Source

MASK = "***"
SHORTEST = 8  # characters of a secret that is looked for in a text; a shorter one is everywhere by chance
_AT = Position(Source("", has_lines=False))
_ASSIGNED = re.compile(
    r"""(?P<before>(?P<key>[\w-]+)["']?\s*[:=]\s*)(?:(?P<quoted>"[^"\n]*"|'[^'\n]*')|(?P<bare>[^\s"',;#(){}\[\]]+))"""
)
_FLAG = re.compile(r"--?(?P<key>[A-Za-z][\w-]*)")


def variable(key: str) -> str:
    """What is written in place of a secret: the expression that reads it from the environment."""
    return in_line(_concealed(key, Scalar("x", _AT)))


def secrets_in(tree: Mapping) -> list[str]:
    """The values of a config that are kept out of what is written down, longest first."""
    found = {
        secret
        for _, node in walk(tree)
        if isinstance(node, Mapping)
        for key, entry in node.entries.items()
        for secret in _secrets_of(key, entry.value)
    }
    return sorted(found, key=len, reverse=True)


def hidden(text: str, secrets: Iterable[str]) -> str:
    """A text with stars for these secrets."""
    for secret in secrets:
        if len(secret) >= SHORTEST:
            text = text.replace(secret, MASK)
    return text


def masked(text: str, secrets: Iterable[str] = (), *, is_code: bool = False) -> str:
    """A text with stars for these secrets and for whatever is given to a key of one; in code only what is in quotes."""
    text = hidden(text, secrets)
    if not may_hold_secret(text):
        return text
    lines = text.split("\n")
    return "\n".join(_masked_line(line, is_code) if may_hold_secret(line) else line for line in lines)


def masked_override(written: str) -> str:
    """An override in one line, with an environment variable in place of a secret as in the written config."""
    name, equals, value = written.partition("=")
    if not equals or not (may_hold_secret(written) or "\n" in written):
        return written
    try:
        key, node = parse_path(name.lstrip("+=~"))[-1], load_value(value, Source(written, has_lines=False))
    except (ConfigError, ValueError, IndexError):
        return f"{name}={MASK}"
    shown = _concealed(key, node)
    return written if shown is node and "\n" not in written else f"{name}={in_line(shown)}"


def _secrets_of(key: str, value: Node) -> Iterator[str]:
    """What is secret under a key: the value, or the environment variables that its expression names."""
    if isinstance(value, Scalar) and is_secret(key, value.value):
        yield str(value.value)
    elif isinstance(value, Code) and is_secret(key, "x"):
        yield from (os.environ[name] for name in re.findall(r"\w+", value.written) if name in os.environ)


def masked_words(words: Iterable[str]) -> Iterator[str]:
    """The words of a command line with stars for secrets: in `--api-key=x`, `--api-key x`, `A_PASSWORD=x`, `a::b=x`."""
    is_value = False  # of the flag before
    for word in words:
        flag = _FLAG.fullmatch(word)
        if is_value and flag is None:
            yield MASK
        elif "=" in word and not word.startswith("-"):
            yield masked_override(word)
        else:
            yield masked(word)
        is_value = flag is not None and is_secret(flag["key"], "x")


def _concealed(key: str, node: Node) -> Node:
    return concealed(Mapping({key: Entry(key, node, _AT)}, _AT)).entries[key].value


def _masked_line(line: str, is_code: bool) -> str:
    def mask(found: re.Match[str]) -> str:
        quoted, bare = found["quoted"], found["bare"]
        value = quoted[1:-1] if quoted is not None else bare
        if value[:1] in SIGNS or (quoted is None and is_code):
            return found[0]
        if not is_secret(found["key"], value if quoted is not None else _read(bare)):
            return found[0]
        return found["before"] + (f"{quoted[0]}{MASK}{quoted[0]}" if quoted is not None else MASK)

    return _ASSIGNED.sub(mask, line)


def _read(bare: str) -> object:
    try:
        return read_scalar(bare)
    except ValueError:
        return bare
