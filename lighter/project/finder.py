"""How Python's import system finds the modules of projects and of a config's imports, and nothing else by their names.

Nothing is put on `sys.path`. One finder is the first on `sys.meta_path` while something is importable, and answers for
the packages that projects and imports have been given; other finders are never asked about these. In a file of a folder
that a config imports from, `import helpers` means the file `helpers.py` beside it, where nothing installed has that
name, as if the folder were the last on `sys.path`; other code never sees it.
"""

import importlib
import os
import sys
from collections.abc import Callable, Container, Iterable, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from lighter.project.files import INIT, Found, built, find, find_root, find_source, leads, read
from lighter.project.found_on_path import NotLoaded, require_none_built
from lighter.project.found_on_path import elsewhere as elsewhere_on_path
from lighter.project.import_internals import WatchedSpec
from lighter.project.left_out import LeftOut
from lighter.project.libraries import elsewhere, is_installed, is_protected, warn_of_shadowing
from lighter.project.module_aliases import ModuleAliases
from lighter.project.project import Importable, ImportedModule, Project
from lighter.project.sibling_imports import imported_names, own_names, renamed

Names = Callable[[str, bytes, str], dict[str, str]]
BESIDE = "-beside"  # a dash, so that no import statement can mean it


class TextLoader(SourceFileLoader):
    """Runs a file from its text: bytecode is neither read nor written, and none that is there is run.

    `names` gives, for a module's name, its text and path, what the imports in it mean in full.
    """

    _state: object = None

    def __init__(self, full_name: str, found: Found, files: Project, names: Names) -> None:
        super().__init__(full_name, found.file or os.path.join(found.folder or "", INIT))
        self._files = files
        self._names = names
        self._is_empty = found.file is None  # a folder without __init__.py

    @property
    def is_current(self) -> bool:
        """Whether the file is what it was when it was read."""
        return _state(self.path) == self._state

    def path_stats(self, path: str) -> dict[str, float]:
        """Refuse the facts that a cached bytecode file is compared with: so there is no cache."""
        raise OSError(f"the bytecode of {path!r} is not cached")

    def get_data(self, path: str) -> bytes:
        """The bytes of the module's file, whose state is kept, or of data beside it."""
        if path != self.path:
            return super().get_data(path)
        self._state = _state(path)
        data = b"" if self._is_empty else read(self._files, path)
        # Here and not around the call of the code, where a frame of this file would be in every user's traceback.
        names = self._names(self.name, data, path)
        vars(self).pop("source_to_code", None)
        if names:
            # What cannot be compiled is reported by the import system, which then compiles the file as it is.
            with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                root = find_root(self._files)
                plain = "" if root is None or root.file else self.name.partition(".")[0]
                code = renamed(data, path, names, plain)
                vars(self)["source_to_code"] = lambda *_, **__: code  # a method of that name would be such a frame too
        return data


def text_spec(loader: TextLoader, found: Found) -> WatchedSpec:
    """The spec of the module that a loader loads."""
    spec = WatchedSpec(loader.name, loader, origin=found.file, is_package=found.folder is not None)
    spec.has_location = found.file is not None
    if found.folder is not None:
        spec.submodule_search_locations = [found.folder]
    return spec


class ByItsOwnName:
    """Gives the one module of a file to an import by another of its names, such as `import_module("models.net")`."""

    def __init__(self, full_name: str, aliases: ModuleAliases) -> None:
        self._full_name = full_name
        self._aliases = aliases
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module itself."""
        module = importlib.import_module(self._full_name)
        self._spec = getattr(module, "__spec__", None)
        self._aliases.enter(spec.name, self._full_name, module)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Undo what the import system did to a module that it takes for a new one."""
        with suppress(AttributeError):  # anything can be in a module's place
            module.__spec__ = self._spec


