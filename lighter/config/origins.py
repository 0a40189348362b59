"""Where each value of a config came from, as comments in its YAML."""

from collections.abc import Iterator
from collections.abc import Mapping as AbstractMapping

from lighter.config.dumping import dump_with_lines
from lighter.config.key_path import ROOT, KeyPath
from lighter.config.tree import Mapping, Node, Sequence
from lighter.errors import Position, visible

Chain = tuple[Position, ...]


def origins(tree: Mapping, copies: AbstractMapping[KeyPath, Position], below: KeyPath = ROOT) -> dict[KeyPath, str]:
    """The places that each value at or below a place came from, oldest first; by its place as seen from there.

    Lists and mappings are named only where they replace something else, or hold nothing.
    """
    found = _chains(tree, ROOT, (tree.position,), "", copies)
    return {place[len(below) :]: where for place, where in found if place[: len(below)] == below}


def annotated(node: Node, origins: AbstractMapping[KeyPath, str], is_ascii: bool = False) -> str:
    """The YAML of a node, with where the places below it came from as comments in the lines where these begin."""
    text, begins = dump_with_lines(node, is_ascii)
    # Where several places begin in one line it is the last that counts: the value with which a list's element begins.
    comments = {line: origins[place] for place, line in begins.items() if place in origins}
    lines = enumerate(text.split("\n"), 1)
    return "\n".join(f"{line}  # {comments[number]}" if number in comments else line for number, line in lines)


def at_line(position: Position) -> str:
    """A place as a reader looks for it: `base.yaml:12`, or `command line`."""
    source = position.source
    shown = f"{source.name}:{position.line}" if source.has_lines else source.name.partition(":")[0]
    return visible(shown, kept="")


def _chains(
    node: Node, at: KeyPath, chain: Chain, copied_by: str, copies: AbstractMapping[KeyPath, Position]
) -> Iterator[tuple[KeyPath, str]]:
    macro = copies.get(at)
    is_filled = (isinstance(node, Mapping) and node.entries) or (isinstance(node, Sequence) and node.items)
    if not is_filled or len(chain) > 1:
        if macro is not None:
            yield at, _copied(_shown((*chain[:-1], macro)), (node.position,))
        else:
            yield at, _copied(copied_by, chain) if copied_by else _shown(chain)
    for key, value, before in _below(node):
        yield from _chains(value, (*at, key), before, at_line(macro) if macro is not None else copied_by, copies)


def _below(node: Node) -> Iterator[tuple[str, Node, Chain]]:
    """The values directly below a node, each with its key and its places."""
    if isinstance(node, Mapping):
        for key, entry in node.entries.items():
            yield key, entry.value, (*entry.history, entry.position)
    elif isinstance(node, Sequence):
        for key, item in ((str(index), item) for index, item in enumerate(node.items)):
            yield key, item, (*(node.histories or {}).get(key, ()), item.position)


def _copied(by: str, chain: Chain) -> str:
    return f"{by} (copied from {_shown(chain)})"


def _shown(chain: Chain) -> str:
    return " -> ".join(map(at_line, chain))
