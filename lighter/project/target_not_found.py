"""The error for a dotted name that leads nowhere, with the facts that a message needs."""

import builtins
import os
import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from lighter.errors import listing, nearest, suggestion
from lighter.project.definitions import Whereabouts, defined_in
from lighter.project.files import SUFFIX, entries, find_source, folders_of, is_segment, leads, modules, refusal
from lighter.project.project import ALIAS, Project

if TYPE_CHECKING:
    from lighter.project.searching import Search

Kind = Literal["module", "attribute"]


class TargetNotFound(ModuleNotFoundError):  # noqa: N818  (as ModuleNotFound, and short in a config's code)
    """A dotted name of which a part is not there.

    `dotted` is all of it, `missing` the part, `within` what it was looked for in (empty for the first part),
    `candidates` the names that exist there, `hint` a cure that is more than a similar name, `at` the file and line
    where the name is out of reach.
    """

    def __init__(  # noqa: PLR0917  (pickling gives an exception its facts by position)
        self,
        dotted: str,
        missing: str,
        within: str,
        candidates: Iterable[str],
        kind: Kind,
        hint: str = "",
        at: tuple[str, int] | None = None,
    ) -> None:
        self.dotted = dotted
        self.missing = missing
        self.within = within
        self.candidates = tuple(candidates)
        self.kind = kind
        self.hint = hint
        self.at = at
        cure = hint or suggestion(missing, self.candidates, "it has")
        where = f" ({at[0]}:{at[1]})" if at else ""
        super().__init__(self.what + (f"; {cure}" if cure else "") + where, name=f"{within}.{missing}".lstrip("."))

    @property
    def what(self) -> str:
        """The fault alone, without a cure."""
        if not self.within:
            return f"there is no module '{self.missing}'"
        return f"'{self.within}' has no {'module ' * (self.kind == 'module')}'{self.missing}'"

    def __reduce__(self) -> tuple[type["TargetNotFound"], tuple[object, ...]]:
        return type(self), (self.dotted, self.missing, self.within, self.candidates, self.kind, self.hint, self.at)


def absent_package(dotted: str, project: Project | None) -> TargetNotFound:
    """The error for a dotted name whose first part is not installed."""
    import pkgutil  # only a mistake pays for these
    from difflib import get_close_matches

    from lighter.project.searching import Search
    from lighter.project.short_names import full_name

    first, _, rest = dotted.partition(".")
    hint = f"write 'builtins.{dotted}'" if hasattr(builtins, first) else ""
    if project is not None and find_source(project, first):
        hint = f"the project has it: write '{project.start}.{dotted}'"
    elif project is not None:
        search = Search(project)
        homes = map(search.dotted_path, [*search.modules_named(first), *search.folders_named(first)])
        names = [f"'{home}.{rest}'" for home in islice(dict.fromkeys(homes), 3) if home and rest]
        hint = f"the project has it: write {' or '.join(names)}" if names else hint
    hint = hint or full_name(dotted)
    installed = {name.partition(".")[0] for name in sys.modules} | {module.name for module in pkgutil.iter_modules()}
    candidates = get_close_matches(first, [project.name, ALIAS] if project else [])
    if project is not None and not candidates:
        hint = hint or _under_another_name(project, rest)
    candidates += get_close_matches(first, installed, cutoff=0.8)
    return TargetNotFound(dotted, first, "", candidates, "module", hint)


def _under_another_name(project: Project, rest: str) -> str:
    """The target where a dotted name begins with a name that the project's folder had elsewhere; empty for another."""
    *above, last = rest.split(".")
    is_there = last in defined_in(project, str(project.root)) if not above else False
    if is_there or any(leads(project, folder, above) for folder in project.sources if above):
        start = f"targets of the project begin with '{project.name}' or '{ALIAS}'"
        return f"{start}: write '{ALIAS}.{rest}'"
    return ""


