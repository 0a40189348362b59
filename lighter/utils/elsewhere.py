"""Why a module or folder of a project does not give a name that stands somewhere in the project's text."""

import os
from collections.abc import Sequence
from types import ModuleType

from lighter.errors import listing, nearest
from lighter.utils.dotted_folders import beyond_a_dot
from lighter.utils.project import Project
from lighter.utils.project_files import folders_of, modules
from lighter.utils.searching import dotted_path, homes_of, modules_named, shown, text_of
from lighter.utils.submodules import command, is_empty, meant_submodule
from lighter.utils.whereabouts import Whereabouts, in_text

Told = tuple[str, tuple[str, int] | None]  # a cure, and the file and line where the name stands

__all__ = ["look_elsewhere"]


def look_elsewhere(project: Project, left: Sequence[str], container: object) -> Told:
    """The cure for the first of the names left, which `container` lacks: where it is to be had or why it is not.

    With it comes where the name stands. The last one is what all this is about: of `my_project.modles.Net` it is `Net`.
    """
    missing, last = left[0], left[-1]
    folders = folders_of(container) if isinstance(container, ModuleType) else []
    file = getattr(container, "__file__", None) if isinstance(container, ModuleType) else None
    where = in_text(text_of(project, file), missing) if file else None
    if file is not None and where is not None and (hint := _out_of_reach(project, missing, where, file)):
        return hint, (file, where.line)
    for folder in folders:
        if hint := beyond_a_dot(project, folder, left) or _in_submodule(project, folder, missing):
            return hint, None
    if nearest(missing, [name for folder in folders for name in modules(project, folder)]) and missing != last:
        return "", None  # a slip of the hand in the name of a module
    return _homes(project, missing, last), None


def _homes(project: Project, missing: str, last: str) -> str:
    homes = homes_of(project, last)
    if not homes and missing != last:
        files = modules_named(project, missing)
        homes = [f"{module}.{last}" for file in files if (module := dotted_path(project, file))]
    if len(homes) <= 1:
        return f"did you mean '{homes[0]}'?" if homes else ""
    return "the project has it as " + listing(f"'{home}'" for home in homes)


def _in_submodule(project: Project, folder: str, missing: str) -> str:
    inside = os.path.relpath(os.path.join(folder, missing), project.root)
    empty = meant_submodule(project, inside.replace(os.sep, "."))
    if empty is not None:
        return f"the git submodule '{os.path.relpath(empty, project.root)}' is empty: {command(project, empty)}"
    if is_empty(folder):
        return f"the folder '{shown(folder)}' is empty; if it is a git submodule, {command(project, folder)}"
    return ""


def _out_of_reach(project: Project, name: str, where: Whereabouts, file: str) -> str:
    """Why a file that has a name in its text does not give it."""
    module = dotted_path(project, file)
    match where.how:
        case "class":
            return f"did you mean '{module}.{where.within}.{name}'?"
        case "main":
            return "it is there only where the file runs as a script: move it out of 'if __name__ == \"__main__\":'"
        case "function":
            inside = f"it is made inside the function '{where.within}' when that is called"
            return f"{inside}: move it to the top level of the file, or name '{module}.{where.within}'"
        case "listed":
            return "'__all__' lists it, and nothing defines it"
    return ""
