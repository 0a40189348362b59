"""The files that a config is read from; those of a limited config lie below its own folders."""

import os
from collections.abc import Iterable
from pathlib import Path

from lighter.config.paths import from_folder
from lighter.config.schema import PROJECT
from lighter.config.tree import Mapping, Scalar
from lighter.errors import ConfigError, Position, Problem, Source, shown_path
from lighter.project.project import ALIAS


class Files:
    """What has been read, each file once with its text; `allow`, of a limited config, as it was read."""

    def __init__(self, allow: tuple[str, ...] | None = None) -> None:
        self.allow = allow
        self.read: dict[str, Source] = {}
        self._folders = [*filter(os.path.isabs, allow or ())]

    @classmethod
    def beside(cls, path: Path, allow: str | None) -> "Files":
        """Those that a file of a sweep, a series or the like may name, which the user has named."""
        files = cls(tuple(name.strip() for name in allow.split(",")) if allow is not None else None)
        files.check(path, None)
        return files

    def check(self, path: Path, asked_from: Position | None) -> None:
        """Raises ConfigError for a file that a limited config names and that lies elsewhere; the user names any."""
        if asked_from is None:
            self._folders.append(str(path.parent))
        elif self.allow is not None:
            here = [] if asked_from.source.path is not None else [os.curdir]  # of a mapping or an override
            if not is_within(path, [*self._folders, *here]):
                what = f"'{shown_path(path)}' lies outside of the folders of this config and its project"
                raise ConfigError(
                    [Problem(what, asked_from, help="name it in --allow-files, if you trust it", code="limit")]
                )

    def add(self, source: Source) -> None:
        """Takes note of what was read."""
        if source.path is not None:
            self.read.setdefault(os.path.normpath(source.path), source)

    def add_project(self, tree: Mapping, folder: Path) -> None:
        """Takes note of the project that a tree names, if it may be used."""
        node = tree.get(PROJECT)
        if isinstance(node, Scalar) and isinstance(node.value, str) and "\0" not in node.value:
            root = os.path.realpath(from_folder(folder, node.value))
            if {ALIAS, os.path.basename(root)} & {name.partition(".")[0] for name in self.allow or ()}:
                self._folders.append(root)


def is_within(path: str | os.PathLike[str], folders: Iterable[str]) -> bool:
    """Whether a file or folder lies in one of these, or is it, all links followed."""
    if "\0" in os.fspath(path):
        return False
    real = os.path.join(os.path.realpath(os.path.expanduser(path)), "")
    return any(real.startswith(os.path.join(os.path.realpath(folder), "")) for folder in folders)
