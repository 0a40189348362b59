"""What in the folder of a run cannot be read, and why: damaged, of another program, or no file at all."""

import os
from collections.abc import Iterator
from pathlib import Path

from lighter.runs.folder import (
    CONFIG,
    ENVIRONMENT,
    LOG,
    METRICS,
    RESULTS,
    STATUS,
    TRACKERS,
    RunDirectory,
    read_mapping,
)
from lighter.runs.plain_files import obstacle
from lighter.runs.status import read_statuses


def unreadable(folder: Path) -> list[str]:
    """Each file of a run that is there and says nothing, as in `results.json cannot be read: it holds no mapping`."""
    return [f"{name} cannot be read: {reason}" for name, reason in _faults(folder)]


def _faults(folder: Path) -> Iterator[tuple[str, str]]:
    for name in (STATUS, RESULTS, ENVIRONMENT, TRACKERS):
        if fault := read_mapping(folder / name)[1]:
            yield name, fault
        elif name == STATUS and (folder / name).is_file() and not read_statuses(RunDirectory(folder)):
            yield name, "no run has written it"
    for name in (CONFIG, METRICS, LOG):
        if found := obstacle(folder / name):
            yield name, f"it is {found}"
        elif (folder / name).exists() and not os.access(folder / name, os.R_OK):
            yield name, "permission denied"
