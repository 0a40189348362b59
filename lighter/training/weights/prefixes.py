"""Prefixes of names in a state dict: one in place of another, and which one was most likely meant."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

Prefixes: TypeAlias = Mapping[str, str]

TRIED = 20  # prefixes on either side that are tried for a hint
DEEPEST = 3  # parts of a prefix that is tried


def as_prefixes(given: Any) -> dict[str, str]:
    """One prefix to take away, or a mapping from those in the file to those in the model; a last dot may be missing.

    Raises TypeError for anything else.
    """
    pairs = {} if given is None else {given: ""} if isinstance(given, str) else given
    if isinstance(pairs, Mapping) and all(isinstance(text, str) for pair in pairs.items() for text in pair):
        return {_with_dot(old): _with_dot(new) for old, new in pairs.items()}
    raise TypeError(f"load_weights(prefix): a text, or a mapping such as {{'model.': ''}}, is wanted, not {given!r}")


def with_prefix(name: str, prefixes: Prefixes) -> str | None:
    """A name of the file as the model calls it, by the longest prefix that it has; None where it has none of them."""
    if not prefixes:
        return name
    old = max((old for old in prefixes if name.startswith(old)), key=len, default=None)
    return None if old is None else prefixes[old] + name[len(old) :]


def better_prefix(there: Iterable[str], wanted: Iterable[str]) -> dict[str, str]:
    """The one prefix that makes most names of a file names of a model; none where none makes more than there are."""
    there, known = list(there), set(wanted)
    best, most = {}, sum(name in known for name in there)
    for old in ("", *_commonest(there)):
        rest = [name[len(old) :] for name in there if name.startswith(old)]
        for new in ("", *_commonest(known)):
            found = sum(new + name in known for name in rest)
            if found > most:
                best, most = {old: new}, found
    return best


def written(prefixes: Prefixes) -> str:
    """A mapping of prefixes as it stands in a config."""
    return "{" + ", ".join(f'{old or chr(34) * 2}: "{new}"' for old, new in prefixes.items()) + "}"


def _with_dot(prefix: str) -> str:
    return f"{prefix}." if prefix and not prefix.endswith((".", "_", "/")) else prefix


def _commonest(names: Iterable[str]) -> list[str]:
    count: Counter[str] = Counter()
    for name in names:
        parts = name.split(".")
        count.update(".".join(parts[:depth]) + "." for depth in range(1, min(len(parts), DEEPEST + 1)))
    # The shortest of those that are as common, so that as much of the name as possible is told apart by the rest.
    return sorted(count, key=lambda prefix: (-count[prefix], len(prefix)))[:TRIED]
