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

from lighter.utils.bare_names import SOURCE_FOLDERS, BareNames, elsewhere, is_protected
from lighter.utils.import_statements import imported_names, renamed
from lighter.utils.project import Project
from lighter.utils.project_files import INIT, leads

__all__ = ["compiled"]


def compiled(full_name: str, text: bytes, path: str, project: Project, names: BareNames) -> CodeType | None:
    """The code of a project's file with such modules' names in full; None where it imports none, or is no Python."""
    own: dict[str, str] = {}
    for dotted in imported_names(text):
        if dotted not in sys.modules and (meant := _meaning(dotted, full_name, path, project, names)):
            own[dotted] = meant
    try:
        return renamed(text, path, own) if own else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # told by the import that compiles the file as it is
        return None


def _meaning(dotted: str, full_name: str, path: str, project: Project, names: BareNames) -> str | None:
    first, _, below = dotted.partition(".")
    if is_protected(first) and not below and first in sys.stdlib_module_names:
        return None
    if names.serves(dotted):
        return None
    for package, folder in _places(full_name, path, project):
        if leads(project, folder, dotted.split(".")) and f"{package}.{dotted}" != full_name:
            return None if elsewhere(dotted, folder) else f"{package}.{dotted}"
    return None


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
