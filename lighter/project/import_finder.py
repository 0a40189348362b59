"""How Python's import system finds the modules that a config imports by name, and their neighbours for them alone.

Nothing is put on `sys.path`. `import helpers` in a file of the folder means the file `helpers.py` beside it, where
nothing installed has that name, as if the folder stood last on `sys.path`; other code never sees it.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType

from lighter.project.files import Found, find, leads
from lighter.project.finder import FINDER, TextLoader, text_spec
from lighter.project.libraries import elsewhere, is_protected
from lighter.project.project import ImportedModule, Project
from lighter.project.sibling_imports import imported_names, renamed

BESIDE = "-beside"  # a dash, so that no import statement can mean it


class ImportLoader(TextLoader):
    """Runs a file of a folder that a config imports from."""

    def compiled(self, text: bytes) -> CodeType | None:
        """The code of a file that imports its neighbours by bare names."""
        return IMPORTS.compiled(text, self.path, self._files)


class ImportFinder:
    """Finds the modules of the imports that are served."""

    finds_projects = True

    def __init__(self) -> None:
        self._served: dict[str, ImportedModule] = {}  # the first part of its name -> the import
        self._beside: dict[Path, str] = {}  # a folder -> the package of its other modules, for as long as Python runs
        self._aside: dict[tuple[Path, str], dict[str, ModuleType]] = {}
        self._found: set[str] = set()  # a module of one of these names that others have loaded is left alone

    @property
    def served(self) -> dict[str, ImportedModule]:
        """The imports whose modules can be had, by the first part of their names."""
        return dict(self._served)

    def serve(self, imported: ImportedModule) -> None:
        """Let a module be imported; another of its name is set aside."""
        before = self._served.get(imported.top)
        if before == imported:
            return
        if before is not None:
            self.set_aside(before)
        taken = {self._beside[other.folder] for other in self._served.values()}
        self._served[imported.top] = imported
        free = f"{imported.top}{BESIDE}"
        beside = self._beside.setdefault(imported.folder, f"{free}-too" if free in taken else free)
        for top in (imported.top, beside):
            again = self._aside.pop((imported.folder, top), {})
            self._found |= again.keys()
            sys.modules.update(again)

    def set_aside(self, imported: ImportedModule) -> None:
        """Take a module out of the import system until it is served again, its neighbours with the last of them."""
        if self._served.get(imported.top) != imported:
            return
        del self._served[imported.top]
        self._put_away(imported.folder, imported.top)
        if all(other.folder != imported.folder for other in self._served.values()):
            self._put_away(imported.folder, self._beside[imported.folder])

    def _put_away(self, folder: Path, top: str) -> None:
        names = [name for name in self._found & sys.modules.keys() if name.partition(".")[0] == top]
        self._found.difference_update(names)
        self._aside[folder, top] = {name: sys.modules.pop(name) for name in names}

    def owner(self, module: str) -> ImportedModule | None:
        """The import that a module is loaded for."""
        top = module.partition(".")[0]
        beside = (one for one in self._served.values() if self._beside[one.folder] == top)
        return self._served.get(top) or next(beside, None)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Where a module is; None for others', ModuleNotFoundError for what the folder does not have."""
        owner = self.owner(fullname)
        if owner is None:
            return None
        self._found.add(fullname)
        if fullname == self._beside[owner.folder]:
            spec = ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = [str(owner.folder)]
            return spec
        found = _find(owner.files, fullname, path)
        if found is None:
            # Not `None`, upon which the next finder would look into the folder, with eyes for .so and .pyc.
            raise ModuleNotFoundError(f"no module {fullname!r} in {owner.folder}", name=fullname)
        return text_spec(ImportLoader(fullname, found, owner.files), found)

    def compiled(self, text: bytes, path: str, files: Project) -> CodeType | None:
        """The code of a file that imports its folder's other modules by bare names; None where it imports none."""
        beside = self._beside[files.root]
        own = {dotted: f"{beside}.{dotted}" for dotted in imported_names(text) if self._is_beside(dotted, files)}
        try:
            return renamed(text, path, own) if own else None
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # told by the import that compiles it as it is
            return None

    def _is_beside(self, dotted: str, files: Project) -> bool:
        first = dotted.partition(".")[0]
        if is_protected(first) or first in self._served or not leads(files, str(files.root), dotted.split(".")):
            return False
        return FINDER.means_project(first) or not elsewhere(dotted, str(files.root))


IMPORTS = ImportFinder()  # the one that stands on sys.meta_path; lighter/utils/serving.py puts it there


def _find(files: Project, full_name: str, path: Sequence[str] | None) -> Found | None:
    name = full_name.rpartition(".")[2]
    for folder in path or [str(files.root)]:
        found = find(files, folder, name) if isinstance(folder, str) else None  # a module may put anything there
        if found is not None:
            return found
    return None
