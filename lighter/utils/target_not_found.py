"""The error for a dotted name that leads nowhere, with the facts that a message needs."""

import builtins
import os
import sys
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Literal

from lighter.errors import suggestion
from lighter.utils.definitions import defined_in
from lighter.utils.project import ALIAS, Project
from lighter.utils.project_files import find, folders_of, modules, refusal

Kind = Literal["module", "attribute"]

__all__ = ["Kind", "TargetNotFound", "absent_name", "absent_package", "absent_root", "ambiguous_name"]


class TargetNotFound(ModuleNotFoundError):  # noqa: N818  (as ModuleNotFound, and short in a config's code)
    """A dotted name of which a part is not there.

    `dotted` is all of it, `missing` the part, `within` what it was looked for in (empty for the first part),
    `candidates` the names that exist there, `hint` a cure that is more than a similar name, `at` the file and line
    where the name stands out of reach.
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
    import pkgutil  # only a mistake pays for these two
    from difflib import get_close_matches

    first = dotted.partition(".")[0]
    hint = f"write 'builtins.{dotted}'" if hasattr(builtins, first) else ""
    if project is not None and find(project, str(project.root), first):
        hint = f"the project has it: write '{project.name}.{dotted}'"
    elif project is not None and (homes := _homes(project, dotted)):
        hint = f"the project has it: write {' or '.join(homes)}"
    installed = {name.partition(".")[0] for name in sys.modules} | {module.name for module in pkgutil.iter_modules()}
    candidates = get_close_matches(first, [project.name, ALIAS] if project else [])
    candidates += get_close_matches(first, installed, cutoff=0.8)
    return TargetNotFound(dotted, first, "", candidates, "module", hint)


def _homes(project: Project, dotted: str) -> list[str]:
    """The dotted name as it would be, were its first module one of those deeper in the project."""
    from lighter.utils.searching import dotted_path, modules_named

    first, _, rest = dotted.partition(".")
    homes = [dotted_path(project, path) for path in modules_named(project, first)]
    return [f"'{home}.{rest}'" for home in homes[:3] if home and rest]


def absent_root(dotted: str, project: Project) -> TargetNotFound:
    """The error for a project whose own `__init__.py` is not loaded."""
    folder, name = os.path.split(project.root)
    return TargetNotFound(dotted, project.name, "", (), "module", refusal(project, folder, name))


def absent_name(dotted: str, left: Sequence[str], container: object, project: Project | None) -> TargetNotFound:
    """The error for names left of a dotted name, of which `container` does not have the first."""
    import pkgutil

    missing = left[0]
    within = _without(dotted, left)
    folders = _folders(container)
    kind: Kind = "module" if folders and len(left) > 1 else "attribute"
    names = {name for name in dir(container) if missing.startswith("_") or not name.startswith("_")}
    if project is None:
        names.update(module.name for module in pkgutil.iter_modules(folders))
        return TargetNotFound(dotted, missing, within, sorted(names), kind)
    for folder in folders:
        names.update(modules(project, folder), defined_in(project, folder))
    if hint := next(filter(None, (refusal(project, folder, missing) for folder in folders)), ""):
        return TargetNotFound(dotted, missing, within, sorted(names), kind, hint)
    from lighter.utils.elsewhere import look_elsewhere

    hint, at = look_elsewhere(project, left, container)
    return TargetNotFound(dotted, missing, within, sorted(names), kind, hint, at)


def ambiguous_name(dotted: str, left: Sequence[str], files: Sequence[str]) -> TargetNotFound:
    """The error for a name that several files of a folder define."""
    within = _without(dotted, left)
    written = [f"'{within}.{file}.{'.'.join(left)}'" for file in files]
    hint = f"{len(files)} files define it: write {' or '.join(written)}"
    return TargetNotFound(dotted, left[0], within, files, "attribute", hint)


def _without(dotted: str, left: Sequence[str]) -> str:
    return dotted.removesuffix("." + ".".join(left))


def _folders(container: object) -> list[str]:
    return folders_of(container) if isinstance(container, ModuleType) else []