class Finder:
    """Finds the modules of the projects and imports that are importable now.

    One project is active: its files are found by their short names too.
    """

    finds_projects = True  # so that what is installed is asked of all other finders

    def __init__(self) -> None:
        self.projects: dict[str, Project] = {}  # by the package that its modules are in
        self.imports: dict[str, ImportedModule] = {}  # by the first part of its name
        self.active: Project | None = None
        self._packages: dict[Project, str] = {}
        self._aliases: dict[Project, ModuleAliases] = {}
        self._left_out = LeftOut()
        self._beside: dict[Path, str] = {}  # a folder of imports -> the package of its other modules
        self._found: set[str] = set()  # modules of imports; what others have loaded by such a name is left alone
        self._aside: dict[tuple[Project | Path, str], dict[str, ModuleType]] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module is; None for others', ModuleNotFoundError for what a project or a folder does not have."""
        full_name = self._full_name(fullname)
        if full_name is not None:
            return self._project_spec(fullname, full_name, path)
        owner = self._import_of(fullname)
        if owner is not None:
            return self._import_spec(fullname, owner, path)
        # Of what stands in several folders the first that has a word to say is asked.
        folders = dict.fromkeys((*list(self.projects.values()), *(one.files for one in list(self.imports.values()))))
        for files in folders:
            try:
                if (spec := elsewhere_on_path(files, fullname, path)) is not None:
                    return spec
                require_none_built(files, fullname)
            except NotLoaded as error:
                self._left_out.note(fullname, files, error.why)
                raise
        return None

    def owner(self, module: str) -> Importable | None:
        """The project or import that a module is of, by its own name."""
        return self.projects.get(module.partition(".")[0]) or self._import_of(module)

    def means_project(self, name: str) -> bool:
        """Whether a name without dots is a short one that imports a file of the active project."""
        aliases = self._aliases[self.active] if self.active and name not in self.projects else None
        return aliases is not None and aliases.meaning(name) is not None

    def settle(self, full_name: str) -> None:
        """Do for a module's short names what the import system does for its own name once its code has run."""
        project = self.projects.get(full_name.partition(".")[0])
        if project is not None:
            self._aliases[project].settle(full_name)

    def _has_run(self, full_name: str) -> None:
        self.settle(full_name)
        self._left_out.end(full_name in sys.modules)

    def activate(self, project: Project, package: str | None = None, needed: Container[Importable] = ()) -> str:
        """Make a project the active one, and give the package that its modules are in.

        Others that are needed keep their modules: of two such projects of one name the second gets a number.
        """
        if self.active != project:
            self._deactivate()
            package = self._packages.get(project) or package or self._choose(project)
            if self.projects.get(package, project) != project and self.projects[package] in needed:
                package = next(free for n in count(2) if (free := f"{package}-{n}") not in self.projects)
                self._aliases.pop(project, None)
            self._packages[project] = package
            aliases = self._aliases.setdefault(project, ModuleAliases(project, package))
            for taken, other in list(self.projects.items()):
                is_in_the_way = other != project and (taken == package or find_source(project, taken))
                if is_in_the_way and other not in needed:
                    self.set_aside(other)
            sys.modules.update(self._aside.pop((project, package), {}))
            self.active = self.projects[package] = project
            aliases.share_all()
        return self._packages[project]

    def add_import(self, imported: ImportedModule) -> str:
        """Let a module be imported by the name that a config gives; another of its name is set aside."""
        before, folder = self.imports.get(imported.top), imported.folder
        if before == imported:
            return imported.name
        if before is not None:
            self.set_aside(before)
        taken = {self._beside[other.folder] for other in self.imports.values()}
        self.imports[imported.top] = imported
        free = f"{imported.top}{BESIDE}"
        beside = self._beside.setdefault(folder, f"{free}-too" if free in taken else free)
        for top in (imported.top, beside):
            again = self._aside.pop((folder, top), {})
            self._found |= again.keys()
            sys.modules.update(again)
        return imported.name

    def set_aside(self, code: Importable) -> None:
        """Take the modules of a project or import out of the import system, until it is importable again.

        The other modules of an import's folder go with the last import from there.
        """
        if isinstance(code, ImportedModule):
            if self.imports.get(code.top) == code:
                del self.imports[code.top]
                is_last = all(other.folder != code.folder for other in self.imports.values())
                for top in (code.top, self._beside[code.folder])[: 1 + is_last]:
                    names = [name for name in _loaded(top) if name in self._found]
                    self._found.difference_update(names)
                    self._put_away((code.folder, top), names)
            return
        if self.active == code:
            self._deactivate()
        package = self._packages.get(code, "")
        if self.projects.get(package) == code:
            del self.projects[package]
            self._put_away((code, package), _loaded(package))

    def is_stale(self, project: Project) -> bool:
        """Whether a file of a project was changed since it was loaded here, be its module set aside or not."""
        package = self._packages.get(project, "")
        if self.projects.get(package) == project:
            modules = [sys.modules.get(name) for name in _loaded(package)]  # meanwhile one may be gone with garbage
        else:
            modules = [*self._aside.get((project, package), {}).values()]
        loaders = (getattr(getattr(module, "__spec__", None), "loader", None) for module in modules)
        return any(isinstance(loader, TextLoader) and not loader.is_current for loader in loaders)

    def forget(self, project: Project) -> None:
        """Drop a project's modules where they were set aside: they are loaded anew."""
        if self._aside.pop((project, self._packages[project]), None) is not None:
            self._aliases.pop(project, None)

    def _put_away(self, key: tuple[Project | Path, str], names: Iterable[str]) -> None:
        self._aside[key] = {name: sys.modules.pop(name) for name in names}

    def _deactivate(self) -> None:
        if self.active is not None:
            self._aliases[self.active].withdraw()
            self.active = None

    def _choose(self, project: Project) -> str:
        """The project's name where it is free, else one with a dash in it, which no import statement can mean."""
        name = project.package
        return name if _is_free(name, project, name in self.projects) else f"{name}-project"

    def _full_name(self, name: str) -> str | None:
        """A project's module's own name: the same for what begins with its package, another for a short name."""
        if name.partition(".")[0] in self.projects:
            return name
        own = self._aliases[self.active].own_name(name) if self.active else None
        if own is not None:
            return own
        parent, _, last = name.rpartition(".")  # of a package that was given another name by hand
        full_parent = str(getattr(sys.modules.get(parent), "__name__", ""))
        return f"{full_parent}.{last}" if full_parent.partition(".")[0] in self.projects else None

    def _project_spec(self, asked: str, full_name: str, path: Sequence[str] | None) -> ModuleSpec:
        project = self.projects[full_name.partition(".")[0]]
        found = _find(project, full_name, path)
        if found is None:
            full_name = _in_src(full_name)
            found = _find(project, full_name, None)
        if found is None:
            # Not `None`, upon which the next finder would look into the folder, with eyes for .so and .pyc.
            raise self._absent(asked, full_name, project, path)
        if asked != full_name:
            package = full_name.rpartition(".")[0]
            if package not in sys.modules:
                importlib.import_module(package)  # unseen by the import system
            if full_name in sys.modules:
                sys.modules.pop(asked, None)  # else the import system takes it for the parent's doing, and runs it
            loader: Any = ByItsOwnName(full_name, self._aliases[project])  # no importlib.abc.Loader: it loads tempfile
            return ModuleSpec(asked, loader)
        spec = self._spec(full_name, found, project, self._project_names)
        spec.loader_state = project  # by which other projects know its modules
        return spec

    def _absent(self, asked: str, full_name: str, project: Project, path: Sequence[str] | None) -> ModuleNotFoundError:
        parent, _, name = full_name.rpartition(".")
        folders = path or [os.path.join(project.root, *parent.split(".")[1:])]
        why = next(filter(None, (built(one, name) for one in folders if isinstance(one, str))), "")
        if not why:
            return ModuleNotFoundError(f"no module {asked!r} in the project {project.root}", name=asked)
        self._left_out.note(asked, project, why)
        return NotLoaded(asked, project, why)

    def _import_of(self, module: str) -> ImportedModule | None:
        top = module.partition(".")[0]
        beside = (one for one in self.imports.values() if self._beside[one.folder] == top)
        return self.imports.get(top) or next(beside, None)

    def _import_spec(self, full_name: str, owner: ImportedModule, path: Sequence[str] | None) -> ModuleSpec:
        self._found.add(full_name)
        if full_name == self._beside[owner.folder]:
            spec = ModuleSpec(full_name, None, is_package=True)
            spec.submodule_search_locations = [str(owner.folder)]
            return spec
        found = _find_in(owner.files, path or [str(owner.folder)], full_name)
        if found is None:
            raise ModuleNotFoundError(f"no module {full_name!r} in {owner.folder}", name=full_name)  # as above
        return self._spec(full_name, found, owner.files, self._import_names)

    def _spec(self, full_name: str, found: Found, files: Project, names: Names) -> WatchedSpec:
        spec = text_spec(TextLoader(full_name, found, files, names), found)
        spec.begins = self._left_out.begin
        spec.has_run = self._has_run
        return spec

    def _project_names(self, full_name: str, text: bytes, path: str) -> dict[str, str]:
        """What imports of its own modules in a project's file mean in full; it is about to run."""
        package = full_name.partition(".")[0]
        if self.active is not None and self._packages[self.active] == package:
            self._aliases[self.active].share(full_name)
        project = self.projects.get(package)
        return own_names(full_name, text, path, project, self._aliases[project]) if project else {}

    def _import_names(self, full_name: str, text: bytes, path: str) -> dict[str, str]:
        """What imports of other modules of its folder by bare names mean in an import's file."""
        owner = self._import_of(full_name)
        if owner is None:
            return {}
        beside = self._beside[owner.folder]
        names = (dotted for dotted in imported_names(text) if self._is_beside(dotted, owner.files))
        return {dotted: f"{beside}.{dotted}" for dotted in names}

    def _is_beside(self, dotted: str, files: Project) -> bool:
        first = dotted.partition(".")[0]
        if is_protected(first) or first in self.imports or not leads(files, str(files.root), dotted.split(".")):
            return False
        return self.means_project(first) or not elsewhere(dotted, str(files.root))


FINDER = Finder()  # the one that is put on sys.meta_path, by importable.py


def _loaded(package: str) -> list[str]:
    return [name for name in list(sys.modules) if name == package or name.startswith(f"{package}.")]


def _is_free(name: str, project: Project, is_anothers: bool) -> bool:
    root = find_root(project)
    init = (root and root.file) or ""
    # The project's scripts mean a package inside it by that name.
    if is_protected(name) or (not init and find_source(project, name)):
        return False
    if is_anothers:  # a project of the same name, whose modules will be set aside
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
    folders = full_name.split(".")[1:-1]
    return _find_in(project, path or [os.path.join(project.root, *folders)], full_name)


def _find_in(files: Project, path: Sequence[object], full_name: str) -> Found | None:
    name = full_name.rpartition(".")[2]
    folders = (folder for folder in path if isinstance(folder, str))  # a module may put anything there
    return next(filter(None, (find(files, folder, name) for folder in folders)), None)


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
