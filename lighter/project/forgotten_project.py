"""The folder of code that a name of a config means, where its `project:` does not name it."""

import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from lighter.project.files import SUFFIX
from lighter.project.libraries import is_protected
from lighter.project.project import ALIAS, SOURCE_FOLDERS, Project

MOST = 2000  # entries of a folder that are looked at; more hold data


def forgotten_project(dotted: str, folder: Path, project: Project | None = None) -> str:
    """What to write so that a dotted name is found beside a config or below the working folder; empty where it is not.

    `folder` is the config's, which a path in it starts from.
    """
    first, _, rest = dotted.partition(".")
    if is_protected(first) or (project is not None and project.owns(dotted)):
        return ""
    if first == ALIAS:
        return "it stands for the folder that 'project:' names: write 'project: path/to/your/code'"
    for above in _near(folder):
        if not is_code(above / first) or _is_loaded(first, above / first):
            continue
        written = Path(os.path.relpath(above, folder)).as_posix()
        if project is not None:
            imported = f"imports: {{{first}: {{path: {written}, module_name: {first}}}}}"
            return f"'{project.name}' does not have it, '{above.name}' beside it does: write '{imported}'"
        if (above / first).is_dir():
            return f"write 'project: {Path(written, first).as_posix()}'"
        return f"write 'project: {written}' and '{'.'.join(filter(None, (ALIAS, first, rest)))}'"
    return ""


def _near(folder: Path) -> Iterator[Path]:
    """The config's folder, those above it up to the working folder, that itself, and `src` in each."""
    here = Path.cwd()
    above = [parent for parent in folder.parents if parent.is_relative_to(here)]
    for one in dict.fromkeys((folder, *above, here)):
        yield from (one / source for source in SOURCE_FOLDERS)


def is_code(path: Path) -> bool:
    """Whether a path, less the ending of a file, is a Python file, or a folder with some in it or one level below."""
    if path.with_name(f"{path.name}{SUFFIX}").is_file():
        return True
    below = (entry for one in _entries(path) for entry in (one, *_entries(Path(one.path))))
    return any(entry.name.endswith(SUFFIX) for entry in below)


def _is_loaded(name: str, path: Path) -> bool:
    """Whether it is this folder or file that a module was loaded from, which then lacks something else."""
    module = sys.modules.get(name)
    places = [getattr(module, "__file__", None) or "", *getattr(module, "__path__", ())]
    return any(os.path.realpath(place).removesuffix(SUFFIX) == os.path.realpath(path) for place in places if place)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return [*islice(found, MOST)]
    except OSError:
        return []
