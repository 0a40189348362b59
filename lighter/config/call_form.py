"""What is wrong with how a call is written, told from its keys alone."""

from collections.abc import Iterator

from lighter.config.key_path import KeyPath, text
from lighter.config.tree import ARGS, MODE, MODES, RESERVED, TARGET, Entry, Mapping, Node, Scalar, Sequence
from lighter.errors import Problem, nearest, suggestion


def malformed(place: KeyPath, node: Mapping) -> Iterator[Problem]:
    """The mistakes in the keys of a call, and in the values of those that are reserved."""
    for key, entry in node.entries.items():
        yield from _key(key, entry, text((*place, key))) if not entry.inherited else ()
    yield from _target(node.entries[TARGET].value, text((*place, TARGET)))
    mode, args = node.get(MODE), node.get(ARGS)
    if isinstance(mode, Scalar) and mode.value not in MODES:
        what = f"'{mode.value}' is no mode of a call"
        yield Problem(what, mode.position, text((*place, MODE)), suggestion(str(mode.value), MODES))
    if isinstance(args, Scalar) or (isinstance(args, Mapping) and not args.is_call):
        yield Problem(f"'{ARGS}' takes a list", args.position, text((*place, ARGS)), f"write '{ARGS}: [first, second]'")


def _key(key: str, entry: Entry, place: str) -> Iterator[Problem]:
    if not isinstance(entry.key, str):
        help = f"write '\"{key}\": ...'" if key.isidentifier() else f"arguments without a name stand in '{ARGS}: [...]'"
        yield Problem(f"{entry.key!r} is no name of an argument", entry.position, place, help)
    elif key.startswith("_") and key.endswith("_") and key not in RESERVED and (near := nearest(key, RESERVED)):
        yield Problem(f"'{key}' is no reserved key", entry.position, place, f"did you mean '{near}'?")


def _target(target: Node, place: str) -> Iterator[Problem]:
    is_other = isinstance(target, Sequence) or (isinstance(target, Mapping) and not target.is_call)
    if is_other or (isinstance(target, Scalar) and not isinstance(target.value, str)):
        what = f"'{TARGET}' takes the name of a class or a function"
        yield Problem(what, target.position, place, f"write '{TARGET}: module.Class'")