def absent_name(dotted: str, left: Sequence[str], container: object, project: Project | None) -> TargetNotFound:
    """The error for names left of a dotted name, of which `container` does not have the first."""
    import pkgutil

    from lighter.project.searching import Search
    from lighter.project.short_names import within_torch

    missing, within = left[0], _without(dotted, left)
    folders = folders_of(container) if isinstance(container, ModuleType) else []
    kind: Kind = "module" if folders and len(left) > 1 else "attribute"
    names = {name for name in dir(container) if missing.startswith("_") or not name.startswith("_")}
    hint, at = "", None
    if project is None:
        names.update(module.name for module in pkgutil.iter_modules(folders))
    else:
        for folder in folders:
            names.update(modules(project, folder), defined_in(project, folder))
        file = getattr(container, "__file__", None) if isinstance(container, ModuleType) else None
        hint, at = _cure(Search(project), left, folders, file)
    hint = hint or within_torch(dotted)
    return TargetNotFound(dotted, missing, within, sorted(names), kind, hint, at)


def ambiguous_name(dotted: str, left: Sequence[str], files: Sequence[str]) -> TargetNotFound:
    """The error for a name that several files of a folder define."""
    within = _without(dotted, left)
    written = [f"'{within}.{file}.{'.'.join(left)}'" for file in files]
    hint = f"{len(files)} files define it: write {' or '.join(written)}"
    return TargetNotFound(dotted, left[0], within, files, "attribute", hint)


def _without(dotted: str, left: Sequence[str]) -> str:
    return dotted.removesuffix("." + ".".join(left))


def _cure(
    search: "Search", left: Sequence[str], folders: Sequence[str], file: str | None
) -> tuple[str, tuple[str, int] | None]:
    """Where the first of the names left is to be had or why it is not, and the file and line that define it.

    It is looked for in a module's folders and file. The last name is what all this is about: of `my_project.modles.Net`
    it is `Net`.
    """
    project, missing, last = search.project, left[0], left[-1]
    if refused := next(filter(None, (refusal(project, folder, missing) for folder in folders)), ""):
        return refused, None
    where = search.where(file, missing) if file else None
    if file is not None and where is not None and (hint := _out_of_reach(search, missing, where, file)):
        return hint, (file, where.line)
    for folder in folders:
        inside = search.relative(os.path.join(folder, missing)).replace(os.sep, ".")
        if hint := _beyond_a_dot(project, folder, left) or search.empty(inside, [folder]):
            return hint, None
    if missing != last and nearest(missing, [name for folder in folders for name in modules(project, folder)]):
        return "", None  # a slip of the hand in the name of a module
    homes = search.homes(last)
    if not homes and missing != last:
        paths = map(search.dotted_path, search.modules_named(missing))
        homes = [f"{module}.{last}" for module in paths if module]
    if len(homes) == 1:
        return f"did you mean '{homes[0]}'?", None
    return ("the project has it as " + listing(f"'{home}'" for home in homes) if homes else ""), None


def _out_of_reach(search: "Search", name: str, where: Whereabouts, file: str) -> str:
    """Why a file that has a name in its text does not give it."""
    module = search.dotted_path(file)
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


def _beyond_a_dot(project: Project, folder: str, left: Sequence[str]) -> str:
    """The cure for names that say a folder, or a file, with a dot in its name; empty where they do not."""
    wanted = ".".join(left)
    for entry in sorted(entries(folder), key=len, reverse=True):
        name = entry.removesuffix(SUFFIX)
        if "." not in name or not wanted.startswith(f"{name}."):
            continue
        inner = os.path.join(folder, entry)
        if os.path.isdir(inner):
            written = f"{project.beside(os.path.relpath(inner, project.root))}' and '{ALIAS}.{wanted[len(name) + 1 :]}"
            return f"the dot in the folder's name would part the target: write 'project: {written}'"
        if name != entry:
            return f"the dot in the name of '{entry}' would part the target: make a copy of it under a name without one"
    return ""


def nameable(path: str) -> str:
    """The folder from which on a Python file has a dotted name; empty where the name of the file is in the way.

    Both are paths below the root, with `/` between their parts.
    """
    *folders, file = path.split("/")
    if not is_segment(file.removesuffix(SUFFIX)):
        return ""
    last = max((depth for depth, name in enumerate(folders) if not is_segment(name)), default=-1)
    return "/".join(folders[: last + 1])
