"""What a project has elsewhere, looked for only where an error is told, and not without end."""

import os
import time
from collections import deque
from collections.abc import Iterator, Sequence

from lighter.project.definitions import in_text
from lighter.project.files import INIT, SUFFIX, NotPythonText, find, is_segment, read
from lighter.project.project import Project

MOST_FOLDERS = 500
MOST_FILES = 3000
LARGEST = 2**20  # bytes; what is larger holds data
LONGEST = 1.5  # seconds
_NOT_CODE = frozenset({"__pycache__", "build", "dist", "env", "node_modules", "site-packages", "venv"})


def files(project: Project) -> Iterator[str]:
    """The paths of a project's Python files, those near the root first, as long as time and number allow."""
    until, found = time.monotonic() + LONGEST, 0
    for folder in _folders(project):
        for name in sorted(_entries(folder)):
            if name.endswith(SUFFIX):
                found += 1
                if found > MOST_FILES or time.monotonic() > until:
                    return
                yield os.path.join(folder, name)


def homes_of(project: Project, name: str) -> list[str]:
    """The dotted names by which what the project's files define under a name can be had."""
    homes = []
    for path in files(project):
        where = in_text(text_of(project, path), name)
        module = dotted_path(project, path)
        if where is not None and where.how in ("top", "class") and module is not None:
            homes.append(".".join(filter(None, (module, where.within, name))))
    return homes


def modules_named(project: Project, dotted: str) -> list[str]:
    """The paths of the files and packages whose last names are these."""
    tail = dotted.replace(".", os.sep)
    ends = (f"{os.sep}{tail}{SUFFIX}", f"{os.sep}{os.path.join(tail, INIT)}")
    return [path for path in files(project) if path.endswith(ends)]


def dotted_path(project: Project, path: str) -> str | None:
    """A file as a config names it; None where a part of its path can stand between no dots."""
    inside = os.path.relpath(path, project.root).removesuffix(SUFFIX).removesuffix(f"{os.sep}__init__")
    parts = inside.split(os.sep)
    return ".".join((project.name, *parts)) if all(map(is_segment, parts)) else None


def leads_to(project: Project, folder: str, names: Sequence[str]) -> str | None:
    """The file (or folder) of the module that a dotted name means from a folder on."""
    for count, name in enumerate(names, 1):
        found = find(project, folder, name)
        if found is None or (count < len(names) and found.folder is None):
            return None
        if count == len(names):
            return found.file or found.folder
        folder = found.folder or ""
    return None


def own_root(project: Project, file: str, dotted: str, attribute: str = "") -> str | None:
    """A folder between the root and a file, from which the file's import would find what it does not find from there.

    As a path from the root. With an attribute the module is to have that too.
    """
    folder = os.path.dirname(os.path.realpath(file))
    while folder.startswith(os.path.join(project.root, "")):
        module = leads_to(project, folder, dotted.split("."))
        if module is not None and (not attribute or _has(project, module, attribute)):
            return os.path.relpath(folder, project.root)
        folder = os.path.dirname(folder)
    return None


def shown(path: str) -> str:
    """The path as a person would type it: relative where that is shorter."""
    return min(path, os.path.relpath(path), key=len)


def text_of(project: Project, path: str) -> bytes:
    """A file's text; none of what cannot be read, is no text or too large."""
    try:
        return read(project, path) if os.path.getsize(path) <= LARGEST else b""
    except (OSError, ImportError, NotPythonText, ValueError):
        return b""


def _has(project: Project, module: str, attribute: str) -> bool:
    folder = os.path.dirname(module) if module.endswith(f"{os.sep}{INIT}") else module
    if os.path.isdir(folder) and find(project, folder, attribute):
        return True
    where = in_text(text_of(project, module), attribute) if module.endswith(SUFFIX) else None
    return where is not None and where.how in ("top", "imported")


def _folders(project: Project) -> Iterator[str]:
    waiting, seen = deque([str(project.root)]), 0
    while waiting and seen < MOST_FOLDERS:
        folder = waiting.popleft()
        seen += 1
        yield folder
        below = (os.path.join(folder, n) for n in sorted(_entries(folder)) if n[:1] != "." and n not in _NOT_CODE)
        waiting.extend(path for path in below if os.path.isdir(path) and not os.path.islink(path))


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
