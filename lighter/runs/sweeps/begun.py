"""What a sweep was begun with, written down in its folder: what it goes on with, and what may not be another then."""

import difflib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lighter.config.composing import is_override
from lighter.config.dumping import in_line
from lighter.errors import PathError, UsageError, missing_part
from lighter.runs.folder import read_mapping
from lighter.runs.sweeps.checking import Checked
from lighter.runs.sweeps.reading import SEARCH
from lighter.runs.sweeps.space import Parameter
from lighter.runs.whole_files import write_whole

SWEEP = "sweep.json"
_WORDS, _FLAGS, _KEPT = "words", "flags", "kept"
MONITORS, SPACE = "monitors", "space"  # for who reads what has come of it
_LINES = 12  # of what has changed, that are shown

Flags = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Begun:
    """The words and flags of the command that a sweep was begun with."""

    words: tuple[str, ...]
    flags: dict[str, str | None]


def holds_sweep(folder: Path) -> bool:
    """Whether a sweep was begun in a folder."""
    return (folder / SWEEP).is_file()


def read_begun(folder: Path) -> Begun:
    """What a sweep was begun with. Raises UsageError where there is none."""
    found = read_mapping(folder / SWEEP)[0]
    if _WORDS not in found:
        if folder.is_dir():
            raise UsageError(f"'{folder}' is not the folder of a sweep; 'lighter sweep' makes one")
        cure = missing_part(folder, Path.is_dir, "'lighter sweep' makes one")
        raise UsageError(f"there is no sweep '{folder}': {cure}")
    return Begun(tuple(found[_WORDS]), dict(found[_FLAGS]))


def write_begun(folder: Path, words: Sequence[str], flags: Flags, checked: Checked) -> None:
    """Writes it down. Raises PathError where the sweep that has begun there chooses from other values, or by others."""
    kept, before = _kept(checked), read_mapping(folder / SWEEP)[0].get(_KEPT)
    if isinstance(before, dict) and (changed := [key for key in kept if before.get(key) != kept[key]]):
        told = "\n".join(f"  {line}" for key in changed for line in _changes(key, before.get(key), kept[key]))
        raise PathError(
            f"the sweep in '{folder}' cannot go on as it began, for this has changed:\n{told}\n"
            "take the change back, or begin a new sweep in another folder"
        )
    absolute = [word if is_override(word) else os.path.abspath(word) for word in words]  # noqa: PTH100  # it stays as written
    monitors = [{"name": one.name, "mode": one.mode} for one in checked.objectives]
    space = {one.name: _told(one) for one in checked.sweep.space.parameters}
    written = {_WORDS: absolute, _FLAGS: dict(flags), _KEPT: kept, MONITORS: monitors, SPACE: space}
    text = json.dumps(written, indent=2)
    write_whole(folder / SWEEP, text + "\n")


def _kept(checked: Checked) -> dict[str, str]:
    """What stays as it is as long as a sweep goes on, as text."""
    sweep = checked.sweep
    search = sweep.tree.get(SEARCH)
    return {
        "config": checked.config.dump(),
        "stages": ", ".join(sweep.stages),
        "parameters": "\n".join(map(_described, sweep.space.parameters)),
        "search": in_line(search) if search is not None else "",
        "monitor": ", ".join(f"{one.name} ({one.mode})" for one in checked.objectives),
    }


def _told(parameter: Parameter) -> dict[str, Any]:
    """What a parameter is chosen from, for a reader of the results."""
    chosen: Any = parameter.range
    if chosen is None:
        return {"choices": [choice.label for choice in parameter.choices]}
    return {"low": chosen.low, "high": chosen.high, "log": chosen.log}


def _described(parameter: Parameter) -> str:
    chosen: Any = parameter.range
    if chosen is not None:
        return f"{parameter.name}: {{low: {chosen.low}, high: {chosen.high}, log: {chosen.log}, step: {chosen.step}}}"
    return f"{parameter.name}: [{', '.join(in_line(node) for one in parameter.choices for node in one.nodes)}]"


def _changes(key: str, before: object, after: str) -> list[str]:
    old, new = str(before).splitlines(), after.splitlines()
    lines = [line for line in difflib.unified_diff(old, new, lineterm="", n=0) if line[:2] not in ("--", "++", "@@")]
    shown = [f"{key}: {line}" for line in lines[:_LINES]]
    return shown + [f"{key}: and {len(lines) - _LINES} more lines"] * (len(lines) > _LINES)
