"""The Python files of a folder: bounded, without what tools put there, and none that a link leads to outside."""

import os
import shlex
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lighter.errors import shown_path
from lighter.project.files import SUFFIX, is_segment
from lighter.project.target_not_found import nameable

MOST_FILES = 5000
MOST_ENTRIES = 200_000  # a folder of data may hold a million pictures
_SKIPPED = frozenset(
    {"__pycache__", "build", "dist", "env", "node_modules", "site-packages", "venv", "wandb", "mlruns"}
)

OUTSIDE = "a link that leads out of the folder"
NAMELESS = "a path that no dotted name can say"
BEYOND = f"beyond the first {MOST_FILES} files"


@dataclass(slots=True)
class Files:
    """Paths below the root, `/` between parts; the folders that hold nothing; what was passed over, path to reason."""

    python: list[str] = field(default_factory=list)
    passed_over: dict[str, str] = field(default_factory=dict)
    notebooks: int = 0


def python_files(root: str) -> Files:
    """The Python files below a real path, those nearest to the root first."""
    files = Files()
    entries = 0
    waiting = deque([""])
    while waiting and entries < MOST_ENTRIES:
        folder = waiting.popleft()
        for entry in _entries(os.path.join(root, folder)):
            entries += 1
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.name.endswith(".ipynb"):
                files.notebooks += 1
            elif _is_folder(entry):
                if _is_searched(entry, root, path, files):
                    waiting.append(path)
            elif entry.name.endswith(SUFFIX):
                _place(entry, root, path, files)
    return files


def nearest_nameable(passed_over: Mapping[str, str]) -> str:
    """The folder from which on a file passed over has a name that a target can say; empty where there is none."""
    nameless = (path for path, reason in passed_over.items() if reason == NAMELESS)
    return next(filter(None, map(nameable, nameless)), "")


def adopting(folder: Path) -> str:
    """The command that adopts a folder, as a person would type it here."""
    return f"lighter adopt {shlex.quote(shown_path(folder))}"


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _is_searched(entry: os.DirEntry[str], root: str, path: str, files: Files) -> bool:
    if entry.name.startswith(".") or entry.name in _SKIPPED or entry.name.endswith(".egg-info"):
        return False
    if os.path.lexists(os.path.join(root, path, "pyvenv.cfg")):
        return False
    if entry.is_symlink():  # one that leads to another folder of the same repository would be read twice
        if not _inside(root, path):
            files.passed_over[path] = OUTSIDE
        return False
    return True


def _place(entry: os.DirEntry[str], root: str, path: str, files: Files) -> None:
    if entry.is_symlink() and not _inside(root, path):
        files.passed_over[path] = OUTSIDE
    elif not all(map(is_segment, path.removesuffix(SUFFIX).split("/"))):
        files.passed_over[path] = NAMELESS
    elif len(files.python) >= MOST_FILES:
        files.passed_over[path] = BEYOND
    else:
        files.python.append(path)


def _inside(root: str, path: str) -> bool:
    return os.path.realpath(os.path.join(root, path)).startswith(os.path.join(root, ""))


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            yield from sorted(found, key=lambda entry: entry.name)
    except OSError:
        return
