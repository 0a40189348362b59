"""The versions of all packages that are installed."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

_SEPARATORS = re.compile(r"[-_.]+")
_WHEEL, _EGG = ".dist-info", ".egg-info"

__all__ = ["installed"]


def installed() -> dict[str, str]:
    """Package name to version, in the order of the names, which are spelt as on the package index (`torch-geometric`).

    They are read off the names of folders: what the standard library does reads a file for each package.
    """
    found: dict[str, str] = {}
    for folder in sys.path:
        for name, version in _in_folder(folder or os.curdir):
            found.setdefault(_SEPARATORS.sub("-", name).lower(), version)  # the first is the one that is imported
    return dict(sorted(found.items()))


def _in_folder(folder: str) -> Iterator[tuple[str, str]]:
    try:
        entries = os.listdir(folder)  # noqa: PTH208  # of names alone; a Path for each costs
    except OSError:
        return
    for entry in entries:
        if entry.endswith(_WHEEL):
            name, _, version = entry.removesuffix(_WHEEL).partition("-")
        elif entry.endswith(_EGG):
            name, _, version = entry.removesuffix(_EGG).partition("-")
            version = _version_in(Path(folder, entry)) or version.partition("-py")[0]
        else:
            continue
        if name and version:
            yield name, version


def _version_in(path: Path) -> str:
    """Of the older kind of folder, whose name often holds no version."""
    from importlib.metadata import PathDistribution

    found: str | None = PathDistribution(path).metadata["Version"]
    return found or ""
