"""The files of a project: which of them a module's name means, and how they are read.

A module is a `.py` file whose real path lies inside the project's real path, or a folder there. Nothing else is looked
at: no `.so`, no `.pyc`, no zip file, no link that leads out.
"""

import importlib.util
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from itertools import islice
from typing import NamedTuple

from lighter.project.project import ImportedModule, Project

SUFFIX = ".py"
INIT = f"__init__{SUFFIX}"
MANY, FEW = 1000, 20  # how many entries, and folders among them, are looked at for code
LONGEST = 2**24  # bytes of a file that is code; what is larger holds data
BUILT = "there is only"  # begins the refusal of what is compiled
COMPILED = (".so", ".pyd", ".pyc", ".pyo", ".zip", ".egg", ".whl")  # what Python itself would load


class NotPythonText(ValueError):  # noqa: N818  (it says what the file is)
    """A `.py` file that holds something else; raised before any of it runs."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"{path} is not Python text: {why}")

    def __reduce__(self) -> tuple[type["NotPythonText"], tuple[str, str]]:
        return type(self), (self.path, self.why)


class Found(NamedTuple):
    """What a module's name means: a file, a folder without `__init__.py`, or a package (a folder and its file)."""

    file: str | None
    folder: str | None


def is_segment(name: str) -> bool:
    """Whether a name can stand between two dots: one that no file system reads as a path."""
    return name.isprintable() and name != "" and not set(name) & set("./\\:")


def find(project: Project, folder: str, name: str) -> Found | None:
    """The module a name means in a folder, in Python's order: package, file, folder without `__init__.py`."""
    if not is_segment(name):
        return None
    path = os.path.join(folder, name)
    is_folder = os.path.isdir(path) and _inside(project, os.path.realpath(path)) and _is_spelled(project, path)
    found = _package(project, path) if is_folder else None
    if (found is None or found.file is None) and _is_source(project, path + SUFFIX):
        return Found(path + SUFFIX, None) if _is_spelled(project, path + SUFFIX) else found
    return found


def find_below(project: Project, folder: str, names: Sequence[str]) -> Found | None:
    """The module that a dotted name means, counted from a folder."""
    found: Found | None = Found(None, folder)
    for name in names:
        found = find(project, found.folder, name) if found and found.folder else None
    return found


def find_source(project: Project, name: str) -> Found | None:
    """The module of a name in the folders that the project's scripts are run from."""
    return next(filter(None, (find(project, folder, name) for folder in project.sources)), None)


def find_imported(module: ImportedModule) -> Found | None:
    """The file or folder of a module that a config imports by its name."""
    return find_below(module.files, str(module.folder), module.name.split("."))


def leads(project: Project, folder: str, names: Sequence[str]) -> bool:
    """Whether a dotted name leads from a folder to a module; a folder that holds no code is none."""
    found = find_below(project, folder, names)
    return found is not None and (found.file is not None or holds_code(found.folder or ""))


def holds_code(folder: str) -> bool:
    """Whether a folder holds a `.py` file, itself or in a folder in it; one of a great many entries holds data."""
    with suppress(OSError), os.scandir(folder) as found:
        below = []
        for entry in islice(found, MANY):
            if entry.name.endswith(SUFFIX):
                return True
            if entry.name.isidentifier() and entry.is_dir():
                below.append(entry.path)
        return any(name.endswith(SUFFIX) for path in below[:FEW] for name in entries(path))
    return False


def find_root(project: Project) -> Found | None:
    """The module of the whole project."""
    return _package(project, str(project.root))


def folders_of(module: object) -> list[str]:
    """The folders that a package's modules are searched in; what else its code may have put there is passed over."""
    return [folder for folder in getattr(module, "__path__", None) or () if isinstance(folder, str)]


def modules(project: Project, folder: str) -> dict[str, Found]:
    """The modules directly in a folder, by name."""
    names = dict.fromkeys(entry.removesuffix(SUFFIX) for entry in entries(folder) if entry != INIT)
    found = {name: find(project, folder, name) for name in names if name != "__pycache__"}
    return {name: module for name, module in found.items() if module is not None}


def read(project: Project, path: str) -> bytes:
    """The text of a file, read once; ImportError where it does not lie in the project, NotPythonText for no text."""
    real = os.path.realpath(path)
    data = _plain_data(real, LONGEST + 1) if real.endswith(SUFFIX) and _inside(project, real) else None
    if data is None:
        raise _outside(project, path)
    if len(data) > LONGEST:
        raise NotPythonText(path, f"it is larger than {LONGEST // 2**20} MiB")
    _require_text(path, data)
    return data


