"""Imports in a project's files that no search by name alone would find, compiled with the modules' names in full.

`from layers import Block` in models/net.py works in a repository whose script puts `models/` on `sys.path`. It is the
last resort: the root, `src/` and all that is installed come before. Which file is meant is settled when the importing
file is compiled, for `sys.modules` has one place for a name, and each of two folders may have a `utils.py`. In the same
way `from code.model import Net` finds `code/model.py` though Python itself has a module `code`, which has no `model`.
"""

import os
import sys
from collections.abc import Iterator
from types import CodeType

from lighter.utils.bare_names import SOURCE_FOLDERS, BareNames
from lighter.utils.import_statements import imported_names, renamed, taken_names
from lighter.utils.installed import elsewhere, is_protected
from lighter.utils.project import Project
from lighter.utils.project_files import INIT, NotPythonText, find, leads, read

__all__ = ["compiled"]


def compiled(full_name: str, text: bytes, path: str, project: Project, names: BareNames) -> CodeType | None:
    """The code of a project's file with such modules' names in full; None where it imports none, or is no Python."""
    own: dict[str, str] = {}
    for dotted in imported_names(text):
        if (
            dotted in sys.modules
            or (is_protected(dotted) and dotted in sys.stdlib_module_names)
            or names.serves(dotted)
        ):
            continue
        package = _holder(dotted, text, list(_places(full_name, path, project)), project)
        # A file that imports its own name means a package that is not installed, or what is in its own folder.
        if package and (f"{package}.{dotted}" != full_name or _takes_modules(dotted, text, path, project)):
            own[dotted] = f"{package}.{dotted}"
    try:
        return renamed(text, path, own) if own else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # told by the import that compiles the file as it is
        return None


def _holder(dotted: str, text: bytes, places: list[tuple[str, str]], project: Project) -> str | None:
    """The package that has the module which a file means; of several the first that has all that is taken from it."""
    leading = [place for place in places if leads(project, place[1], dotted.split("."))]
    if not leading or elsewhere(dotted, leading[0][1]):
        return None
    taken = taken_names(text, dotted) if len(leading) > 1 else set()
    for package, folder in leading:
        if all(_mentions(project, folder, dotted, name) for name in taken):
            return package
    return leading[0][0]


def _takes_modules(dotted: str, text: bytes, path: str, project: Project) -> bool:
    folder = os.path.dirname(path)
    return os.path.basename(path) == INIT and any(leads(project, folder, [n]) for n in taken_names(text, dotted))


def _mentions(project: Project, folder: str, dotted: str, name: str) -> bool:
    """Whether a module has a module of a name in it, or the name in its text."""
    if leads(project, folder, [*dotted.split("."), name]):
        return True
    found = find(project, os.path.join(folder, *dotted.split(".")[:-1]), dotted.rpartition(".")[2])
    try:
        text = read(project, found.file) if found and found.file else b""
    except (OSError, ImportError, NotPythonText):
        return False
    return name.encode() in text or b"import *" in text


def _places(full_name: str, path: str, project: Project) -> Iterator[tuple[str, str]]:
    """The packages, and their folders, in which a bare name may mean a module: the root, src, then from the file up."""
    package, folder = full_name.partition(".")[0], str(project.root)
    sources = {".".join(filter(None, (package, name))): os.path.join(folder, name) for name in SOURCE_FOLDERS}
    yield from sources.items()
    package, folder = full_name, path
    if os.path.basename(path) != INIT:
        package = package.rpartition(".")[0]
    while package not in sources:
        folder = os.path.dirname(folder)
        yield package, folder
        package = package.rpartition(".")[0]
