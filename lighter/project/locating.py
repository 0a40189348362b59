"""A dotted name to the object it names: in a project's folder, or among the installed packages."""

import importlib
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from types import ModuleType

from lighter.project.definitions import defining
from lighter.project.files import find, find_root, folders_of, is_segment, leads, refusal
from lighter.project.finder import FINDER
from lighter.project.importable import make_importable, means_project
from lighter.project.libraries import is_protected
from lighter.project.project import ALIAS, Project
from lighter.project.target_not_found import TargetNotFound, absent_name, absent_package, ambiguous_name

ATTEMPTS = 8  # at most; each runs the modules of the circle again
_CIRCULAR = "circular import"  # Python says so of a name that a module does not have yet


def import_from_any_side(full_name: str) -> ModuleType:
    """A project's module; where a circle of imports fails that begins with it, the others in the circle go first.

    Raises what the first attempt raised. Each attempt begins anew, without what the one before has loaded.
    """
    before = set(sys.modules)
    try:
        return importlib.import_module(full_name)
    except (ImportError, AttributeError) as error:
        package = full_name.partition(".")[0]
        for other in _circle(error, package) if _CIRCULAR in str(error) and package in FINDER.projects else ():
            _forget(package, before)
            try:
                importlib.import_module(other)
                return importlib.import_module(full_name)
            except (ImportError, AttributeError):
                continue
        raise


def _circle(error: ImportError | AttributeError, package: str) -> Iterator[str]:
    """The modules whose code was running when an import failed, from the innermost up to the one that lacks a name."""
    names = [str(frame.f_globals.get("__name__")) for frame, _ in traceback.walk_tb(error.__traceback__)]
    start = names.index(error.name) if error.name is not None and error.name in names else 0
    others = (name for name in reversed(names[start:]) if name.startswith(f"{package}."))
    yield from islice(dict.fromkeys(others), ATTEMPTS)


def _forget(package: str, before: set[str]) -> None:
    for name in [name for name in sys.modules if name.startswith(f"{package}.") and name not in before]:
        del sys.modules[name]
        FINDER.settle(name)


class InvalidPath(ValueError):  # noqa: N818  (as NotPythonText)
    """A text that can be the path of no module, whatever files there are."""


def locate(dotted: str, project: Project | None = None) -> object:
    """The object that a dotted name names: in the project alone if the project owns the name, else installed.

    Raises TargetNotFound where a part of the name is not there, InvalidPath (a ValueError) for what is no dotted name,
    NotPythonText (a ValueError) for a file of the project that holds none. What an imported module's own code raises
    comes through as it is.
    """
    if project is None or not project.owns(dotted):
        names = _segments(dotted)
        # A short name works in the project's own import statements; a target says that it means the project.
        top = None if means_project(names[0]) else _imported(names[0])
        if top is None:
            raise absent_package(dotted, project)
        return attribute_of(*_walk(top, names), dotted, None)
    try:
        return attribute_of(*find_in_project(dotted, project), dotted, project)
    except TargetNotFound:
        # A folder called 'torch' must not hide torch.optim.
        if is_protected(project.name) and dotted.startswith(f"{project.name}."):
            with suppress(TargetNotFound):
                return locate(dotted)
        raise


def imported_name(dotted: str, project: Project | None) -> str:
    """What an import statement of a config names, in full: the project's modules by short names, as in its scripts."""
    if project is None or project.owns(dotted):
        return dotted
    make_importable(project)
    return f"{ALIAS}.{dotted}" if means_project(dotted.partition(".")[0]) else dotted


def find_in_project(dotted: str, project: Project) -> tuple[ModuleType, list[str]]:
    """The module of the project that has what a name means, and the names to look up in it."""
    _, rest = project.split(dotted) or ("", dotted)
    written = _segments(dotted, rest) if rest or dotted.endswith(".") else []
    package = make_importable(project)
    root = _imported(package)
    if root is None:  # its own `__init__.py` is not loaded
        raise TargetNotFound(dotted, project.name, "", (), "module", refusal(project, *os.path.split(project.root)))
    names = [package, *_folders_before(project, written), *written]
    module, left = _walk(root, names)
    if not left:
        own = getattr(module, names[-1], None)  # my_project.models.MyModel, where models/MyModel.py defines MyModel
        return module, [names[-1]] if written and callable(own) else []
    if hasattr(module, left[0]):
        return module, left
    for folder in folders_of(module):
        files = defining(project, folder, left[0])
        if len(files) > 1:
            raise ambiguous_name(dotted, left, files)
        if files:
            return import_from_any_side(f"{module.__name__}.{files[0]}"), left
    return module, left


def _folders_before(project: Project, written: Sequence[str]) -> list[str]:
    """The folders that a name may leave out: `src`, and a package inside the project that has the project's name."""
    root, first = str(project.root), written[:1]
    found = find(project, root, written[0]) if written else None
    others = (("src", *first), ("", project.name), ("src", project.name))
    if not written or (found and (found.file or not any(find(project, os.path.join(root, a), b) for a, b in others))):
        return []  # without a look into the folder, where nothing else can be meant
    if leads(project, root, first):
        return []
    if leads(project, os.path.join(root, "src"), first):
        return ["src"]
    top = find_root(project)
    holders = [folders for folders in ([], ["src"]) if find(project, os.path.join(root, *folders), project.name)]
    if not holders or (top and top.file) or defining(project, root, written[0]):
        return []
    return [*holders[0], project.name]


def _walk(module: ModuleType, names: Sequence[str]) -> tuple[ModuleType, list[str]]:
    """The module of the longest importable beginning of a name, from its first module on, and the names left."""
    for count, name in enumerate(names[1:], 1):
        # As `from a import b` does; so a function is found without running a file of its name beside it.
        value = getattr(module, name, None) if count == len(names) - 1 else None
        deeper = _imported(".".join(names[: count + 1])) if value is None or isinstance(value, ModuleType) else None
        if deeper is None:
            return _with_attribute(module, names, count)
        module = deeper
    return module, []


def _with_attribute(module: ModuleType, names: Sequence[str], count: int) -> tuple[ModuleType, list[str]]:
    """The module and the names left in it; or its package and one more, if that has a class of the module's name."""
    if count > 1 and not hasattr(module, names[count]):
        package = sys.modules[".".join(names[: count - 1])]
        if hasattr(getattr(package, names[count - 1], None), names[count]):  # by `from .Net import Net`
            return package, list(names[count - 1 :])
    return module, list(names[count:])


def _imported(full_name: str) -> ModuleType | None:
    """A module by its full name, or None if it is just that module which is not there."""
    try:
        return import_from_any_side(full_name)
    except ModuleNotFoundError as error:
        if error.name != full_name:
            raise
        return None


def attribute_of(value: object, left: Sequence[str], dotted: str, project: Project | None) -> object:
    """What the names that are left name, one after the other. Raises TargetNotFound at the first that is not there."""
    for count, name in enumerate(left):
        try:
            value = getattr(value, name)
        except AttributeError as error:
            raise absent_name(dotted, left[count:], value, project) from error
    return value


def _segments(dotted: str, part: str | None = None) -> list[str]:
    segments = (dotted if part is None else part).split(".")
    for segment in segments:
        if not is_segment(segment):
            why = f"{segment!r} cannot stand between dots" if segment else "a part of it is empty"
            raise InvalidPath(f"{dotted!r} is not a dotted name: {why}; write it as 'package.module.Name'")
    return segments
