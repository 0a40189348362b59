"""A module of a folder by its dotted name, or by its path: the way into a project that the documents name."""

import importlib
import os
from types import ModuleType

from lighter.errors import suggestion
from lighter.project.files import INIT, SUFFIX, is_segment
from lighter.project.importable import active_project, keep_importable, make_importable
from lighter.project.locating import InvalidPath, attribute_of, find_in_project
from lighter.project.project import Project


def import_module_from_path(module_path: str, project_dir: str | None = None) -> ModuleType:
    """Import a module of a project's folder, or, without a folder, the `.py` file at an absolute path.

    A dotted path counts from the project's folder; it may begin with the folder's name or with `project`. It names a
    module, or something in one: then the module that has it is returned. `my_project.models.MyModel` gives
    `my_project.models` if that has a `MyModel`, otherwise the only file directly in `my_project/models/` that defines
    it at top level; a file named after it, `my_model.py`, comes before all others.

    Args:
        module_path: a dotted path, or without `project_dir` the absolute path of a `.py` file.
        project_dir: the folder of the project.

    Raises:
        ModuleNotFoundError: there is no such module, or nothing of that name in it; the message has the nearest.
        ValueError: it is no path of a module, leads out of the project, or the file holds no Python source.
        Exception: what the module's own code raises.
    """
    if project_dir is None:
        return _import_file(module_path)
    project = Project.open(project_dir)
    keep_importable(project)  # as an import does
    dotted = module_path if project.owns(module_path) else f"{project.name}.{module_path}"
    module, left = find_in_project(dotted, project)
    attribute_of(module, left, dotted, project)
    return module


def _import_file(written: str) -> ModuleType:
    """The module of a file, in the topmost package that it belongs to, or else in its folder."""
    real = _real_file(written)
    top = os.path.dirname(real)
    while os.path.lexists(os.path.join(top, INIT)) and os.path.lexists(os.path.join(os.path.dirname(top), INIT)):
        top = os.path.dirname(top)
    project = Project.open(top)
    keep_importable(project)
    segments = os.path.relpath(real.removesuffix(SUFFIX), project.root).split(os.sep)
    for segment in segments:
        if not is_segment(segment):
            raise InvalidPath(f"{written!r} cannot be imported: {segment!r} cannot be a module's name; rename it")
    if segments[-1] == "__init__":
        segments.pop()
    before = active_project()
    try:
        return importlib.import_module(".".join([make_importable(project), *segments]))
    finally:
        if before is not None:
            make_importable(before)


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
