"""Which folders below another are those of runs, and what their configs are called."""

import os
from collections.abc import Iterator
from pathlib import Path

from lighter.config.composing import CONFIG_FILE, recorded_name
from lighter.runs.folder import CHECKPOINTS, ENVIRONMENT, LOG, METRICS, RESULTS, STATUS, SUMMARY, time_of

# What is beside the config of a run, and not beside one that a person keeps.
_MARKS = frozenset({STATUS, ENVIRONMENT, METRICS, RESULTS, LOG, CHECKPOINTS})


def run_folders(root: Path) -> Iterator[Path]:
    """The runs below a folder, at any depth, or the folder itself if it is one; a run has none inside."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        names, below = _inside(folder)
        if _is_run(folder, names):
            yield folder
        else:
            waiting += [folder / name for name in sorted(below, reverse=True)]


def config_name(folder: Path) -> str:
    """What the config of a run is called, as it has recorded it: `digits` of `runs/digits/2026-01-31_12-00-00`.

    Where it has not, it is the name above the time, or the folder's own where a person has named that.
    """
    path = (folder if folder.name not in {"", ".."} else folder.resolve()).absolute()
    return recorded_name(folder) or (path.parent.name if time_of(path.name) else path.name)


def _is_run(folder: Path, names: set[str]) -> bool:
    if STATUS in names or (CONFIG_FILE in names and names & _MARKS):
        return True
    # One that was killed before it came to more.
    return CONFIG_FILE in names and time_of(folder.name) is not None and SUMMARY not in names


def _inside(folder: Path) -> tuple[set[str], list[str]]:
    """The names in a folder, and those of the folders in it; links are not followed, or they may lead in circles."""
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    except OSError:  # what cannot be read has nothing to list
        return set(), []
    return {name for name, _ in found}, [name for name, is_dir in found if is_dir and not name.startswith(".")]
