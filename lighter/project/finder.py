"""How Python's import system finds the modules of projects, and nothing else under their names.

Nothing is put on `sys.path`. A finder stands first on `sys.meta_path` from the first use of a project on, and answers
for the packages that projects have been given; other finders are never asked about these.
"""

import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType

from lighter.project.files import INIT, Found, find, find_root, find_source, read
from lighter.project.libraries import is_installed, is_protected, warn_of_shadowing
from lighter.project.module_aliases import BareNames
from lighter.project.project import Project
from lighter.project.sibling_imports import compiled


class TextLoader(SourceFileLoader):
    """Runs a file of a folder from its text; its kinds know what the imports in it mean."""

    def __init__(self, full_name: str, found: Found, files: Project) -> None:
        super().__init__(full_name, found.file or os.path.join(found.folder or "", INIT))
        self._files = files
        self._is_empty = found.file is None  # a folder without __init__.py

    def path_stats(self, path: str) -> dict[str, float]:
        """Refuse the facts that a cached bytecode file is compared with: so there is no cache."""
        raise OSError(f"the bytecode of {path!r} is not cached")

    def get_data(self, path: str) -> bytes:
        """The bytes of the module's file, or of data beside it."""
        if path != self.path:
            return super().get_data(path)
        data = b"" if self._is_empty else read(self._files, path)
        # Here and not around the call of the code, where a frame of this file would stand in every user's traceback.
        code = self.compiled(data)
        vars(self).pop("source_to_code", None)
        if code is not None:  # a method of that name would be such a frame too
            vars(self)["source_to_code"] = lambda *_, **__: code
        return data

    def compiled(self, text: bytes) -> CodeType | None:
        """The code, where imports in the text mean what its place tells; None where it is compiled as it stands."""
        raise NotImplementedError


class ProjectLoader(TextLoader):
    """Runs a file of a project."""

    _state: object = None

    @property
    def is_current(self) -> bool:
        """Whether the file is what it was when it was read."""
        return _state(self.path) == self._state

    def get_data(self, path: str) -> bytes:
        """The bytes of the module's file, whose state is kept, or of data beside it."""
        if path == self.path:
            self._state = _state(path)
        return super().get_data(path)

    def compiled(self, text: bytes) -> CodeType | None:
        """The code of a file that imports others in a way which only its place in the project explains."""
        FINDER.share(self.name)
        return FINDER.compiled(self.name, text, self.path)


class LoadedAlready(Loader):
    """Gives the one module of a file to an import by another of its names."""

    def __init__(self, full_name: str, names: BareNames) -> None:
        self._full_name = full_name
        self._names = names
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module itself."""
        module = sys.modules[self._full_name]
        self._spec = getattr(module, "__spec__", None)
        self._names.enter(spec.name, self._full_name, module)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Undo what the import system did to a module that it takes for a new one."""
        with suppress(AttributeError):  # anything can stand in a module's place
            module.__spec__ = self._spec


class ProjectSpec(ModuleSpec):
    """A module's spec that tells when the code has run or raised, without a frame of this file in a traceback."""

    _is_initializing = False

    @property
    def _initializing(self) -> bool:
        """The mark that the import system sets, since Python 3.3, around the execution of a module."""
        return self._is_initializing

    @_initializing.setter
    def _initializing(self, value: bool) -> None:
        self._is_initializing = value
        if not value:
            FINDER.settle(self.name)


