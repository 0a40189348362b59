"""A place by its name, and what to say of one that is not there."""

from lighter.config.key_path import KeyPath, parse_path, text
from lighter.config.tree import Code, Macro, Mapping, Node, Reference, Sequence, child, find
from lighter.errors import Problem, listing, nearest

HELPED = 200  # mistakes for which the nearest name is looked up; nobody reads on, and each takes its time


def named(id: str, tree: Mapping) -> Node | None:
    """What stands at a place; a text that can be no place's name names none."""
    if not isinstance(id, str):
        raise TypeError(f"a place is named by a text such as 'system::model', not by {id!r}")
    try:
        return find(tree, parse_path(id))
    except ValueError:
        return None


def absence(id: str, tree: Mapping) -> Problem:
    """What is wrong with a name at which nothing stands."""
    try:
        what, help = absent(tree, parse_path(id))
    except ValueError as error:
        what, help = str(error), "write 'a::b'"
    return Problem(what, help=help)


def absent(root: Node, path: KeyPath, at: KeyPath = (), told: int = 0) -> tuple[str, str]:
    """What is wrong with a place below `root` (which stands at `at`), and the nearest one that exists.

    `told` is the number of mistakes told before it.
    """
    node, depth = root, 0
    while depth < len(path) and (below := child(node, path[depth])) is not None:
        node, depth = below, depth + 1
    parent, key = text((*at, *path[:depth])), path[min(depth, len(path) - 1)]
    what = f"there is no '{text((*at, *path))}'"
    if told > HELPED:
        return what, ""
    if isinstance(node, Sequence):
        return what, _of_list(parent, len(node.items))
    if not isinstance(node, Mapping):
        return what, _of_single(node, parent, path[depth:])
    if depth == 0 and not at and (found := one_level_down(node, path)):
        return what, f"did you mean '{text(found)}'?"
    close = nearest(key, node.entries)
    if close is not None:
        return what, f"did you mean '{text((*at, *path[:depth], close, *path[depth + 1 :]))}'?"
    where = f"'{parent}'" if parent else "the config"
    return what, f"{where} has {listing(node.entries)}" if node.entries else f"{where} is empty"


def one_level_down(root: Mapping, path: KeyPath) -> KeyPath | None:
    """A place that ends as `path` does, right below a key of the root: `vars::size` for `size`."""
    places = ((key, *path) for key in root.entries)
    return next((place for place in places if find(root, place) is not None), None)


def or_text(help: str, written: str) -> str:
    """The help for a reference or macro that leads nowhere: a single word may have been meant as text."""
    if help.startswith("did you mean") or "::" in written or "#" in written:
        return help
    return "; ".join(filter(None, (help, as_text(written[0]))))


def as_text(sign: str) -> str:
    """How a text is written that is no reference or macro."""
    return f"a text that begins with '{sign}' is written with '{sign}{sign}'"


def levels(place: KeyPath) -> str:
    """The help for a reference or macro that climbs too far."""
    plural = "s" if len(place) > 1 else ""
    return f"each '::' in front climbs one level, and '{text(place)}' stands {len(place)} level{plural} deep"


def _of_list(parent: str, length: int) -> str:
    if not length:
        return f"'{parent}' is an empty list"
    return f"'{parent}' is a list of {length}, counted from 0 to {length - 1}"


def _of_single(node: Node, parent: str, rest: KeyPath) -> str:
    if isinstance(node, Macro):
        return f"'{parent}' is copied from '{node.written[1:]}': write '{node.written[1:]}::{text(rest)}'"
    if isinstance(node, Reference):
        return f"'{parent}' is '{node.written}': write '{node.written[1:]}::{text(rest)}'"
    if isinstance(node, Code):
        return f"'{parent}' is an expression, which has nothing below it"
    return f"'{parent}' is a single value"
