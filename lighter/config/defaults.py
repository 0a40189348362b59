"""The defaults of a call: as a text, and all those of a config as comments in its YAML, ready to be written in."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as AbstractMapping
from typing import Any

from lighter.config.dumping import dump_with_lines, in_line
from lighter.config.key_path import ROOT, KeyPath
from lighter.config.schema import SYSTEM, with_defaults
from lighter.config.tree import ARGS, TARGET, Entry, Mapping, Node, Scalar, Sequence, find, walk
from lighter.errors import ConfigError, Position, Source

TargetOf = Callable[[str, Position, str], Any]  # what a name names; raises ConfigError where that cannot be had

_LONGEST = 100  # characters of a default
_NOWHERE = Position(Source("", has_lines=False))
_PLAIN = (type(None), bool, int, float)


def default_text(value: Any) -> str:
    """A default as Python writes it, in one line; of a function or class its name."""
    if isinstance(value, type) or inspect.isroutine(value):
        return f"{value.__module__}.{value.__qualname__}" if getattr(value, "__module__", None) else value.__qualname__
    try:
        text = " ".join(repr(value).split())
    except Exception:  # noqa: BLE001  # of the user's own class
        return f"<{type(value).__name__}>"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def defaults(tree: Mapping, target_of: TargetOf, below: KeyPath = ROOT) -> dict[KeyPath, list[str]]:
    """What each call at or below a place leaves to its defaults, a line for each; by its place as seen from there."""
    found: dict[KeyPath, list[str]] = {}
    for place, node in walk(with_defaults(tree) if SYSTEM in tree.entries else tree):
        is_there = place[: len(below)] == below and isinstance(find(tree, place), Mapping)
        if is_there and isinstance(node, Mapping) and node.is_call:
            found[place[len(below) :]] = list(_of_call(node, target_of))
    return found


def annotated(node: Node, text: str, comments: AbstractMapping[KeyPath, list[str]], is_ascii: bool = False) -> str:
    """The YAML of a node, as `dump_with_lines` breaks it into lines, with comments at the top of the calls in it."""
    _, begins = dump_with_lines(node, is_ascii)
    lines = text.split("\n")
    first: dict[KeyPath, int] = {}
    for place, line in begins.items():
        if place:
            first.setdefault(place[:-1], line)
    inserted: dict[int, list[str]] = {}
    for place, said in comments.items():
        if (target := begins.get((*place, TARGET))) is not None:
            number, shown = _next(begins.values(), target, len(lines)), target
        elif place in first:
            number = shown = first[place]
        else:  # it is empty, `{}`
            number, shown = _next(begins.values(), begins[place], len(lines)), begins[place]
        indent = len(lines[shown - 1]) - len(lines[shown - 1].lstrip(" -"))
        inserted.setdefault(number, []).extend(f"{' ' * indent}# {one}" for one in said)
    numbered = enumerate(lines, 1)
    return "\n".join(one for number, line in numbered for one in (*inserted.get(number, ()), line))


def _next(starts: Iterable[int], line: int, end: int) -> int:
    """The line in which the next value begins; below a target it is in the same call, or follows it."""
    return min((start for start in starts if start > line), default=end)


def _of_call(call: Mapping, target_of: TargetOf) -> Iterator[str]:
    name = call.get(TARGET)
    if not isinstance(name, Scalar) or not isinstance(name.value, str):
        yield "the defaults are known only when the target is built"
        return
    try:
        parameters = inspect.signature(target_of(name.value, name.position, "")).parameters.values()
    except ConfigError as error:
        yield " ".join(f"the defaults are not known: {error.problems[0].what}".split())
        return
    except Exception:  # noqa: BLE001  # a function in C may have none, and attributes of some object raise anything
        yield "the defaults are not known: Python knows no signature of the target"
        return
    args = call.get(ARGS)
    given = len(args.items) if isinstance(args, Sequence) else 0
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    for number, parameter in enumerate(parameters):
        is_given = parameter.name in call.entries or (number < given and parameter.kind in by_position)
        if not is_given and parameter.default is not parameter.empty and parameter.kind is not by_position[0]:
            yield _line(parameter.name, parameter.default)


def _line(name: str, value: object) -> str:
    """`betas: [0.9, 0.999]`; of a default that YAML has no word for, what Python writes, as a comment again."""
    try:
        written = in_line(_as_node(value))
    except TypeError:
        written = ""
    return f"{name}: {written}" if 0 < len(written) <= _LONGEST else f"{name}: ...  # {default_text(value)}"


def _as_node(value: Any) -> Node:
    """Raises TypeError for what YAML has no word for."""
    if type(value) in (list, tuple):
        return Sequence(tuple(map(_as_node, value)), _NOWHERE)
    if type(value) is dict and all(isinstance(key, str) for key in value):
        return Mapping({key: Entry(key, _as_node(one), _NOWHERE) for key, one in value.items()}, _NOWHERE)
    if isinstance(value, str):
        return Scalar(str.__str__(value), _NOWHERE)  # a member of an enumeration of texts is that text
    if type(value) in _PLAIN:
        return Scalar(value, _NOWHERE)
    raise TypeError
