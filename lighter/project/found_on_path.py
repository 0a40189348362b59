"""What Python finds in a project's folder by way of `sys.path`, or of a package's `__path__`, and is no module of it.

Scripts put folders of the project there, and so does whoever starts Python in one. Python itself follows every link
that it finds there, and loads what is compiled.
"""

import os
import sys
from collections.abc import Sequence
from functools import lru_cache
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec, PathFinder
from pathlib import Path

from lighter.project.files import SUFFIX, built, find, refusal
from lighter.project.libraries import installed_spec, is_protected
from lighter.project.project import Project

_MARKS = ("pyvenv.cfg", "conda-meta")  # what an environment has in its folder
_LIBRARIES = ("lib", "lib64", "Lib")  # where its packages are


class NotLoaded(ModuleNotFoundError):  # noqa: N818  (it says what has happened)
    """A module that is there in a project, as a file that is not loaded; `why` says which."""

    def __init__(self, name: str, project: Project, why: str) -> None:
        self.project = project
        self.why = why
        super().__init__(f"no module {name!r} in the project {project.root}: {why}", name=name)

    def __reduce__(self) -> tuple[type["NotLoaded"], tuple[object, ...]]:
        return type(self), (self.name, self.project, self.why)


def lies_in(project: Project, path: str) -> bool:
    """Whether a path leads through the project's folder or into it, and not to an environment's packages there.

    The packages of an environment may be links out, and compiled.
    """
    return _lies_in(str(project.root), os.path.abspath(path))


def places_of(spec: ModuleSpec) -> list[str]:
    """The paths of the folders and the file that a spec names; none of what is built into Python."""
    file = [spec.origin] if spec.origin and spec.has_location else []
    return [place for place in (*(spec.submodule_search_locations or ()), *file) if isinstance(place, str)]


def elsewhere(project: Project, name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """Where a module is that is none of the project's, if folders of the project are searched for it too.

    None where the other finders may look for it. Raises ModuleNotFoundError for what is in these folders alone.
    """
    searched = [entry for entry in (sys.path if path is None else path) if isinstance(entry, str)]
    outside = [entry for entry in searched if not lies_in(project, entry)]
    spec = installed_spec(name, path) if len(outside) < len(searched) else None
    if spec is None:
        return None
    places = [place for place in places_of(spec) if lies_in(project, place)]
    if is_protected(name):
        refused = "Python and Lighter keep this name" if places else ""
    else:
        refused = next(filter(None, (_refused(project, name, spec, place) for place in places)), "")
    if not refused:
        return None
    # A folder without __init__.py is but one of those that a package may be in.
    found = PathFinder.find_spec(name, outside) if is_protected(name) or spec.origin is None else None
    if found is not None:
        return found
    if is_protected(name):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    raise NotLoaded(name, project, refused)


def require_none_built(project: Project, name: str) -> None:
    """Raises NotLoaded where a script, run from the root, would find what was built there, and nothing else."""
    why = next(filter(None, (built(folder, name) for folder in project.sources)), "")
    if why and not is_protected(name) and installed_spec(name) is None:
        raise NotLoaded(name, project, why)


def _refused(project: Project, name: str, spec: ModuleSpec, place: str) -> str:
    """Why what is found under a name in a project's folder, and is no module of it, is not loaded."""
    last = name.rpartition(".")[2]
    place = os.path.abspath(place)
    folder = os.path.dirname(place)
    is_folder = place in map(os.path.abspath, spec.submodule_search_locations or ())
    if not is_folder and os.path.basename(place).startswith("__init__."):
        folder = os.path.dirname(folder)
    found = find(project, folder, last)
    if found and place in (found.file, found.folder):
        return ""
    is_own = folder in map(os.path.normpath, project.sources)
    is_inside = f"{os.path.realpath(place)}{os.sep}".startswith(f"{project.root}{os.sep}")
    if not is_own and is_inside and place.endswith(tuple(EXTENSION_SUFFIXES)):
        return ""  # built in its place, and installed there
    return refusal(project, folder, last) or f"{place} is not a {SUFFIX} file"


@lru_cache(maxsize=10_000)  # asked of each entry of sys.path, for each module that is not loaded yet
def _lies_in(root: str, path: str) -> bool:
    ways = [way for way in (Path(path), *Path(path).parents) if _is_below(root, os.path.realpath(way))]
    return bool(ways) and not any(_has_library(way, Path(path)) for way in ways)


def _is_below(root: str, real: str) -> bool:
    return f"{real}{os.sep}".startswith(f"{root}{os.sep}")


def _has_library(folder: Path, path: Path) -> bool:
    """Whether a folder is an environment, and a path lies where its packages are."""
    below = path.relative_to(folder).parts
    if not below or below[0] not in _LIBRARIES:
        return False
    is_this_one = os.path.realpath(folder) in map(os.path.realpath, (sys.prefix, sys.base_prefix))
    return is_this_one or any(os.path.lexists(folder / mark) for mark in _MARKS)
