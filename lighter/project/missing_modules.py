"""What an import statement asked for and did not get: whose it is, and how it is to be had."""

import importlib
import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from lighter.errors import listing, nearest, shown_path, suggestion
from lighter.project.definitions import names_in
from lighter.project.files import find, find_below, find_source, folders_of, modules
from lighter.project.libraries import installing, is_importable, moved, version_of
from lighter.project.project import Project
from lighter.project.searching import Search


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an import statement names, a module and perhaps something in it, for the sake of a config's `target`.

    `asker` is the file that has the statement, `file` that of the module, if it was found.
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
    search = Search(project) if project is not None else None
    if search is not None:
        inside = _inside(wanted, search.project)
        below = _on_the_way(search.project, inside) if inside is not None else []
        help = _in_subfolder(wanted, search) or search.empty(inside or wanted.dotted, below)
        if inside is not None:
            lacks = "does not define it" if wanted.name else "the project does not have"
            near = _nearest_name if wanted.name else _nearest_module
            return f"{wanted}, which {lacks}", help or near(wanted, inside, search)
        if help:
            return f"{wanted}, which is not there", help
    top = wanted.module.partition(".")[0]
    if (wanted.name or "." in wanted.module) and (wanted.file or is_importable(top)):
        lacks = f"{version_of(top) or wanted.file or 'what is installed'} does not have"
        homes = search.homes(wanted.name) if search is not None and wanted.name else []
        own = f"the project has it as {_quoted(homes)}, but '{wanted.module}' is another here" if homes else ""
        return f"{wanted}, which {lacks}", own or _of_library(wanted)
    help = moved(wanted.module)
    if search is not None:
        help = help or _on_no_path(wanted.module, search) or _to_build(top, search)
    if help:
        return f"{wanted}, which is not there", help
    return f"the package '{top}', which is not installed", _to_install(top, search)


def _inside(wanted: Wanted, project: Project) -> str | None:
    """What is wanted of the project, as a name that counts from its root; None where it is not of the project."""
    first, _, rest = wanted.module.partition(".")
    # A package of another place may have come first.
    is_here = wanted.file is None or wanted.file.startswith(os.path.join(project.root, ""))
    if is_here and find_source(project, first):
        return wanted.module
    own = project.name.replace(".", "-")
    return rest if first in (own, f"{own}-project") else None


def _on_the_way(project: Project, inside: str) -> list[str]:
    names = inside.split(".")
    ways = (os.path.join(source, *names[:count]) for source in project.sources for count in range(1, len(names) + 1))
    return [folder for folder in ways if os.path.isdir(folder)]


def _in_subfolder(wanted: Wanted, search: Search) -> str:
    """The cure for a second project inside the first, which is to be run from its own folder."""
    folder = search.own_root(wanted.asker, wanted.module, wanted.name) if wanted.asker else None
    if folder is None:
        return ""
    own = f"'{folder}' is a project of its own, which has it: write 'project: {search.project.beside(folder)}'"
    _, rest = search.project.split(wanted.target) or ("", "")
    begin = f"{folder.replace(os.sep, '.')}."
    return f"{own} and '_target_: project.{rest.removeprefix(begin)}'" if rest.startswith(begin) else own


def _nearest_module(wanted: Wanted, inside: str, search: Search) -> str:
    """The nearest of the project's modules to one that it does not have."""
    project, names = search.project, inside.split(".")
    folder = next((each for each in reversed(project.sources) if find(project, each, names[0])), str(project.root))
    done: list[str] = []
    for name in names:
        found = find(project, folder, name)
        if found is None:
            break
        done.append(name)
        if found.folder is None:
            return f"'{'.'.join(done)}' is a file, {search.relative(found.file or '')}, and holds no modules"
        folder = found.folder
    left = names[len(done) : len(done) + 1] or [wanted.module]
    if elsewhere := [path for path in search.modules_named(left[0]) if path.endswith(f"{left[0]}.py")]:
        return f"the project has it in {_quoted(map(search.relative, elsewhere))}"
    known = modules(project, folder)
    near = nearest(left[0], known)
    return (
        f"did you mean '{'.'.join([*done, near])}'?"
        if near
        else f"'{search.relative(folder)}' has {_quoted(known) or 'no modules'}"
    )


