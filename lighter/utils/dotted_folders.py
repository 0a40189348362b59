"""Folders and files whose own names have a dot in them, which no dotted name can say: `1-1.NNLM`, `2. DCGAN`."""

import os
from collections.abc import Sequence

from lighter.utils.missing_modules import beside
from lighter.utils.project import ALIAS, Project
from lighter.utils.project_files import SUFFIX, is_segment

__all__ = ["beyond_a_dot", "nameable"]


def beyond_a_dot(project: Project, folder: str, left: Sequence[str]) -> str:
    """The cure for names that say a folder, or a file, with a dot in its name; empty where they do not."""
    wanted = ".".join(left)
    for entry in _entries(folder):
        name = entry.removesuffix(SUFFIX)
        if "." not in name or not wanted.startswith(f"{name}."):
            continue
        inner = os.path.join(folder, entry)
        if os.path.isdir(inner):
            written = beside(project, os.path.relpath(inner, project.root))
            rest = wanted[len(name) + 1 :]
            return (
                f"the dot in the folder's name would part the target: write 'project: {written}' and '{ALIAS}.{rest}'"
            )
        if name != entry:
            return f"the dot in the name of '{entry}' would part the target: make a copy of it under a name without one"
    return ""


def nameable(path: str) -> str:
    """The folder from which on a Python file has a dotted name; empty where the name of the file stands in the way.

    Both are paths below the root, with `/` between their parts.
    """
    *folders, file = path.split("/")
    if not is_segment(file.removesuffix(SUFFIX)):
        return ""
    last = max((depth for depth, name in enumerate(folders) if not is_segment(name)), default=-1)
    return "/".join(folders[: last + 1])


def _entries(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder), key=len, reverse=True)
    except OSError:
        return []
