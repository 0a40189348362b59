"""What is wrong with a value that is to be the path of a folder."""

import os
from pathlib import Path as FilePath

from lighter.config.paths import Path, text
from lighter.config.tree import Node, Scalar
from lighter.errors import Problem, nearest, shown_path, suggestion

__all__ = ["folder_problem"]


def folder_problem(node: Node, place: Path, holds: str) -> Problem | None:
    """The mistake, if there is one; `holds` tells in a word or two what is in such a folder."""
    named = text(place)
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return Problem(
            f"'{named}' takes the path of a folder", node.position, named, f"write '{place[-1]}: path/to/folder'"
        )
    path = node.position.source.folder / node.value
    if os.path.isdir(path):  # noqa: PTH112  # False for what no path can be; Path raises
        return None
    if os.path.exists(path):  # noqa: PTH110  # as above
        return Problem(f"'{node.value}' is no folder", node.position, named, f"name the folder that holds {holds}")
    help = _nearest_folder(path.parent, node.value)
    return Problem(f"there is no folder '{node.value}'", node.position, named, help)


def _nearest_folder(parent: FilePath, written: str) -> str:
    above, name = os.path.split(written)
    try:
        folders = sorted(path.name for path in parent.iterdir() if path.is_dir())
    except (OSError, ValueError):
        return f"there is no '{shown_path(parent)}' either; the path starts from the folder of its file"
    if near := nearest(name, folders):
        return f"did you mean '{os.path.join(above, near)}'?"  # noqa: PTH118  # as it is written, '..' and all
    return suggestion(name, folders, f"'{shown_path(parent)}' holds") or f"'{shown_path(parent)}' holds no folder"
