"""A module that a config imports by its name from a folder: `imports: {a: {path: ../lib, module_name: my_lib}}`."""

import os
from dataclasses import dataclass
from pathlib import Path

from lighter.project.files import Found, find
from lighter.project.project import Project


@dataclass(frozen=True, slots=True)
class ImportedModule:
    """A folder's real path, and the dotted name of a module in it, which is the module's name."""

    folder: Path
    name: str

    @classmethod
    def of(cls, path: str | os.PathLike[str], name: str) -> "ImportedModule":
        """The module of a name in a folder. Nothing is imported."""
        return cls(Path(os.path.realpath(path)), name)

    @property
    def top(self) -> str:
        """The first part of its name, which is a file or a folder directly in its folder."""
        return self.name.partition(".")[0]

    @property
    def files(self) -> Project:
        """All that may be loaded for it: the folder's Python files, as those of a project."""
        return Project(self.folder, self.name)

    def find(self) -> Found | None:
        """Its file or folder; None where there is none."""
        found: Found | None = Found(None, str(self.folder))
        for part in self.name.split("."):
            found = find(self.files, found.folder, part) if found is not None and found.folder else None
        return found