def plain_text(path: str, most: int = 2**20) -> str:
    """The beginning of a file that is no code, such as `.gitmodules`; empty where it cannot be read at once."""
    try:
        data = _plain_data(os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path)), most)
    except (OSError, ValueError):
        return ""
    return (data or b"").decode(errors="replace")


def text_of(project: Project, path: str) -> bytes:
    """A file's text; none of what `read` refuses or cannot read."""
    try:
        return read(project, path)
    except (OSError, ImportError, ValueError):
        return b""


def refusal(project: Project, folder: str, name: str) -> str:
    """Why something that is there under a name is not loaded; empty where there is nothing of that name."""
    for path in (os.path.join(folder, name), os.path.join(folder, name, INIT), os.path.join(folder, name + SUFFIX)):
        real = os.path.realpath(path)
        if os.path.lexists(path) and not _inside(project, real):
            return f"{path} leads out of the project, to {real}"
        if os.path.lexists(path) and path.endswith(SUFFIX) and not _is_source(project, path):
            return f"{path} is not a {SUFFIX} file"
    for other in entries(folder) + entries(os.path.join(folder, "__pycache__")):
        if other.partition(".")[0] == name and other.endswith(COMPILED):
            return _compiled(other)
    return ""


def built(folder: str, name: str) -> str:
    """Why an extension module that was built in a folder is not loaded; empty where there is none of that name."""
    files = (name + suffix for suffix in EXTENSION_SUFFIXES if is_segment(name))
    return next((_compiled(file) for file in files if os.path.lexists(os.path.join(folder, file))), "")


def _compiled(file: str) -> str:
    return f"{BUILT} {file}, and of a project only {SUFFIX} files are loaded"


def _package(project: Project, folder: str) -> Found | None:
    init = os.path.join(folder, INIT)
    if not os.path.lexists(init):
        return Found(None, folder)
    return Found(init, folder) if _is_source(project, init) else None


def _is_source(project: Project, path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
        real = os.path.realpath(path)
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(mode) and real.endswith(SUFFIX) and _inside(project, real)


def _is_spelled(project: Project, path: str) -> bool:
    """Whether the last name of a path that is there is written so, where the file system takes `Net` for `net`."""
    folder, name = os.path.split(path)
    return not _ignores_case(str(project.root)) or name in entries(folder)


@cache
def _ignores_case(root: str) -> bool:
    folder, name = os.path.split(root)
    other = os.path.join(folder, name.swapcase())
    return name.swapcase() != name and os.path.exists(other) and os.path.samefile(root, other)


def _inside(project: Project, real: str) -> bool:
    return real == str(project.root) or real.startswith(os.path.join(project.root, ""))


def entries(folder: str) -> list[str]:
    """The names in a folder, in order; none where it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _outside(project: Project, path: str) -> ImportError:
    why = f"it leads out of the project {project.root}, or is not a {SUFFIX} file any more"
    return ImportError(f"{path} is not loaded: {why}", path=path)


def _plain_data(real: str, most: int) -> bytes | None:
    """The first bytes of a regular file at a path without links; None where something else is there."""
    # By the real path, part by part: what is swapped for a link from here on is not followed.
    with open(real, "rb", opener=_open_real) as file:
        return file.read(most) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None


def _open_real(real: str, flags: int) -> int:
    """Open a file whose path holds no link, and without waiting: a pipe in its place must not hold the program."""
    flags |= getattr(os, "O_NONBLOCK", 0)
    if not hasattr(os, "O_PATH"):  # macOS refuses links on the way by a flag; on Windows few may make links
        return os.open(real, flags | getattr(os, "O_NOFOLLOW_ANY", 0))
    step = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW
    folder = os.open(os.sep, step)
    try:
        *folders, name = real.split(os.sep)[1:]
        for part in folders:
            above, folder = folder, os.open(part, step, dir_fd=folder)
            os.close(above)
        return os.open(name, flags | os.O_NOFOLLOW, dir_fd=folder)
    finally:
        os.close(folder)


def _require_text(path: str, data: bytes) -> None:
    if b"\0" in data:
        raise NotPythonText(path, f"line {_line(data, data.index(0))} holds a NUL character")
    try:
        importlib.util.decode_source(data)  # an encoding may be declared in the first lines
    except (SyntaxError, ValueError, LookupError) as error:  # LookupError: of an encoding that is not of text
        why = "the encoding that the file declares is none of text"
        try:
            data.decode()
        except UnicodeDecodeError as fault:
            why = f"line {_line(data, fault.start)} is not UTF-8, nor of an encoding that the file declares"
        raise NotPythonText(path, why) from error


def _line(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1
