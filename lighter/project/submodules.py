"""Git submodules of a project whose folders are still empty."""

import os
import re

from lighter.project.project import Project
from lighter.project.searching import shown

_PATH = re.compile(r"^\s*path\s*=\s*(.+?)\s*$", re.MULTILINE)


def empty_submodules(project: Project) -> list[str]:
    """The real paths of the folders that a `.gitmodules`, in the project or above it in one checkout, names in vain."""
    top = _checkout(str(project.root))
    try:
        with open(os.path.join(top, ".gitmodules"), encoding="utf-8", errors="replace") as file:
            paths = _PATH.findall(file.read())
    except OSError:
        return []
    return [folder for path in paths if is_empty(folder := os.path.join(top, *path.split("/")))]


def meant_submodule(project: Project, name: str) -> str | None:
    """The empty submodule that a missing module would be in, by its name; a dash is as good as an underscore."""
    wanted = {part.lower() for part in name.split(".")}
    for folder in empty_submodules(project):
        inside = os.path.relpath(folder, project.root).split(os.sep)
        if wanted & {part.replace("-", "_").lower() for part in inside if part != os.pardir}:
            return folder
    return None


def command(project: Project, folder: str) -> str:
    """What to run, and where, to fill a submodule's folder."""
    top = _checkout(str(project.root))
    top = os.path.dirname(top) if top == folder else top
    return f"run 'git submodule update --init {os.path.relpath(folder, top)}' in '{shown(top)}'"


def is_empty(folder: str) -> bool:
    """Whether a folder is not there, or holds nothing but what git leaves in one that was never filled."""
    try:
        return not set(os.listdir(folder)) - {".git"}
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _checkout(root: str) -> str:
    """The folder at or above a project's root that has the `.gitmodules`, but not above its checkout."""
    folder = root
    while not os.path.exists(os.path.join(folder, ".gitmodules")):
        above = os.path.dirname(folder)
        if above == folder or os.path.exists(os.path.join(folder, ".git")):
            return root
        folder = above
    return folder
