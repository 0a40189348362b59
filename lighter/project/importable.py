"""Which projects and imports can be had from now, for how long, and in the processes that are started meanwhile.

A project, or a module that a config imports, is served while something needs it: a `with serving(...)`, an object built
from it that is alive, or, after `keep`, the whole process. When nothing does, `sys.meta_path`, `sys.modules` and
`sys.path` are as they were before.
"""

import importlib
import os
import sys
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import BuiltinFunctionType, FunctionType
from typing import cast

from lighter.project.finder import FINDER
from lighter.project.import_internals import process_settings
from lighter.project.project import ImportedModule, Project, Served

INHERITED = "lighter.projects"
LASTING = (type, FunctionType, BuiltinFunctionType)  # these live as long as their module

_LOCK = threading.RLock()
_HOLDS: dict[Served, set[object]] = {}
_SEARCHED: dict[Served, list[str]] = {}  # what the files have put on sys.path


class Inheritance:
    """What is importable here, for the processes that multiprocessing spawns: they inherit no finder."""

    def __reduce__(self) -> tuple[object, ...]:
        projects = sorted(FINDER.projects.items(), key=lambda entry: entry[1] == FINDER.active)
        return _inherit, (projects, served_imports())


def serve(project: Project, package: str | None = None) -> str:
    """Let a project's modules be imported, and give the name of the package that they are in.

    That is the project's name. It is another one, with a dash in it, for a name that belongs to the standard library,
    to what Lighter stands on, to a module already loaded from elsewhere, or to a package inside the project: these
    keep theirs. Of two projects of one name, the modules of the one served before are set aside until it is served
    again.
    """
    with _LOCK:
        _put_first(project)
        return FINDER.activate(project, package)


def serve_import(imported: ImportedModule) -> None:
    """Let the module that a config names be imported, before an installed one of its name."""
    with _LOCK:
        _put_first(imported)
        FINDER.add_import(imported)


def _put_first(served: Served) -> None:
    """Put the finder before all others, and what the files had put on `sys.path` there again."""
    if sys.meta_path[:1] != [FINDER]:
        sys.meta_path[:] = [FINDER, *(finder for finder in sys.meta_path if finder is not FINDER)]
        process_settings().setdefault(INHERITED, Inheritance())
    sys.path.extend(entry for entry in _SEARCHED.pop(served, ()) if entry not in sys.path)


@contextmanager
def serving(project: Project | None, imports: Sequence[ImportedModule] = ()) -> Iterator[None]:
    """Lets a project's modules, and imports, be imported inside; after it, while what was built from them lives."""
    served: list[Served] = [*([project] if project is not None else []), *imports]
    if not served:
        yield
        return
    before, imported, searched = FINDER.active, served_imports(), sys.path[:]
    if project is not None and not _HOLDS.get(project):
        FINDER.forget_changed(project)
    tokens = [(one, _held(one, object())) for one in served]
    try:
        if project is not None and imports:
            serve(project)  # a module that is the project's as well is the project's
        for one in imports:
            serve_import(one)
        yield
    finally:
        _SEARCHED.setdefault(served[0], []).extend(_added(served[0], searched))
        for one_served, token in tokens:
            _release(one_served, token)
        for one in imported:
            if _HOLDS.get(one):
                serve_import(one)
        if before is not None and _HOLDS.get(before):
            serve(before)


def keep(project: Served) -> None:
    """Serves a project, once it was, until `withdraw`."""
    _held(project, INHERITED)


def hold(project: Served, built: object) -> None:
    """Keeps a project or import served while an object lives that was built from it, for good for a class."""
    if type(built) in (dict, list, tuple, set):
        for part in built.values() if isinstance(built, dict) else cast("Iterable[object]", built):
            hold(project, part)
    elif isinstance(built, LASTING):
        if brings(project, built):
            keep(project)
    else:
        token = object()
        try:
            last = weakref.finalize(built, _release, project, token)
        except TypeError:  # a number or a text needs no project
            return
        last.atexit = False
        _held(project, token)


def brings(project: Served, built: object) -> bool:
    """Whether a class, a function, or the class of an instance is the project's or the import's own."""
    return owner_of(built) == project


def owner_of(built: object) -> Served | None:
    """What is served now that a class, a function, or the class of an instance is from."""
    return owner_of_module(str(getattr(built if isinstance(built, LASTING) else type(built), "__module__", "")))


def owner_of_module(name: str) -> Served | None:
    """The project or import served now that a module of this name is from."""
    return FINDER.owner(name)


def withdraw() -> None:
    """Leave the import system as it was before anything was served; what is served again has its modules back."""
    with _LOCK:
        _HOLDS.clear()
        for project in list(FINDER.projects.values()):
            _set_aside(project)
        for imported in served_imports():
            _set_aside(imported)
        _leave_idle()


def served_last() -> Project | None:
    """The project whose files are now found by their short names."""
    return FINDER.active


def served_imports() -> tuple[ImportedModule, ...]:
    """The imports whose modules can now be had."""
    return tuple(FINDER.imports.values())


def load_imports() -> None:
    """Run the imports served that have not run yet. Raises what their code raises."""
    for imported in served_imports():
        importlib.import_module(imported.name)


def means_project(name: str) -> bool:
    """Whether `import name` would load a file of the project served last that only its own files mean by that."""
    return FINDER.means_project(name) and name not in FINDER.imports


def _held(project: Served, token: object) -> object:
    with _LOCK:
        _HOLDS.setdefault(project, set()).add(token)
    return token


def _release(project: Served, token: object) -> None:
    with _LOCK:
        tokens = _HOLDS.get(project, set())
        if token in tokens:
            tokens.remove(token)
            if not tokens:
                del _HOLDS[project]
                _set_aside(project)


def _set_aside(served: Served) -> None:
    FINDER.set_aside(served)
    for entry in _SEARCHED.get(served, ()):
        if entry in sys.path:
            sys.path.remove(entry)
    _leave_idle()


def _leave_idle() -> None:
    """Take a finder that finds nothing out of the import system."""
    if not FINDER.projects and not FINDER.imports:
        # A new list: an import that is looking through the old one must not miss the finder after ours.
        sys.meta_path = [finder for finder in sys.meta_path if finder is not FINDER]
        process_settings().pop(INHERITED, None)


def _added(served: Served, before: list[str]) -> list[str]:
    """What is new on `sys.path`, but for what an installed package has put there for itself."""
    new = [entry for entry in sys.path if entry not in before]
    root = os.path.join(served.root if isinstance(served, Project) else served.folder, "")
    installed = (sys.prefix, sys.base_prefix)
    return [entry for entry in new if os.path.join(entry, "").startswith(root) or not entry.startswith(installed)]


def _inherit(served: list[tuple[str, Project]], imports: tuple[ImportedModule, ...]) -> Inheritance:
    for imported in imports:
        serve_import(imported)
        keep(imported)
    for package, project in served:
        serve(project, package)
        keep(project)
    return Inheritance()
