"""Which projects and imports can be had from now, for how long, and in the processes that are started meanwhile.

A project, or a module that a config imports, is importable while something needs it: a `with importable(...)`, an
object built from it that is alive, or, after `keep_importable`, the whole process. When nothing does, `sys.meta_path`,
`sys.modules` and `sys.path` are as they were before.
"""

import gc
import importlib
import logging
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
from lighter.project.project import Importable, ImportedModule, Project

INHERITED = "lighter.projects"
LASTING = (type, FunctionType, BuiltinFunctionType)  # these live as long as their module

_LOCK = threading.RLock()
_HOLDS: dict[Importable, set[object]] = {}
_SEARCHED: dict[Importable, list[str]] = {}  # what the files have put on sys.path


class Inheritance:
    """What is importable here, for the processes that multiprocessing spawns: they inherit no finder."""

    def __reduce__(self) -> tuple[object, ...]:
        # The active project is the last, and so the active one there.
        projects = sorted(FINDER.projects.items(), key=lambda entry: entry[1] == FINDER.active)
        return _inherit, ([*((None, one) for one in active_imports()), *projects],)


def make_importable(code: Importable, package: str | None = None) -> str:
    """Let a project's modules, or the module that a config names, be imported; give the name that they are in.

    That is the project's name. It is another one, with a dash in it, for a name that belongs to the standard library,
    to what Lighter is built on, to a module already loaded from elsewhere, or to a package inside the project: these
    keep theirs. Of two projects of one name, or two imports, the modules of the first are set aside until it is made
    importable again. A module that a config names comes before an installed one of its name.
    """
    with _LOCK:
        # The finder goes before all others, and what the files had put on `sys.path` is there again.
        if sys.meta_path[:1] != [FINDER]:
            sys.meta_path[:] = [FINDER, *(finder for finder in sys.meta_path if finder is not FINDER)]
            process_settings().setdefault(INHERITED, Inheritance())
        sys.path.extend(entry for entry in _SEARCHED.pop(code, ()) if entry not in sys.path)
        return FINDER.activate(code, package, _HOLDS) if isinstance(code, Project) else FINDER.add_import(code)


@contextmanager
def importable(project: Project | None, imports: Sequence[ImportedModule] = ()) -> Iterator[None]:
    """Lets a project's modules, and imports, be imported inside; after it, while what was built from them lives."""
    needed: list[Importable] = [*([project] if project is not None else []), *imports]
    if not needed:
        yield
        return
    searched = sys.path[:]
    before: list[Importable] = [*active_imports(), *([FINDER.active] if FINDER.active is not None else [])]
    if project is not None and FINDER.is_stale(project):
        _forget_unused(project)
    tokens = [(one, _held(one, object())) for one in needed]
    try:
        if project is not None and imports:
            make_importable(project)  # a module that is the project's as well is the project's
        for one in imports:
            make_importable(one)
        yield
    finally:
        _SEARCHED.setdefault(needed[0], []).extend(_added(needed[0], searched))
        for held, token in tokens:
            _release(held, token)
        for code in filter(_HOLDS.get, before):
            make_importable(code)


def _forget_unused(project: Project) -> None:
    """Let a project be loaded anew, unless something lives that was built from it."""
    if _HOLDS.get(project):
        gc.collect()  # a system and its Trainer are a circle: what nobody has any more must not keep its old code
    if not _HOLDS.get(project):
        FINDER.forget(project)


def warn_of_stale_code(project: Project | None) -> None:
    """Warns where files of a project are others than those that were loaded: what lives keeps its code."""
    if project is not None and FINDER.is_stale(project):
        what = "the model is built from the code of '%s' as it was when it was first loaded here: files have changed "
        what += "since, and something made from them is still in use; delete that, or start anew, for the code of now"
        logging.getLogger("lighter").warning(what, project.asked)


def keep_importable(code: Importable) -> None:
    """Keeps what was made importable so until `unload`."""
    _held(code, INHERITED)


def keep_while_alive(code: Importable, built: object) -> None:
    """Keeps a project or import importable while an object lives that was built from it, for good for a class."""
    if type(built) in (dict, list, tuple, set):
        for part in built.values() if isinstance(built, dict) else cast("Iterable[object]", built):
            keep_while_alive(code, part)
    elif isinstance(built, LASTING):
        if brings(code, built):
            keep_importable(code)
    else:
        token = object()
        try:
            last = weakref.finalize(built, _release, code, token)
        except TypeError:  # a number or a text needs no project
            return
        last.atexit = False
        _held(code, token)


def brings(project: Importable, built: object) -> bool:
    """Whether a class, a function, or the class of an instance is the project's or the import's own."""
    return owner_of(built) == project


def owner_of(built: object) -> Importable | None:
    """What is importable now that a class, a function, or the class of an instance is from."""
    return owner_of_module(str(getattr(built if isinstance(built, LASTING) else type(built), "__module__", "")))


def owner_of_module(name: str) -> Importable | None:
    """The project or import that is importable now and that a module of this name is from."""
    return FINDER.owner(name)


def unload() -> None:
    """Leave the import system as it was at first; what is made importable again has its modules back."""
    with _LOCK:
        _HOLDS.clear()
        known: list[Importable] = [*FINDER.projects.values(), *active_imports()]
        for code in known:
            _set_aside(code)
        _leave_idle()


def active_project() -> Project | None:
    """The project whose files are now found by their short names."""
    return FINDER.active


def active_imports() -> tuple[ImportedModule, ...]:
    """The imports whose modules can now be had."""
    return tuple(FINDER.imports.values())


def load_imports() -> None:
    """Run the imports that have not run yet. Raises what their code raises."""
    for imported in active_imports():
        importlib.import_module(imported.name)


def means_project(name: str) -> bool:
    """Whether `import name` would load a file of the active project that only its own files mean by that."""
    return FINDER.means_project(name) and name not in FINDER.imports


def _held(project: Importable, token: object) -> object:
    with _LOCK:
        _HOLDS.setdefault(project, set()).add(token)
    return token


def _release(project: Importable, token: object) -> None:
    with _LOCK:
        tokens = _HOLDS.get(project, set())
        if token in tokens:
            tokens.remove(token)
            if not tokens:
                del _HOLDS[project]
                _set_aside(project)


def _set_aside(code: Importable) -> None:
    FINDER.set_aside(code)
    for entry in _SEARCHED.get(code, ()):
        if entry in sys.path:
            sys.path.remove(entry)
    _leave_idle()


def _leave_idle() -> None:
    """Take a finder that finds nothing out of the import system."""
    if not FINDER.projects and not FINDER.imports:
        # A new list: an import that is looking through the old one must not miss the finder after ours.
        sys.meta_path = [finder for finder in sys.meta_path if finder is not FINDER]
        process_settings().pop(INHERITED, None)


def _added(code: Importable, before: list[str]) -> list[str]:
    """What is new on `sys.path`, but for what an installed package has put there for itself."""
    new = [entry for entry in sys.path if entry not in before]
    root = os.path.join(code.root if isinstance(code, Project) else code.folder, "")
    installed = (sys.prefix, sys.base_prefix)
    return [entry for entry in new if os.path.join(entry, "").startswith(root) or not entry.startswith(installed)]


def _inherit(known: list[tuple[str | None, Importable]]) -> Inheritance:
    for package, code in known:
        make_importable(code, package)
        keep_importable(code)
    return Inheritance()
