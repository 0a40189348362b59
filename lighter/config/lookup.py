"""What to say of a place that is not there."""

from lighter.config.paths import Path, text
from lighter.config.tree import Mapping, Node, Sequence, child
from lighter.errors import listing, nearest

__all__ = ["absent"]


def absent(root: Node, path: Path, at: Path = ()) -> tuple[str, str]:
    """What is wrong with a place below `root` (which stands at `at`), and the nearest one that exists."""
    node, depth = root, 0
    while depth < len(path) and (below := child(node, path[depth])) is not None:
        node, depth = below, depth + 1
    parent, key = text((*at, *path[:depth])), path[min(depth, len(path) - 1)]
    what = f"there is no '{text((*at, *path))}'"
    if isinstance(node, Sequence):
        return what, _of_list(parent, len(node.items))
    if not isinstance(node, Mapping):
        return what, f"'{parent}' is a single value"
    close = nearest(key, node.entries)
    if close is not None:
        return what, f"did you mean '{text((*at, *path[:depth], close, *path[depth + 1 :]))}'?"
    where = f"'{parent}'" if parent else "the config"
    return what, f"{where} has {listing(node.entries)}" if node.entries else f"{where} is empty"


def _of_list(parent: str, length: int) -> str:
    if not length:
        return f"'{parent}' is an empty list"
    return f"'{parent}' is a list of {length}, counted from 0 to {length - 1}"
