"""Which projects can be imported from now, for how long, and in the processes that are started meanwhile.

A project is served while something needs it: a `with serving(...)`, an object built from it that is alive, or, after
`keep`, the whole process. When nothing does, `sys.meta_path`, `sys.modules` and `sys.path` are as they were before.
"""

import os
import sys
import threading
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import BuiltinFunctionType, FunctionType
from typing import cast

from lighter.utils.project import Project
from lighter.utils.project_finder import FINDER

INHERITED = "lighter.projects"
LASTING = (type, FunctionType, BuiltinFunctionType)  # these live as long as their module

_LOCK = threading.RLock()
_HOLDS: dict[Project, set[object]] = {}
_SEARCHED: dict[Project, list[str]] = {}  # what a project's files have put on sys.path

__all__ = [
    "Inheritance",
    "brings",
    "hold",
    "keep",
    "means_project",
    "owner_of",
    "serve",
    "served_last",
    "serving",
    "withdraw",
]


class Inheritance:
    """The projects served here, for the processes that multiprocessing spawns: they inherit no finders."""

    def __reduce__(self) -> tuple[object, ...]:
        served = sorted(FINDER.served.items(), key=lambda entry: entry[1] == FINDER.active)
        return _inherit, ([(package, project) for package, project in served],)


def serve(project: Project, package: str | None = None) -> str:
    """Let a project's modules be imported, and give the name of the package that they are in.

    That is the project's name. It is another one, with a dash in it, for a name that belongs to the standard library,
    to what Lighter stands on, to a module already loaded from elsewhere, or to a package inside the project: these
    keep theirs. Of two projects of one name, the modules of the one served before are set aside until it is served
    again.
    """
    with _LOCK:
        if sys.meta_path[:1] != [FINDER]:
            sys.meta_path[:] = [FINDER, *(finder for finder in sys.meta_path if finder is not FINDER)]
            # A process hands this mapping on, pickled before all that it is to work with.
            _config().setdefault(INHERITED, Inheritance())
        sys.path.extend(entry for entry in _SEARCHED.pop(project, ()) if entry not in sys.path)
        return FINDER.activate(project, package)


@contextmanager
def serving(project: Project | None) -> Iterator[None]:
    """Lets a project's modules be imported inside; after it, only while what was built from them lives."""
    if project is None:
        yield
        return
    before, searched = FINDER.active, sys.path[:]
    if not _HOLDS.get(project):
        FINDER.forget_changed(project)
    token = _held(project, object())
    try:
        yield
    finally:
        _SEARCHED.setdefault(project, []).extend(_added(project, searched))
        _release(project, token)
        if before is not None and _HOLDS.get(before):
            serve(before)


def keep(project: Project) -> None:
    """Serves a project, once it was, until `withdraw`."""
    _held(project, INHERITED)


def hold(project: Project, built: object) -> None:
    """Keeps a project served while an object lives that was built from it, and for good for a class or function."""
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


def brings(project: Project, built: object) -> bool:
    """Whether a class, a function, or the class of an instance is the project's own."""
    return owner_of(built) == project


def owner_of(built: object) -> Project | None:
    """The project served now that a class, a function, or the class of an instance is from."""
    module = str(getattr(built if isinstance(built, LASTING) else type(built), "__module__", ""))
    return FINDER.served.get(module.partition(".")[0])


def withdraw() -> None:
    """Leave the import system as it was before any project was served; a project served again has its modules back."""
    with _LOCK:
        _HOLDS.clear()
        for project in FINDER.served.values():
            _set_aside(project)


def served_last() -> Project | None:
    """The project whose files are now found by their short names."""
    return FINDER.active


def means_project(name: str) -> bool:
    """Whether `import name` would load a file of the project served last by its short name."""
    return FINDER.means_project(name)


def _held(project: Project, token: object) -> object:
    with _LOCK:
        _HOLDS.setdefault(project, set()).add(token)
    return token


def _release(project: Project, token: object) -> None:
    with _LOCK:
        tokens = _HOLDS.get(project, set())
        if token in tokens:
            tokens.remove(token)
            if not tokens:
                del _HOLDS[project]
                _set_aside(project)


def _set_aside(project: Project) -> None:
    FINDER.set_aside(project)
    for entry in _SEARCHED.get(project, ()):
        if entry in sys.path:
            sys.path.remove(entry)
    if not FINDER.served:
        # A new list: an import that is looking through the old one must not miss the finder after ours.
        sys.meta_path = [finder for finder in sys.meta_path if finder is not FINDER]
        _config().pop(INHERITED, None)


def _added(project: Project, before: list[str]) -> list[str]:
    """What is new on `sys.path`, but for what an installed package has put there for itself."""
    new = [entry for entry in sys.path if entry not in before]
    root = os.path.join(project.root, "")
    installed = (sys.prefix, sys.base_prefix)
    return [entry for entry in new if os.path.join(entry, "").startswith(root) or not entry.startswith(installed)]


def _config() -> dict[str, object]:
    """What the processes that this one starts get of its settings, whichever way multiprocessing starts them."""
    from multiprocessing import current_process

    config: dict[str, object] = vars(current_process())["_config"]
    return config


def _inherit(served: list[tuple[str, Project]]) -> Inheritance:
    for package, project in served:
        serve(project, package)
        keep(project)
    return Inheritance()
