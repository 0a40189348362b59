"""The short names by which the files of a project import one another, as if run from its root.

`from models.layers import x` in a file of the project means `my_project/models/layers.py` (or `src/models/layers.py`).
The module's own name stays `my_project.models.layers`; the short one is a second entry in `sys.modules` for the same
module, so that no file is ever loaded twice. That entry has to be there before the code runs: code looks for itself and
its neighbours in `sys.modules`, pickles name modules by their short names, and a loader that imported the module by its
own name only when the short one is asked for would be in every user's traceback.
"""

import os
import sys
from collections.abc import Iterator
from types import ModuleType

from lighter.project.files import INIT, Found, find, find_below, find_root, holds_code, is_segment, leads
from lighter.project.found_on_path import lies_in
from lighter.project.libraries import installed_spec, is_installed, is_protected, warn_of_shadowing
from lighter.project.project import SOURCE_FOLDERS, Project


class ModuleAliases:
    """The short names of one project's modules: what they mean, and which of them are in `sys.modules`."""

    def __init__(self, project: Project, package: str) -> None:
        self._project = project
        self._package = package
        root = find_root(project)
        self._is_script_style = root is not None and root.file is None
        self._is_numbered = package.removeprefix(f"{project.package}-").isdecimal()
        self._packages = {".".join(filter(None, (package, folder))) for folder in SOURCE_FOLDERS}
        self._meanings: dict[str, str] = {}
        self._found_on_path: dict[str, str] = {}  # a module's own name -> its short one, if only sys.path has it
        self._short: dict[str, list[str]] = {}  # a module's own name -> its short names
        self._entered: dict[str, ModuleType] = {}  # short name -> what was entered in sys.modules

    def meaning(self, name: str) -> str | None:
        """The own name of the module that a short name without dots means, where no other module has it.

        A module of another project has it for that project's files alone.
        """
        if is_protected(name) or not (self._is_free(name) or self._is_anothers(name)):
            return None
        meaning = self._meanings.get(name) or self._find(name)
        if meaning is not None:  # what is not there may be written later, in a notebook's lifetime
            self._meanings[name] = meaning
        return meaning

    def full_name(self, dotted: str) -> str | None:
        """What a name with dots means of the root or `src/`; a folder without `__init__.py` has to have all of it.

        The name as it is where they have the first of it alone: so is told what is not there.
        """
        first, dot, below = dotted.partition(".")
        if self._is_numbered and first == self._project.package:  # the other project has this name
            return f"{self._package}{dot}{below}"
        meaning = self.meaning(first)
        if meaning is None:
            return None
        folder = os.path.join(self._project.root, *meaning.split(".")[1:-1])
        found = find(self._project, folder, first)
        is_whole = not below or find_below(self._project, folder, dotted.split(".")) is not None
        if found is None or found.file is not None or leads(self._project, folder, dotted.split(".")):
            return f"{meaning}{dot}{below}" if is_whole else dotted
        return None

    def enter(self, name: str, full_name: str, module: ModuleType) -> None:
        """Give a loaded module one more short name, which the import system is about to enter."""
        self._entered[name] = module
        self._short.setdefault(full_name, []).append(name)

    def own_name(self, name: str) -> str | None:
        """The own name of the module that a short name means; what its package calls itself does not count."""
        top, _, below = name.partition(".")
        if not below:
            return self.meaning(name)
        return f"{self._meanings[top]}.{below}" if top in self._entered and self._is_free(top) else None

    def share(self, full_name: str) -> None:
        """Enter a module under its short names too, before its code runs, where these are free."""
        module = sys.modules.get(full_name)
        if module is not None:
            self._short[full_name] = list(self._names_of(full_name))
            self._enter(full_name, module)

    def share_all(self) -> None:
        """Enter all modules of the project that are loaded, packages before what is in them."""
        for full_name in sorted(name for name in list(sys.modules) if name.startswith(f"{self._package}.")):
            self.share(full_name)

    def settle(self, full_name: str) -> None:
        """Do once a module's code has run or raised what the import system does for its own name alone."""
        module = sys.modules.get(full_name)
        if module is None:
            self._remove(full_name)
        elif self._short.get(full_name):
            self._enter(full_name, module)  # code may put another object in its module's place
            parent, _, name = full_name.rpartition(".")  # an attribute of its package, as by its own name
            if parent in sys.modules and not hasattr(sys.modules[parent], name):
                setattr(sys.modules[parent], name, module)

    def withdraw(self) -> None:
        """Remove all short names."""
        for full_name in list(self._short):
            self._remove(full_name)

    def _enter(self, full_name: str, module: ModuleType) -> None:
        for name in self._short[full_name]:
            if self._is_free(name):
                sys.modules[name] = self._entered[name] = module

    def _remove(self, full_name: str) -> None:
        for name in self._short.pop(full_name, ()):
            if name in sys.modules and self._is_free(name):
                del sys.modules[name]
            self._entered.pop(name, None)

    def _is_free(self, name: str) -> bool:
        return name not in sys.modules or sys.modules[name] is self._entered.get(name)

    def _is_anothers(self, name: str) -> bool:
        spec = getattr(sys.modules[name], "__spec__", None)
        other = getattr(spec, "loader_state", None)
        return isinstance(other, Project) and other != self._project

    def _names_of(self, full_name: str) -> Iterator[str]:
        parent, _, name = full_name.rpartition(".")
        if parent in self._packages and self._is_free(name) and self.meaning(name) == full_name:
            yield name
        elif full_name in self._found_on_path:
            yield self._found_on_path[full_name]
        for short in self._short.get(parent, ()):
            yield f"{short}.{name}"

    def _find(self, name: str) -> str | None:
        places = [(folder, os.path.join(self._project.root, folder)) for folder in SOURCE_FOLDERS]
        found = [(folder, module) for folder, path in places if (module := find(self._project, path, name))]
        if len(found) > 1:  # as for Python, a folder without `__init__.py` comes last; of two, one with code first
            found.sort(key=lambda each: 0 if each[1].file else 2 - holds_code(each[1].folder or ""))
        for folder, module in found[:1]:
            full_name = ".".join(filter(None, (self._package, folder, name)))
            if self._is_meant(name, module):
                return full_name
        return self._on_path(name)

    def _is_meant(self, name: str, module: Found) -> bool:
        """In a project that is a package, an absolute import means what is installed; in scripts, their own files."""
        if not is_installed(name, module.file or ""):
            return True
        # A run leaves folders such as wandb/ behind, which are no code.
        if not self._is_script_style or not (module.file or holds_code(module.folder or "")):
            return False
        warn_of_shadowing(name, module.file or module.folder or "")
        return True

    def _on_path(self, name: str) -> str | None:
        """The own name of a file of the project that is found by way of `sys.path`, where a script has put a folder."""
        spec = installed_spec(name) if any(lies_in(self._project, entry) for entry in sys.path) else None
        if spec is None:
            # sys.path.append("core") is written for a start in the project's folder, which a run need not have.
            relative = [entry for entry in sys.path if entry and not os.path.isabs(entry)]
            found = (find(self._project, os.path.join(self._project.root, entry), name) for entry in relative)
            places = [module.file or module.folder for module in found if module]
        else:
            places = [spec.origin] if spec.origin else [*(spec.submodule_search_locations or ())]
        for path in (os.path.realpath(place) for place in places if place and lies_in(self._project, place)):
            folder = os.path.dirname(path.removesuffix(f"{os.sep}{INIT}"))
            inside = os.path.relpath(folder, self._project.root).split(os.sep)
            if all(map(is_segment, inside)) and find(self._project, folder, name):
                full_name = ".".join((self._package, *inside, name))
                self._found_on_path.setdefault(full_name, name)
                return full_name
        return None
