"""The short names by which the files of a project import one another, as if run from its root.

`from models.layers import x` in a file of the project means `my_project/models/layers.py` (or `src/models/layers.py`).
The module's own name stays `my_project.models.layers`; the short one is a second entry in `sys.modules` for the same
module, so that no file is ever loaded twice.
"""

import os
import sys
import warnings
from collections.abc import Iterator
from types import ModuleType

from lighter.utils.project import Project
from lighter.utils.project_files import find, find_root

SOURCE_FOLDERS = ("", "src")  # the folders, seen from the root, that scripts are run from

# Lighter stands on these: a folder of that name in a project never stands in for the installed package.
FOUNDATION = frozenset(
    {
        "fire",
        "lighter",
        "lightning",
        "lightning_fabric",
        "lightning_utilities",
        "monai",
        "numpy",
        "pydantic",
        "pytorch_lightning",
        "rich",
        "torch",
        "torchmetrics",
        "torchvision",
        "yaml",
    }
)

__all__ = ["SOURCE_FOLDERS", "BareNames", "is_installed", "is_protected", "warn_of_shadowing"]


class BareNames:
    """The short names of one project's modules: what they mean, and which of them stand in `sys.modules`."""

    def __init__(self, project: Project, package: str) -> None:
        self._project = project
        self._package = package
        root = find_root(project)
        self._is_script_style = root is not None and root.file is None
        self._packages = {".".join(filter(None, (package, folder))) for folder in SOURCE_FOLDERS}
        self._meanings: dict[str, str] = {}
        self._short: dict[str, list[str]] = {}  # a module's own name -> its short names
        self._entered: dict[str, ModuleType] = {}  # short name -> what was entered in sys.modules

    def is_there(self, name: str) -> bool:
        """Whether the project has a module where a short name without dots would look for it."""
        return any(find(self._project, os.path.join(self._project.root, folder), name) for folder in SOURCE_FOLDERS)

    def meaning(self, name: str) -> str | None:
        """The own name of the module that a short name without dots stands for, where no other module has it."""
        if is_protected(name) or not self._is_free(name):
            return None
        meaning = self._meanings.get(name) or self._find(name)
        if meaning is not None:  # what is not there may be written later, in a notebook's lifetime
            self._meanings[name] = meaning
        return meaning

    def share(self, full_name: str) -> None:
        """Enter a module under its short names too, before its code runs, where these are free."""
        module = sys.modules.get(full_name)
        if module is not None:
            self._short[full_name] = list(self._names_of(full_name))
            self._enter(full_name, module)

    def share_all(self) -> None:
        """Enter all modules of the project that are loaded, packages before what is in them."""
        for full_name in sorted(name for name in sys.modules if name.startswith(f"{self._package}.")):
            self.share(full_name)

    def settle(self, full_name: str) -> None:
        """Do once a module's code has run or raised what the import system does for its own name alone."""
        module = sys.modules.get(full_name)
        if module is None:
            self._remove(full_name)
        elif self._short.get(full_name):
            self._enter(full_name, module)  # code may put another object in its module's place
            _bind(full_name, module)

    def withdraw(self) -> None:
        """Remove all short names."""
        for full_name in list(self._short):
            self._remove(full_name)

    def _enter(self, full_name: str, module: ModuleType) -> None:
        for name in self._short[full_name]:
            if self._is_free(name):
                sys.modules[name] = self._entered[name] = module

    def _remove(self, full_name: str) -> None:
        for name in self._short.pop(full_name, ()):
            if name in sys.modules and self._is_free(name):
                del sys.modules[name]
            self._entered.pop(name, None)

    def _is_free(self, name: str) -> bool:
        return name not in sys.modules or sys.modules[name] is self._entered.get(name)

    def _names_of(self, full_name: str) -> Iterator[str]:
        parent, _, name = full_name.rpartition(".")
        if parent in self._packages and self.meaning(name) == full_name:
            yield name
        for short in self._short.get(parent, ()):
            yield f"{short}.{name}"

    def _find(self, name: str) -> str | None:
        for folder in SOURCE_FOLDERS:
            found = find(self._project, os.path.join(self._project.root, folder), name)
            if found is not None:
                return self._chosen(name, ".".join(filter(None, (self._package, folder, name))), found.file or "")
        return None

    def _chosen(self, name: str, full_name: str, path: str) -> str | None:
        """In a project that is a package, an absolute import means what is installed; in scripts, their own files."""
        if not is_installed(name, path):
            return full_name
        if not self._is_script_style:
            return None
        warn_of_shadowing(name, path or os.path.join(self._project.root, name))
        return full_name


def _bind(full_name: str, module: ModuleType) -> None:
    """Make a module an attribute of its package, as an import by its own name does."""
    parent, _, name = full_name.rpartition(".")
    if parent in sys.modules and not hasattr(sys.modules[parent], name):
        setattr(sys.modules[parent], name, module)


def is_protected(name: str) -> bool:
    """Whether a top-level name belongs to Python itself or to what Lighter stands on."""
    return name in sys.stdlib_module_names or name in FOUNDATION


def is_installed(name: str, path: str) -> bool:
    """Whether a top-level name would, but for projects, be imported from another file than the one at `path`."""
    if name == "test":  # of the standard library, which does not list it: it is there to test Python itself
        return False
    for finder in sys.meta_path:
        spec = None if getattr(finder, "finds_projects", False) else finder.find_spec(name, None)
        if spec is not None:  # one without an origin is a plain folder, which any package comes before
            return spec.origin is not None and os.path.realpath(spec.origin) != os.path.realpath(path or os.sep)
    return False


def warn_of_shadowing(name: str, path: str) -> None:
    """Say that a name now means the project's own file, though a package of that name is installed."""
    warnings.warn(
        f"'import {name}' now means {path}, not the installed package '{name}': "
        "a project's own files come first, as when its scripts run",
        stacklevel=2,
    )
