"""A dotted name to the object it names: in a project's folder, or among the installed packages."""

import importlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import ModuleType

from lighter.errors import suggestion
from lighter.utils.circles import import_from_any_side
from lighter.utils.definitions import defining
from lighter.utils.installed import is_protected
from lighter.utils.project import Project
from lighter.utils.project_files import INIT, SUFFIX, NotPythonText, find, find_root, folders_of, is_segment, leads
from lighter.utils.serving import keep, means_project, serve, served_last
from lighter.utils.target_not_found import TargetNotFound, absent_name, absent_package, absent_root, ambiguous_name

__all__ = ["InvalidPath", "NotPythonText", "Project", "TargetNotFound", "import_module_from_path", "locate"]


class InvalidPath(ValueError):  # noqa: N818  (as NotPythonText)
    """A text that can be the path of no module, whatever files there are."""


def import_module_from_path(module_path: str, project_dir: str | None = None) -> ModuleType:
    """Import a module of a project's folder, or, without a folder, the `.py` file at an absolute path.

    A dotted path counts from the project's folder; it may begin with the folder's name or with `project`. It names a
    module, or something in one: then the module that has it is returned. `my_project.models.MyModel` gives
    `my_project.models` if that has a `MyModel`, otherwise the only file directly in `my_project/models/` that defines
    it at top level; a file named after it, `my_model.py`, comes before all others.

    Raises ModuleNotFoundError for what is not there, InvalidPath (a ValueError) for what is no path of a module,
    NotPythonText (a ValueError) for a file that holds none. What the module's own code raises comes through as it is.
    """
    if project_dir is None:
        return _import_file(module_path)
    project = Project.open(project_dir)
    keep(project)  # as an import does
    dotted = module_path if project.owns(module_path) else f"{project.name}.{module_path}"
    module, left = _find_in_project(dotted, project)
    _attribute(module, left, dotted, project)
    return module


def locate(dotted: str, project: Project | None = None) -> object:
    """The object that a dotted name names: in the project alone if the project owns the name, else installed.

    Raises TargetNotFound where a part of the name is not there, InvalidPath (a ValueError) for what is no dotted name,
    NotPythonText (a ValueError) for a file of the project that holds none. What an imported module's own code raises
    comes through as it is.
    """
    if project is None or not project.owns(dotted):
        module, left = _find_installed(dotted, project)
        return _attribute(module, left, dotted, None)
    try:
        module, left = _find_in_project(dotted, project)
        return _attribute(module, left, dotted, project)
    except TargetNotFound:
        # A folder called 'torch' must not hide torch.optim.
        if is_protected(project.name) and dotted.startswith(f"{project.name}."):
            with suppress(TargetNotFound):
                return locate(dotted)
        raise


def _find_installed(dotted: str, project: Project | None) -> tuple[ModuleType, list[str]]:
    names = _segments(dotted)
    # A short name works in the project's own import statements; a target says that it means the project.
    top = None if means_project(names[0]) else _imported(names[0])
    if top is None:
        raise absent_package(dotted, project)
    return _walk(top, names)


def _find_in_project(dotted: str, project: Project) -> tuple[ModuleType, list[str]]:
    """The module of the project that has what a name means, and the names to look up in it."""
    _, rest = project.split(dotted) or ("", dotted)
    written = _segments(dotted, rest) if rest or dotted.endswith(".") else []
    package = serve(project)
    root = _imported(package)
    if root is None:
        raise absent_root(dotted, project)
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


def _attribute(value: object, left: Sequence[str], dotted: str, project: Project | None) -> object:
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


def _import_file(written: str) -> ModuleType:
    """The module of a file, in the topmost package that it belongs to, or else in its folder."""
    real = _real_file(written)
    top = os.path.dirname(real)
    while os.path.lexists(os.path.join(top, INIT)) and os.path.lexists(os.path.join(os.path.dirname(top), INIT)):
        top = os.path.dirname(top)
    project = Project.open(top)
    keep(project)
    segments = os.path.relpath(real.removesuffix(SUFFIX), project.root).split(os.sep)
    for segment in segments:
        if not is_segment(segment):
            raise InvalidPath(f"{written!r} cannot be imported: {segment!r} cannot be a module's name; rename it")
    if segments[-1] == "__init__":
        segments.pop()
    before = served_last()
    try:
        return importlib.import_module(".".join([serve(project), *segments]))
    finally:
        if before is not None:
            serve(before)


def _real_file(written: str) -> str:
    """The real path of a `.py` file."""
    cure = f"write the absolute path of a {SUFFIX} file, or a dotted name together with project_dir"
    if not written.isprintable() or not os.path.isabs(written) or os.pardir in written.split(os.sep):
        raise InvalidPath(f"{written!r} is not an absolute path: {cure}")
    real = os.path.realpath(written)
    if not (written.endswith(SUFFIX) and real.endswith(SUFFIX)):
        raise InvalidPath(f"{written!r} is not a {SUFFIX} file: {cure}")
    if not os.path.isfile(real):
        folder, name = os.path.split(real)
        beside = [entry for entry in os.listdir(folder) if entry.endswith(SUFFIX)] if os.path.isdir(folder) else []
        raise ModuleNotFoundError(f"there is no file {written!r}; {suggestion(name, beside, 'beside it there are')}")
    return real
