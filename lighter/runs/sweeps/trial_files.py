"""What a sweep and the run of a trial tell each other, in files of the trial's folder."""

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lighter.runs.folder import read_mapping
from lighter.runs.whole_files import write_whole

TRIAL, REPORTS, STOP = "trial.json", "reports.csv", "stop.txt"
_MONITOR = "monitor"


def write_trial(folder: Path, number: int, values: dict[str, Any], monitor: Sequence[str]) -> None:
    """Says of a run folder which trial it is, and which values the sweep wants to know."""
    told = {"number": number, "parameters": values, _MONITOR: list(monitor)}
    write_whole(folder / TRIAL, json.dumps(told, indent=2) + "\n")


def monitored(folder: Path) -> list[str]:
    """The values that a trial reports; none where the folder is no trial's."""
    found = read_mapping(folder / TRIAL)[0].get(_MONITOR, [])
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def append_report(folder: Path, step: int, values: Sequence[float]) -> None:
    """Adds the values of a validation, in one line that is written at once."""
    with (folder / REPORTS).open("a", encoding="utf-8") as file:
        file.write(",".join(map(str, (step, *values))) + "\n")


def read_reports(folder: Path) -> Iterator[tuple[int, list[float]]]:
    """The validations of a trial, each once and counted from 1: one that was resumed has made some again."""
    try:
        lines = (folder / REPORTS).read_text(encoding="utf-8").splitlines(keepends=True)
    except OSError:
        return
    seen: set[str] = set()
    for line in lines:
        step, *cells = line.rstrip("\n").split(",")
        with suppress(ValueError):  # half a line, as a killed process leaves it
            values = [float(cell) for cell in cells]
            if line.endswith("\n") and step not in seen:
                seen.add(step)
                yield len(seen), values


def ask_to_stop(folder: Path, reason: str) -> None:
    """Asks a trial to end at its next validation."""
    write_whole(folder / STOP, reason + "\n")


def why_stopped(folder: Path) -> str | None:
    """Why a trial was asked to end; None where it was not."""
    try:
        return (folder / STOP).read_text(encoding="utf-8").strip()
    except OSError:
        return None


def is_finite(values: Sequence[float]) -> bool:
    """Whether all values are numbers that can be compared."""
    return all(math.isfinite(value) for value in values)
