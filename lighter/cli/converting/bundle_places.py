"""The places that a MONAI bundle refers to, and its files laid over each other as MONAI lays them."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from lighter.cli.converting.parts import Part, mapping
from lighter.config.expressions import with_absolute_places, with_places
from lighter.config.key_path import KeyPath, Relative, parse_path
from lighter.config.scalars import read_string
from lighter.config.tree import Code, Macro, Reference
from lighter.errors import Position, Problem, Source

_NOWHERE = Position(Source("bundle", has_lines=False))
_MOVED = re.compile(r"\$\s*@([\w:]+)\.(?:to|cuda)\(.*\)\s*\Z", re.DOTALL)  # the same module, on a device
_CHAIN = 100  # references in a row; a longer chain is a circle


def laid_over(files: Sequence[Part]) -> Part:
    """The files as one: a later key replaces what was at its place, below `+` what is in it does."""
    root = mapping()
    root.above = [line for file in files[:1] for line in file.above]
    for file in files:
        for key, part in file.entries.items():
            place = parse_path(str(key).removeprefix("+"))
            old = root.find(*place) if str(key).startswith("+") else None
            if old is None:
                root.put(place, part)
            elif old.entries or part.entries:
                old.value |= part.value
            else:
                old.value += part.value
        root.below += file.below
    return root


def places(part: Part, at: KeyPath = ()) -> Iterator[tuple[KeyPath, Part]]:
    """The part and all below it, each with its place."""
    yield at, part
    entries = part.entries or {str(number): item for number, item in enumerate(part.items)}
    for key, below in entries.items():
        yield from places(below, (*at, str(key)))


def make_absolute(root: Part) -> None:
    """Names every place that is referred to from the root."""
    for place, part in places(root):
        if part.text and part.text.startswith("$"):
            part.value = f"${with_absolute_places(part.text[1:], place)}"
        _change(part, partial(_from_root, place))


def _from_root(place: KeyPath, relative: Relative) -> Relative:
    return Relative(0, relative.seen_from(place) or relative.keys)


def move(root: Part, target: Callable[[KeyPath], KeyPath]) -> None:
    """Names every place that is referred to as it is called now."""
    for _, part in places(root):
        _change(part, lambda relative: Relative(0, target(relative.keys)))


def referred(root: Part) -> set[KeyPath]:
    """The places that are referred to."""
    found: set[KeyPath] = set()

    def seen(relative: Relative) -> Relative:
        found.add(relative.keys)
        return relative

    for _, part in places(root):
        _change(part, seen)
    return found


def _change(part: Part, change: Callable[[Relative], Relative]) -> None:
    if part.text is None:
        return
    problems: list[Problem] = []
    node = read_string(part.text, _NOWHERE, problems)
    if problems:
        return
    if isinstance(node, Reference):
        part.value = f"@{change(node.target)}"
    elif isinstance(node, Code):
        part.value = f"${with_places(node.written, change)}"
    elif isinstance(node, Macro) and node.file is None:
        part.value = f"%{change(node.target)}"


def followed(root: Part, place: KeyPath) -> tuple[KeyPath, Part] | None:
    """The place and the part that a place leads to, through references to whole values."""
    for _ in range(_CHAIN):
        part = root.find(*place)
        if part is None or not (target := whole(part.text or "")):
            return None if part is None else (place, part)
        place = target
    return None


def whole(written: str) -> KeyPath | None:
    """The place that a text names, and nothing else."""
    node = read_string(written, _NOWHERE, []) if written[:1] in ("@", "%") else None
    is_here = isinstance(node, Reference) or (isinstance(node, Macro) and node.file is None)
    return node.target.keys if is_here and isinstance(node, Reference | Macro) else None


def network_of(root: Part, place: KeyPath) -> tuple[KeyPath, list[KeyPath]] | None:
    """Where the network is that a place leads to, and the places on the way that put it on devices."""
    aliases: list[KeyPath] = []
    for _ in range(_CHAIN):
        found = followed(root, place)
        if found is None:
            return None
        place, part = found
        if match := _MOVED.match(part.text or ""):
            aliases.append(place)
            place = parse_path(match[1])
        elif target_of(part) == "DistributedDataParallel":
            aliases.append(place)
            place = (*place, "module")
        else:
            return place, aliases
    return None


def target_of(part: Part | None) -> str:
    """The last name of what a part calls; empty where it calls nothing."""
    return part.target.rpartition(".")[2] if part is not None else ""


def remove(root: Part, place: KeyPath) -> Part | None:
    """Takes away what is at a place; an item of a list stays, for others are named by their number."""
    above, part = root.find(*place[:-1]), root.find(*place)
    if above is None or part is None or isinstance(above.value, list):
        return part
    del above.value[place[-1]]
    return part