class ProjectFinder:
    """Finds the modules of the projects served; one project is active: its files are found by their short names too."""

    finds_projects = True

    def __init__(self) -> None:
        self._packages: dict[Project, str] = {}
        self._served: dict[str, Project] = {}  # package -> project
        self._names: dict[Project, BareNames] = {}
        self._aside: dict[Project, dict[str, ModuleType]] = {}
        self.active: Project | None = None

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Where a module is; None for what is no project's, ModuleNotFoundError for what a project does not have."""
        if not self._served:
            return None
        full_name = self._full_name(fullname)
        if full_name is None:
            return self._spec_elsewhere(fullname)
        project = self._served[full_name.partition(".")[0]]
        found = _find(project, full_name, path)
        if found is None:
            full_name = _in_src(full_name)
            found = _find(project, full_name, None)
        if found is None:
            # Not `None`, upon which the next finder would look into the folder, with eyes for .so and .pyc.
            raise ModuleNotFoundError(f"no module {fullname!r} in the project {project.root}", name=fullname)
        if fullname != full_name:
            package = full_name.rpartition(".")[0]
            if package not in sys.modules:
                importlib.import_module(package)  # unseen by the import system
            if full_name in sys.modules:
                sys.modules.pop(fullname, None)  # else the import system takes it for the parent's doing, and runs it
                return ModuleSpec(fullname, LoadedAlready(full_name, self._names[project]))
        return text_spec(ProjectLoader(full_name, found, project), found, ProjectSpec)

    def share(self, full_name: str) -> None:
        """Let the active project's module be known by its short names."""
        if self.active is not None and self._packages[self.active] == full_name.partition(".")[0]:
            self._names[self.active].share(full_name)

    def compiled(self, full_name: str, text: bytes, path: str) -> CodeType | None:
        """The code of a file that imports others in a way which only its place in the project explains."""
        project = self._served.get(full_name.partition(".")[0])
        return compiled(full_name, text, path, project, self._names[project]) if project else None

    def settle(self, full_name: str) -> None:
        """Do for a module's short names what the import system does for its own name once its code has run."""
        project = self._served.get(full_name.partition(".")[0])
        if project is not None:
            self._names[project].settle(full_name)

    def activate(self, project: Project, package: str | None = None) -> str:
        """Make a project the active one, and give the package that its modules are in."""
        if self.active != project:
            self._deactivate()
            package = self._packages[project] = self._packages.get(project) or package or self._choose(project)
            names = self._names.setdefault(project, BareNames(project, package))
            for served, other in list(self._served.items()):
                if other != project and (served == package or names.is_there(served)):
                    self._set_aside(served)
            sys.modules.update(self._aside.pop(project, {}))
            self.active = self._served[package] = project
            names.share_all()
        return self._packages[project]

    def means_project(self, name: str) -> bool:
        """Whether a name without dots is a short one that imports a file of the active project."""
        names = self._names[self.active] if self.active and name not in self._served else None
        return names is not None and names.meaning(name) is not None

    @property
    def served(self) -> dict[str, Project]:
        """The projects whose modules can be imported, by the packages that these are in."""
        return dict(self._served)

    def forget_changed(self, project: Project) -> None:
        """Drop modules that were set aside, all if a file of one was changed since: they are loaded anew."""
        loaders = (getattr(module.__spec__, "loader", None) for module in self._aside.get(project, {}).values())
        if not all(loader.is_current for loader in loaders if isinstance(loader, ProjectLoader)):
            del self._aside[project]
            self._names.pop(project, None)

    def set_aside(self, project: Project) -> None:
        """Take a project's modules out of the import system, until it is made active again."""
        if self.active == project:
            self._deactivate()
        if self._served.get(package := self._packages.get(project, "")) == project:
            self._set_aside(package)

    def _deactivate(self) -> None:
        if self.active is not None:
            self._names[self.active].withdraw()
            self.active = None

    def _set_aside(self, package: str) -> None:
        """Take a package out of `sys.modules`, for its name now means something else, until it is served again."""
        names = [name for name in list(sys.modules) if name == package or name.startswith(f"{package}.")]
        self._aside[self._served.pop(package)] = {name: sys.modules.pop(name) for name in names}

    def _choose(self, project: Project) -> str:
        """The project's name where it is free, else one with a dash in it, which no import statement can mean."""
        name = project.name.replace(".", "-")
        return name if _is_free(name, project, name in self._served) else f"{name}-project"

    def _full_name(self, name: str) -> str | None:
        """A module's own name: the same for what begins with a served package, another for a short name."""
        if name.partition(".")[0] in self._served:
            return name
        own = self._names[self.active].own_name(name) if self.active else None
        if own is not None:
            return own
        parent, _, last = name.rpartition(".")  # of a package that was given another name by hand
        full_parent = str(getattr(sys.modules.get(parent), "__name__", ""))
        return f"{full_parent}.{last}" if full_parent.partition(".")[0] in self._served else None

    def _spec_elsewhere(self, name: str) -> ModuleSpec | None:
        """Where what is no project's is, if others would look for it in the project's folder, being on `sys.path`."""
        if self.active is None or "." in name:
            return None
        names = self._names[self.active]
        if is_protected(name):
            return names.beyond(name)
        why = names.detour(name)
        if why:
            raise ModuleNotFoundError(f"no module {name!r} in the project {self.active.root}: {why}", name=name)
        return None


FINDER = ProjectFinder()  # the one that stands on sys.meta_path; lighter/utils/serving.py puts it there


def text_spec(loader: TextLoader, found: Found, kind: type[ModuleSpec] = ModuleSpec) -> ModuleSpec:
    """The spec of the module that a loader loads."""
    spec = kind(loader.name, loader, origin=found.file, is_package=found.folder is not None)
    spec.has_location = found.file is not None
    if found.folder is not None:
        spec.submodule_search_locations = [found.folder]
    return spec


def _is_free(name: str, project: Project, is_served: bool) -> bool:
    root = find_root(project)
    init = (root and root.file) or ""
    # The project's scripts mean a package inside it by that name.
    if is_protected(name) or (not init and find_source(project, name)):
        return False
    if is_served:  # by a project of the same name, whose modules will be set aside
        return True
    if name in sys.modules:
        return _is_loaded_from(project, sys.modules[name])
    if is_installed(name, init):
        warn_of_shadowing(name, init or str(project.root))
    return True


def _is_loaded_from(project: Project, module: ModuleType) -> bool:
    """Whether a module is the project itself, imported before by ordinary means."""
    file = getattr(module, "__file__", None)
    folders = [os.path.dirname(file)] if file else list(getattr(module, "__path__", ()))
    is_package = hasattr(module, "__path__")
    return is_package and [os.path.realpath(folder) for folder in folders] == [str(project.root)]


def _find(project: Project, full_name: str, path: Sequence[str] | None) -> Found | None:
    if "." not in full_name:
        return find_root(project)
    _, *folders, name = full_name.split(".")
    for folder in path or [os.path.join(project.root, *folders)]:
        found = find(project, folder, name) if isinstance(folder, str) else None  # a module may put anything there
        if found is not None:
            return found
    return None


def _in_src(full_name: str) -> str:
    """The other name that a module may have if its package, without `__init__.py`, is in the root and in `src/` too."""
    parent = full_name.rpartition(".")[0]
    package, _, folders = parent.partition(".")
    is_split = folders and folders.partition(".")[0] != "src" and getattr(sys.modules[parent], "__file__", None) is None
    return f"{package}.src{full_name.removeprefix(package)}" if is_split else full_name


def _state(path: str) -> object:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