def _nearest_name(wanted: Wanted, inside: str, search: Search) -> str:
    """The nearest name of a module of the project to one that it does not define."""
    if homes := search.homes(wanted.name):
        return f"the project has it as {_quoted(homes)}"
    found = find_below(search.project, str(search.project.root), inside.split("."))
    file = wanted.file or (found and (found.file or found.folder)) or ""
    if os.path.isdir(file):
        known = modules(search.project, file)
        return suggestion(wanted.name, known, "it has") or f"the folder '{search.relative(file)}' is empty"
    where = search.where(file, wanted.name)
    if where is not None and where.how in ("main", "function"):
        when = "it runs as a script" if where.how == "main" else f"'{where.within}' is called"
        return f"'{search.relative(file)}' has it in line {where.line}, but only where {when}"
    defined = names_in(search.text(file))
    return suggestion(wanted.name, defined, "it has") or f"'{search.relative(file)}' defines nothing"


def _of_library(wanted: Wanted) -> str:
    if gone := moved(wanted.dotted):
        return gone
    import pkgutil  # only a mistake pays for it

    known: list[str] = []
    above, _, last = wanted.dotted.rpartition(".")
    with suppress(Exception):  # a library that cannot be looked into is no reason to fail
        module = sys.modules.get(above) or importlib.import_module(above)
        known = [*dir(module), *(found.name for found in pkgutil.iter_modules(folders_of(module)))]
    near = nearest(last, known)
    older = f"the code may be of another version of '{wanted.module.partition('.')[0]}'"
    return f"did you mean '{above}.{near}'? Otherwise {older}" if near else older


def _on_no_path(module: str, search: Search) -> str:
    """A module in some folder of the project, which the project's own scripts add to the path."""
    found = search.modules_named(module)
    if not found:
        return ""
    folder = found[0][: found[0].rindex(f"{os.sep}{module.replace('.', os.sep)}")]
    has = f"the project has '{search.relative(found[0])}'"
    return f"{has}; if its own scripts put that folder on sys.path, start with 'PYTHONPATH={shown_path(folder)}'"


def _to_build(top: str, search: Search) -> str:
    """A compiled module, which the project's own setup.py builds."""
    names = re.compile(rf"Extension\(\s*(?:name\s*=\s*)?['\"](?:[\w.]+\.)?{re.escape(top)}['\"]".encode())
    setups = (path for path in search.files if os.path.basename(path) == "setup.py")
    setup = next((path for path in setups if names.search(search.text(path))), None)
    return f"the project builds it: run 'pip install {shown_path(os.path.dirname(setup))}'" if setup else ""


def _to_install(top: str, search: Search | None) -> str:
    help = f"run '{installing(top)}'"
    if search is None or not search.empty_submodules or _is_required(top, search.project):
        return help
    folder = search.empty_submodules[0]
    inside = f"if it is in the git submodule '{search.relative(folder)}', which is empty"
    return f"{help}; or, {inside}, {search.filling(folder)}"


def _is_required(top: str, project: Project) -> bool:
    """Whether the project's own requirements name what brings a module, so that no submodule does."""
    try:
        text = (project.root / "requirements.txt").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    named = {word.lower().replace("_", "-") for word in re.findall(r"^\s*([\w.-]+)", text, re.MULTILINE)}
    package = installing(top).rpartition(" ")[2].strip('"')
    return bool(named & {top.lower().replace("_", "-"), package.lower()})


def _quoted(names: Iterable[str]) -> str:
    return listing(f"'{name}'" for name in names)
