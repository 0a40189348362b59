"""What an import statement asked for and did not get: whose it is, and how it is to be had."""

import importlib
import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from lighter.errors import listing, nearest, suggestion
from lighter.project.definitions import in_text, names_in
from lighter.project.files import find, folders_of, modules
from lighter.project.libraries import installing, is_installed, moved, version_of
from lighter.project.module_aliases import SOURCE_FOLDERS
from lighter.project.project import Project
from lighter.project.searching import files, homes_of, leads_to, modules_named, own_root, shown, text_of
from lighter.project.submodules import command, empty_submodules, is_empty, meant_submodule


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an import statement names, a module and perhaps something in it, for the sake of a config's `target`.

    `asker` is the file that the statement stands in, `file` that of the module, if it was found.
    """

    target: str
    module: str
    name: str = ""
    asker: str = ""
    file: str | None = None

    @property
    def dotted(self) -> str:
        """Both names as one."""
        return f"{self.module}.{self.name}" if self.name else self.module

    def __str__(self) -> str:
        return f"'{self.name}' from '{self.module}'" if self.name else f"'{self.module}'"


def missing(wanted: Wanted, project: Project | None) -> tuple[str, str]:
    """What is wrong with what was wanted, and what to do."""
    if project is not None:
        inside = _inside(wanted, project)
        help = _in_subfolder(wanted, project) or _in_submodule(inside or wanted.dotted, inside is not None, project)
        if inside is not None:
            lacks = "does not define it" if wanted.name else "the project does not have"
            return f"{wanted}, which {lacks}", help or _nearest_inside(wanted, inside, project)
        if help:
            return f"{wanted}, which is not there", help
    top = wanted.module.partition(".")[0]
    if (wanted.name or "." in wanted.module) and (wanted.file or is_installed(top)):
        lacks = f"{version_of(top) or wanted.file or 'what is installed'} does not have"
        homes = homes_of(project, wanted.name) if project is not None and wanted.name else []
        own = f"the project has it as {_quoted(homes)}, but '{wanted.module}' is another here" if homes else ""
        return f"{wanted}, which {lacks}", own or _of_library(wanted)
    if gone := moved(wanted.module):
        return f"{wanted}, which is not there", gone
    if project is not None and (help := _elsewhere(wanted.module, project) or _built(top, project)):
        return f"{wanted}, which is not there", help
    return f"the package '{top}', which is not installed", _to_install(top, project)


def beside(project: Project, folder: str) -> str:
    """A folder, seen from the project's, as it stands in the config that names the project."""
    return os.path.normpath(os.path.join(project.asked, folder))


def _inside(wanted: Wanted, project: Project) -> str | None:
    """What is wanted of the project, as a name that counts from its root; None where it is not of the project."""
    root, first = str(project.root), wanted.module.partition(".")[0]
    # A package of another place may have come first.
    is_here = wanted.file is None or wanted.file.startswith(os.path.join(root, ""))
    if is_here and any(find(project, os.path.join(root, folder), first) for folder in SOURCE_FOLDERS):
        return wanted.module
    own = project.name.replace(".", "-")
    if first in (own, f"{own}-project"):
        return wanted.module.partition(".")[2]
    return None


def _in_subfolder(wanted: Wanted, project: Project) -> str:
    """The cure for a second project inside the first, which is to be run from its own folder."""
    folder = own_root(project, wanted.asker, wanted.module, wanted.name) if wanted.asker else None
    if folder is None:
        return ""
    own = f"'{folder}' is a project of its own, which has it: write 'project: {beside(project, folder)}'"
    _, rest = project.split(wanted.target) or ("", "")
    begin = f"{folder.replace(os.sep, '.')}."
    return f"{own} and '_target_: project.{rest.removeprefix(begin)}'" if rest.startswith(begin) else own


def _in_submodule(dotted: str, is_inside: bool, project: Project) -> str:
    folder = meant_submodule(project, dotted)
    if folder is not None:
        return f"the git submodule '{_from(project, folder)}' is empty: {command(project, folder)}"
    empty = _empty_on_the_way(dotted, project) if is_inside else None
    if empty is None:
        return ""
    shown = _from(project, empty)
    return f"the folder '{shown}' is empty; if it is a git submodule, {command(project, empty)}"


def _empty_on_the_way(dotted: str, project: Project) -> str | None:
    names = dotted.split(".")
    for start in SOURCE_FOLDERS:
        folder = os.path.normpath(os.path.join(project.root, start))
        for name in names:
            folder = os.path.join(folder, name)
            if os.path.isdir(folder) and is_empty(folder):
                return folder
    return None


