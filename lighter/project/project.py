"""What a config brings code from: a project, a folder of Python files; or a module that it imports by its name."""

import os
from pathlib import Path
from typing import Final, NamedTuple

from lighter.errors import suggestion

ALIAS = "project"  # owns what the folder's own name owns
SOURCE_FOLDERS = ("", "src")  # the folders, counted from the root, that scripts are run from


class Project:
    """The real path of a project's folder, and the folder's name as it was written (a symlink keeps its own).

    `asked` is the path that a config names it by, and makes no other project of it.
    """

    __slots__ = ("asked", "name", "root")

    def __init__(self, root: Path, name: str, asked: str = "") -> None:
        self.root: Final = root
        self.name: Final = name
        self.asked: Final = asked

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Project) and (self.root, self.name) == (other.root, other.name)

    def __hash__(self) -> int:
        return hash((self.root, self.name))

    @classmethod
    def open(cls, path: str | os.PathLike[str], asked: str = "") -> "Project":
        """The project in a folder; ModuleNotFoundError where there is no such folder. Nothing is imported."""
        written = os.fspath(path)
        real = "" if "\0" in written else os.path.realpath(written)
        if not os.path.isdir(real):
            raise ModuleNotFoundError(_absence(written))
        name = os.path.basename(os.path.normpath(written))
        if name in {"", os.curdir, os.pardir}:
            name = os.path.basename(real)
        if not name:
            raise ModuleNotFoundError(f"{written!r} is the whole disk: name a folder in it as the project")
        return cls(Path(real), name, asked or written)

    @property
    def sources(self) -> list[str]:
        """The paths of the folders that the project's scripts are run from."""
        return [os.path.join(self.root, folder) for folder in SOURCE_FOLDERS]

    @property
    def start(self) -> str:
        """What its targets are to begin with: the alias where `project: .` does not say the folder's name."""
        is_said = os.path.basename(os.path.normpath(self.asked)) not in {"", os.curdir, os.pardir}
        return self.name if is_said else ALIAS

    @property
    def package(self) -> str:
        """The name of the package that its modules are in, where that is free."""
        return self.name.replace(".", "-")

    def beside(self, folder: str) -> str:
        """A folder, counted from the project's, as the config that names the project would write it."""
        return os.path.normpath(os.path.join(self.asked, folder))

    def owns(self, dotted: str) -> bool:
        """Whether a dotted name is looked up in this project and nowhere else."""
        return self.split(dotted) is not None

    def split(self, dotted: str) -> tuple[str, str] | None:
        """The project's name as a dotted name has it, and the rest; None for what the project does not own."""
        for name in (self.name, ALIAS):  # the folder's name may itself begin with 'project.'
            if dotted == name or dotted.startswith(f"{name}."):
                return name, dotted[len(name) + 1 :]
        return None


class ImportedModule(NamedTuple):
    """A module that a config imports by its dotted name from a folder, whose real path this is.

    `imports: {a: {path: ../lib, module_name: my_lib}}`
    """

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


Importable = Project | ImportedModule


def _absence(written: str) -> str:
    if "\0" in written:
        return f"{written!r} cannot be a folder: it holds a NUL character"
    if os.path.exists(written):
        return f"the project {written!r} is a file: name the folder that holds it"
    parent, name = os.path.split(os.path.normpath(written))
    try:
        beside = [entry.name for entry in os.scandir(parent or os.curdir) if entry.is_dir()]
    except OSError:
        beside = []
    near = suggestion(name, beside, f"the folders in {parent or 'the working directory'!r} are")
    return f"there is no folder {written!r} for the project" + (f"; {near}" if near else "")
