"""Top-level names that are taken: by Python, by what Lighter stands on, by what is installed."""

import os
import sys
import warnings
from importlib.machinery import ModuleSpec, PathFinder

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


def is_protected(name: str) -> bool:
    """Whether a top-level name belongs to Python itself or to what Lighter stands on."""
    return name in sys.stdlib_module_names or name in FOUNDATION


def is_installed(name: str, path: str) -> bool:
    """Whether a top-level name would, but for projects, be imported from another file than the one at `path`."""
    if name == "test":  # of the standard library, which does not list it: it is there to test Python itself
        return False
    spec = installed_spec(name)
    if spec is None or spec.origin is None:  # one without an origin is a plain folder, which any package comes before
        return False
    return os.path.realpath(spec.origin) != os.path.realpath(path or os.sep)


def elsewhere(dotted: str, folder: str) -> bool:
    """Whether something loaded, or installed in another folder, has the module that a dotted name means."""
    first, _, below = dotted.partition(".")
    if first in sys.modules:
        places = getattr(sys.modules[first], "__path__", None)
    else:
        spec = installed_spec(first) if first != "test" else None
        if spec is None or spec.origin is None or os.path.realpath(spec.origin).startswith(os.path.join(folder, "")):
            return False
        places = spec.submodule_search_locations
    if not below or not places:
        return not below
    return PathFinder.find_spec(f"{first}.{below.partition('.')[0]}", list(places)) is not None


def installed_spec(name: str) -> ModuleSpec | None:
    """What a top-level name means to all finders but ours."""
    for finder in sys.meta_path:
        spec = None if getattr(finder, "finds_projects", False) else finder.find_spec(name, None)
        if spec is not None:
            return spec
    return None


def warn_of_shadowing(name: str, path: str) -> None:
    """Say that a name now means the project's own file, though a package of that name is installed."""
    warnings.warn(
        f"'import {name}' now means {path}, not the installed package '{name}': "
        "a project's own files come first, as when its scripts run",
        stacklevel=2,
    )
