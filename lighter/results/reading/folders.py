"""Which folders below another are those of runs, and what their configs are called."""

import os
from collections.abc import Iterator
from pathlib import Path

from lighter.config.composing import CONFIG_FILE
from lighter.runs.folder import CHECKPOINTS, ENVIRONMENT, LOG, METRICS, RESULTS, STATUS, SUMMARY, read_mapping, time_of

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
    """What the config of a run is called: `digits` of `runs/digits/2026-01-31_12-00-00`.

    Of a folder that a person has named it is what the run has recorded, or else the folder's own name.
    """
    path = (folder if folder.name not in {"", ".."} else folder.resolve()).absolute()
    name = read_mapping(folder / ENVIRONMENT)[0].get("config")
    return path.parent.name if time_of(path.name) else name if isinstance(name, str) else path.name


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