def _nearest_inside(wanted: Wanted, inside: str, project: Project) -> str:
    """The nearest name of the project to one that it does not have."""
    if wanted.name:
        return _nearest_name(wanted, inside, project)
    folder, done = str(project.root), []
    names = inside.split(".")
    for start in SOURCE_FOLDERS:
        if find(project, os.path.join(project.root, start), names[0]):
            folder = os.path.join(project.root, start)
    for name in names:
        found = find(project, folder, name)
        if found is None:
            break
        done.append(name)
        if found.folder is None:
            return f"'{'.'.join(done)}' is a file, {_from(project, found.file or '')}, and holds no modules"
        folder = found.folder
    left = names[len(done)]
    if elsewhere := [path for path in modules_named(project, left) if path.endswith(f"{left}.py")]:
        return f"the project has it in {_quoted(_from(project, path) for path in elsewhere)}"
    near = nearest(left, modules(project, folder))
    return (
        f"did you mean '{'.'.join([*done, near])}'?"
        if near
        else f"'{_from(project, folder)}' has {_quoted(modules(project, folder)) or 'no modules'}"
    )


def _nearest_name(wanted: Wanted, inside: str, project: Project) -> str:
    homes = homes_of(project, wanted.name)
    if homes:
        return f"the project has it as {_quoted(homes)}"
    file = wanted.file or leads_to(project, str(project.root), inside.split(".")) or ""
    if os.path.isdir(file):
        return (
            suggestion(wanted.name, modules(project, file), "it has") or f"the folder '{_from(project, file)}' is empty"
        )
    text = text_of(project, file)
    where = in_text(text, wanted.name)
    if where is not None and where.how in ("main", "function"):
        when = "it runs as a script" if where.how == "main" else f"'{where.within}' is called"
        return f"'{_from(project, file)}' has it in line {where.line}, but only where {when}"
    defined = names_in(text)
    return suggestion(wanted.name, defined, "it has") or f"'{_from(project, file)}' defines nothing"


def _of_library(wanted: Wanted) -> str:
    if gone := moved(wanted.dotted):
        return gone
    import pkgutil  # only a mistake pays for it

    known: list[str] = []
    above = wanted.module if wanted.name else wanted.module.rpartition(".")[0]
    with suppress(Exception):  # a library that cannot be looked into is no reason to fail
        module = sys.modules.get(above) or importlib.import_module(above)
        known = [*dir(module), *(found.name for found in pkgutil.iter_modules(folders_of(module)))]
    near = nearest(wanted.name or wanted.module.rpartition(".")[2], known)
    older = f"the code may be of another version of '{wanted.module.partition('.')[0]}'"
    return f"did you mean '{above}.{near}'? Otherwise {older}" if near else older


def _elsewhere(module: str, project: Project) -> str:
    """A module that lies in some folder of the project, which the project's own scripts add to the path."""
    found = modules_named(project, module)
    if not found:
        return ""
    folder = found[0][: found[0].rindex(f"{os.sep}{module.replace('.', os.sep)}")]
    has = f"the project has '{_from(project, found[0])}'"
    return f"{has}; if its own scripts put that folder on sys.path, start with 'PYTHONPATH={shown(folder)}'"


def _built(top: str, project: Project) -> str:
    """A compiled module, which the project's own setup.py builds."""
    names = re.compile(rf"Extension\(\s*(?:name\s*=\s*)?['\"](?:[\w.]+\.)?{re.escape(top)}['\"]".encode())
    setups = (path for path in files(project) if os.path.basename(path) == "setup.py")
    setup = next((path for path in setups if names.search(text_of(project, path))), None)
    return f"the project builds it: run 'pip install {shown(os.path.dirname(setup))}'" if setup else ""


def _to_install(top: str, project: Project | None) -> str:
    help = f"run '{installing(top)}'"
    empty = empty_submodules(project) if project is not None else []
    if not empty or project is None or _is_required(top, project):
        return help
    shown = _from(project, empty[0])
    return f"{help}; or, if it is in the git submodule '{shown}', which is empty, {command(project, empty[0])}"


def _is_required(top: str, project: Project) -> bool:
    """Whether the project's own requirements name what brings a module, so that no submodule does."""
    try:
        text = (project.root / "requirements.txt").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    named = {word.lower().replace("_", "-") for word in re.findall(r"^\s*([\w.-]+)", text, re.MULTILINE)}
    package = installing(top).rpartition(" ")[2].strip('"')
    return bool(named & {top.lower().replace("_", "-"), package.lower()})


def _from(project: Project, path: str) -> str:
    return os.path.relpath(path, project.root)


def _quoted(names: Iterable[str]) -> str:
    return listing(f"'{name}'" for name in names)
