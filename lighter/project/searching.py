"""A look through a project for one message: where else a name is, and which folders on the way to it are empty."""

import os
import re
import time
from collections import deque
from collections.abc import Iterable
from functools import cached_property

from lighter.errors import shown_path
from lighter.project.definitions import Whereabouts, in_text
from lighter.project.files import INIT, SUFFIX, entries, find, find_below, is_segment, plain_text, text_of
from lighter.project.project import Project

MOST_FOLDERS = 500
MOST_FILES = 3000
LARGEST = 2**20  # bytes; what is larger holds data
LONGEST = 1.5  # seconds
_NOT_CODE = frozenset({"__pycache__", "build", "dist", "env", "node_modules", "site-packages", "venv"})
_SUBMODULE = re.compile(r"^\s*path\s*=\s*(.+?)\s*$", re.MULTILINE)


class Search:
    """Walks through a project's folders once, and not without end."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._until = time.monotonic() + LONGEST

    @cached_property
    def files(self) -> list[str]:
        """The paths of the project's Python files, those near the root first, as far as time and number allow."""
        waiting, found = deque([str(self.project.root)]), list[str]()
        for _ in range(MOST_FOLDERS):
            if not waiting or len(found) > MOST_FILES or self._is_late():
                break
            folder = waiting.popleft()
            for name in entries(folder):
                path = os.path.join(folder, name)
                if name.endswith(SUFFIX):
                    found.append(path)
                elif name[:1] != "." and name not in _NOT_CODE and os.path.isdir(path) and not os.path.islink(path):
                    waiting.append(path)
        return found[:MOST_FILES]

    def homes(self, name: str) -> list[str]:
        """The dotted names by which what the project's files define under a name can be had."""
        homes = []
        for path in self.files:
            if self._is_late():
                break
            where, module = self.where(path, name), self.dotted_path(path)
            if where is not None and where.how in ("top", "class") and module is not None:
                homes.append(".".join(filter(None, (module, where.within, name))))
        return homes

    def modules_named(self, dotted: str) -> list[str]:
        """The paths of the files and packages whose last names are these."""
        tail = dotted.replace(".", os.sep)
        ends = (f"{os.sep}{tail}{SUFFIX}", f"{os.sep}{os.path.join(tail, INIT)}")
        return [path for path in self.files if path.endswith(ends)]

    def folders_named(self, dotted: str) -> list[str]:
        """The folders that hold Python files, or folders with some, and whose last names are these."""
        inside = f"{os.sep}{dotted.replace('.', os.sep)}{os.sep}"
        below = ((path, path.find(inside, len(str(self.project.root)))) for path in self.files)
        return list(dict.fromkeys(path[: at + len(inside) - 1] for path, at in below if at >= 0))

    def where(self, path: str, name: str) -> Whereabouts | None:
        """Where a file defines a name, if it does."""
        return in_text(self.text(path), name)

    def text(self, path: str) -> bytes:
        """A file's text; none of what cannot be read, is no text or too large."""
        return text_of(self.project, path) if os.path.isfile(path) and os.path.getsize(path) <= LARGEST else b""

    def own_root(self, file: str, dotted: str, attribute: str = "") -> str | None:
        """A folder between the root and a file, from which the file's import would find what it lacks from there.

        As a path from the root. With an attribute the module is to have that too.
        """
        folder = os.path.dirname(os.path.realpath(file))
        while folder.startswith(os.path.join(self.project.root, "")):
            found = find_below(self.project, folder, dotted.split("."))
            if found is not None and (not attribute or self._has(found.file, found.folder, attribute)):
                return os.path.relpath(folder, self.project.root)
            folder = os.path.dirname(folder)
        return None

    def _has(self, file: str | None, folder: str | None, attribute: str) -> bool:
        if folder and find(self.project, folder, attribute):
            return True
        where = self.where(file, attribute) if file else None
        return where is not None and where.how in ("top", "imported")

    def _is_late(self) -> bool:
        return time.monotonic() > self._until

    @cached_property
    def empty_submodules(self) -> list[str]:
        """The folders that a `.gitmodules`, in the project or above it in one checkout, names in vain."""
        paths = _SUBMODULE.findall(plain_text(os.path.join(self._checkout, ".gitmodules")))
        folders = (os.path.join(self._checkout, *path.split("/")) for path in paths)
        return [folder for folder in folders if is_empty(folder)]

    @cached_property
    def _checkout(self) -> str:
        """The folder at or above the root that has the `.gitmodules`, but not above its checkout."""
        folder = root = str(self.project.root)
        while not os.path.exists(os.path.join(folder, ".gitmodules")):
            above = os.path.dirname(folder)
            if above == folder or os.path.exists(os.path.join(folder, ".git")):
                return root
            folder = above
        return folder

    def empty(self, dotted: str, folders: Iterable[str]) -> str:
        """The cure where a missing name would be in an empty submodule, or one of the folders on the way is empty.

        A submodule is known by a part of the name; a dash in its own is as good as an underscore.
        """
        wanted = {part.lower() for part in dotted.split(".")}
        for folder in self.empty_submodules:
            inside = self.relative(folder).split(os.sep)
            if wanted & {part.replace("-", "_").lower() for part in inside if part != os.pardir}:
                return f"the git submodule '{self.relative(folder)}' is empty: {self.filling(folder)}"
        for folder in folders:
            if is_empty(folder):
                maybe = "is empty; if it is a git submodule"
                return f"the folder '{shown_path(folder)}' {maybe}, {self.filling(folder)}"
        return ""

    def filling(self, folder: str) -> str:
        """What to run, and where, to fill a submodule's folder."""
        top = os.path.dirname(folder) if self._checkout == folder else self._checkout
        return f"run 'git submodule update --init {os.path.relpath(folder, top)}' in '{shown_path(top)}'"

    def relative(self, path: str) -> str:
        """A path as it is seen from the root."""
        return os.path.relpath(path, self.project.root)

    def dotted_path(self, path: str) -> str | None:
        """A file as a config names it; None where a part of its path can stand between no dots."""
        parts = self.relative(path).removesuffix(SUFFIX).removesuffix(f"{os.sep}__init__").split(os.sep)
        return ".".join((self.project.start, *parts)) if all(map(is_segment, parts)) else None


def is_empty(folder: str) -> bool:
    """Whether a folder is not there, or holds nothing but what git leaves in one that was never filled."""
    try:
        return not set(os.listdir(folder)) - {".git"}
    except FileNotFoundError:
        return True
    except OSError:
        return False
