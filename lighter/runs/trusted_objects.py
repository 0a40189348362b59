"""The objects that a checkpoint may hold beside weights: those whose code its config runs anyway."""

import importlib
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lighter.config.tree import CALLABLE, MODE, TARGET, Code, Mapping, Scalar, walk
from lighter.project.importable import make_importable, means_project, owner_of, owner_of_module
from lighter.project.project import Project

if TYPE_CHECKING:
    from lighter.config import Config

_NUMBER = re.compile(r"-\d+\Z")
_DOTTED = re.compile(r"\w+(?:\.\w+)+")


def trusted_objects(path: Path, config: "Config") -> Iterator[tuple[Any, str]]:
    """The classes and functions that a checkpoint names and may have, each with its name; none under an allowlist."""
    from lighter.training.checkpoint_file import unsafe_names

    names = unsafe_names(path)
    if not names or config.is_limited:
        return
    owners = [*([config.project] if config.project is not None else []), *config.imports.modules]
    packages = {one.package: make_importable(one) for one in owners if isinstance(one, Project)}
    written = set(_written_names(config))
    for name in names:
        module, _, last = name.rpartition(".")
        top, dot, below = module.partition(".")
        # Beside another of its name a project had a number when this was written, or has one now.
        own = top if top in packages.values() else packages.get(_NUMBER.sub("", top), "")
        if own or means_project(top) or owner_of_module(name) in owners:
            with suppress(ImportError, AttributeError):  # then it is refused, with its name
                found = getattr(importlib.import_module(f"{own or top}{dot}{below}"), last)
                if owner_of(found) in owners:
                    yield found, name
        elif (found := _loaded(name)) is not None and _is_named(found, written):
            yield found, name


def _written_names(config: "Config") -> Iterator[tuple[str, bool]]:
    """The dotted names in a config, each with whether it is only called there: then it is no value of an argument."""
    for _, node in walk(config.tree):
        if isinstance(node, Code):
            yield from ((name, False) for name in _DOTTED.findall(node.written))
        elif isinstance(node, Mapping) and isinstance(target := node.get(TARGET), Scalar):
            mode = node.get(MODE)
            yield str(target.value), not (isinstance(mode, Scalar) and mode.value == CALLABLE)


def _is_named(found: Any, written: set[tuple[str, bool]]) -> bool:
    """Whether a config names an object, or the package of a class of which objects are parts of what it builds.

    Of what is only called the result may be in a checkpoint, which could call a function with other arguments.
    """
    from torch.nn import Module

    is_class = isinstance(found, type)
    if found is partial or any(_loaded(name) is found for name, is_called in written if is_class or not is_called):
        return True
    tops = {name.partition(".")[0] for name, _ in written} - {"torch"}
    home = found.__module__ if is_class and issubclass(found, (Module, Enum)) else ""
    return home.startswith("torch.nn.") or home.partition(".")[0] in tops


def _loaded(dotted: str) -> Any:
    """What a dotted name names, if its module is imported: nothing is imported for a checkpoint."""
    parts = dotted.split(".")
    for count in range(len(parts) - 1, 0, -1):
        if (module := sys.modules.get(".".join(parts[:count]))) is not None:
            with suppress(AttributeError):
                return reduce(getattr, parts[count:], module)
    return None
