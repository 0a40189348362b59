"""The modules that a config's `imports` name, imported; of a limited config those that its list has."""

import importlib
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from lighter.config.failures import Failed, importing
from lighter.config.imports import Import, import_problems, written_imports
from lighter.config.tree import Mapping
from lighter.errors import ConfigError, Problem, Terminated, shown_path
from lighter.project.files import find_imported
from lighter.project.libraries import is_installed
from lighter.project.project import ImportedModule


class Imports(NamedTuple):
    """What a config imports, and what it may not."""

    imports: tuple[Import, ...] = ()
    refused: tuple[Problem, ...] = ()

    @classmethod
    def of(cls, tree: Mapping, is_listed: Callable[[str], bool] | None) -> "Imports":
        """The imports of a config, of a limited one those that its list has. Raises ConfigError."""
        if problems := import_problems(tree):
            raise ConfigError(problems)
        found = list(written_imports(tree))
        refused = {one: problem for one in found if is_listed and (problem := _unlisted(one, is_listed))}
        return cls(tuple(one for one in found if one not in refused), tuple(refused.values()))

    @property
    def modules(self) -> tuple[ImportedModule, ...]:
        """The modules that may be imported."""
        return tuple(one.module for one in self.imports)

    def problems(self) -> list[Problem]:
        """What is wrong with them, each imported."""
        found: list[Problem | None] = list(self.refused)
        for one in self.imports:
            try:
                found.append(_loaded(one))
            except (KeyboardInterrupt, Terminated):
                raise
            except BaseException as error:  # noqa: BLE001  # reported with its place, beside other mistakes
                found.append(Failed(one.module.name, error, one.module.files).problem(one.position, one.place))
        return [*filter(None, found)]

    def load(self) -> None:
        """Imports all of them. Raises ConfigError, or what their own code raises."""
        found: list[Problem | None] = list(self.refused)
        for one in self.imports:
            with importing(one.module.name, one.module.files, one.position, one.place):
                found.append(_loaded(one))
        if problems := [*filter(None, found)]:
            raise ConfigError(problems)


def _loaded(one: Import) -> Problem | None:
    """Imports a module; what is wrong if another has its name."""
    module, found = one.module, find_imported(one.module)
    if module.top not in sys.modules and is_installed(module.top, (found and found.file) or ""):
        what = f"'import {module.top}' means {module.folder}{os.sep}{module.top} while this config is in use"
        warnings.warn(f"{what}, not the installed package", stacklevel=2)
    importlib.import_module(module.name)
    top = sys.modules[module.top]
    path = getattr(top, "__file__", None) or next(iter(getattr(top, "__path__", ())), "")
    if os.path.realpath(path).startswith(os.path.join(module.folder, "")):  # noqa: PTH118  # as text
        return None
    what = f"another module has the name '{module.top}' already: {shown_path(Path(path)) if path else top!r}"
    return Problem(what, one.position, one.place, "rename yours")


def _unlisted(one: Import, is_listed: Callable[[str], bool]) -> Problem | None:
    """Why a limited config may not have an import: an installed package must not be taken for what is listed."""
    name, found = one.module.name, find_imported(one.module)
    if not is_listed(name):
        help = f"add '{one.module.top}' to --allow, if you trust the code in {one.module.folder}"
        return Problem(f"'{name}' is under no package that --allow lists", one.position, one.place, help)
    if is_installed(one.module.top, (found and found.file) or ""):
        what = f"--allow lists the installed package '{one.module.top}', and this is another of that name"
        return Problem(what, one.position, one.place, "rename the module")
    return None
