"""Modules that import one another in a circle, which can be entered from one side only.

A repository's script enters at the right side. A target may name the module on the other.
"""

import importlib
import sys
from collections.abc import Iterator
from itertools import islice
from types import ModuleType

from lighter.utils.project_finder import FINDER

ATTEMPTS = 8  # at most; each runs the modules of the circle again
_TOLD = "circular import"  # Python says so of a name that a module does not have yet

__all__ = ["import_from_any_side"]


def import_from_any_side(full_name: str) -> ModuleType:
    """A project's module; where a circle of imports fails that begins with it, the others in the circle go first.

    Raises what the first attempt raised. Each attempt begins anew, without what the one before has loaded.
    """
    before = set(sys.modules)
    try:
        return importlib.import_module(full_name)
    except (ImportError, AttributeError) as error:
        package = full_name.partition(".")[0]
        for other in _circle(error, package) if _TOLD in str(error) and package in FINDER.served else ():
            _forget(package, before)
            try:
                importlib.import_module(other)
                return importlib.import_module(full_name)
            except (ImportError, AttributeError):
                continue
        raise


def _circle(error: ImportError | AttributeError, package: str) -> Iterator[str]:
    """The modules whose code was running when an import failed, from the innermost up to the one that lacks a name."""
    names: list[str] = []
    traceback = error.__traceback__
    while traceback is not None:
        names.append(str(traceback.tb_frame.f_globals.get("__name__")))
        traceback = traceback.tb_next
    start = names.index(error.name) if error.name is not None and error.name in names else 0
    others = (name for name in reversed(names[start:]) if name.startswith(f"{package}."))
    yield from islice(dict.fromkeys(others), ATTEMPTS)


def _forget(package: str, before: set[str]) -> None:
    for name in [name for name in sys.modules if name.startswith(f"{package}.") and name not in before]:
        del sys.modules[name]
        FINDER.settle(name)
