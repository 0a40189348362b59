"""The values that a run has logged and recorded, read from small files without a table library."""

import csv
import json
import math
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from lighter.runs.folder import CHECKPOINTS, METRICS, RESULTS

_EPOCH, _STEP = "epoch", "step"

_BESIDE = ("epoch", "step")  # columns that are no metrics


@dataclass(frozen=True, slots=True)
class Curve:
    """What was logged under one name: by step, each step once. An epoch that is not told is NaN."""

    logged: str
    steps: "array[float]" = field(default_factory=lambda: array("d"))
    epochs: "array[float]" = field(default_factory=lambda: array("d"))
    values: "array[float]" = field(default_factory=lambda: array("d"))


def read_curves(path: Path) -> list[Curve]:
    """The curves in a file of Lightning's CSVLogger, in its order; none where there is no file.

    Half a line at the end, as a killed run leaves it, and cells that are no number are passed over.
    """
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        rows = csv.reader(_whole_lines(file))
        header = next(rows, [])
        curves = {at: Curve(name) for at, name in enumerate(header) if name not in (_EPOCH, _STEP)}
        at_step, at_epoch = (header.index(name) if name in header else None for name in (_STEP, _EPOCH))
        with suppress(csv.Error):  # what a broken disk has left
            for count, row in enumerate(rows):
                if len(row) == len(header):
                    step = float(count) if at_step is None else _finite(row[at_step])
                    epoch = math.nan if at_epoch is None else _finite(row[at_epoch])
                    _add(curves, row, step, epoch)
    return [_in_order(curve) for curve in curves.values() if curve.steps]


def _whole_lines(lines: Iterable[str]) -> Iterator[str]:
    return (line for line in lines if line.endswith("\n"))


def _add(curves: dict[int, Curve], row: list[str], step: float, epoch: float) -> None:
    if not math.isfinite(step):
        return
    for at, cell in enumerate(row):
        if cell and at in curves:
            try:
                value = float(cell)
            except ValueError:
                continue
            curve = curves[at]
            curve.values.append(value)
            curve.steps.append(step)
            curve.epochs.append(epoch)


def _finite(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _in_order(curve: Curve) -> Curve:
    """By step; of a step that was made again, as after a resume, the later value."""
    steps = curve.steps
    if all(steps[i] < steps[i + 1] for i in range(len(steps) - 1)):
        return curve
    last = {step: at for at, step in enumerate(steps)}
    order = [last[step] for step in sorted(last)]
    columns = (array("d", (column[at] for at in order)) for column in (steps, curve.epochs, curve.values))
    return Curve(curve.logged, *columns)


@dataclass(frozen=True)
class History:
    """What the run in a folder has logged: `metrics.csv`, and `results.json` for what that lacks."""

    folder: Path

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names that have a value, or a column for one."""
        logged = (name for name in self._columns if name not in _BESIDE)
        return tuple(dict.fromkeys([*logged, *self._recorded]))

    def best(self, name: str, less: bool) -> float | None:
        """The least or the greatest value of that name; None where there is none."""
        if (name, less) not in self._found:
            self._found[name, less] = self._best(name, less)
        return self._found[name, less]

    @cached_property
    def _found(self) -> dict[tuple[str, bool], float | None]:
        return {}

    def _best(self, name: str, less: bool) -> float | None:
        values = list(self._logged(name)) if name in self._columns else []
        if not values and name in self._recorded:
            values = [self._recorded[name]]
        values = [value for value in values if math.isfinite(value)]
        return (min if less else max)(values, default=None)

    @cached_property
    def results(self) -> dict[str, Any]:
        """What `results.json` holds; nothing where it is not there, or broken."""
        try:
            found = json.loads((self.folder / RESULTS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    @cached_property
    def _recorded(self) -> dict[str, float]:
        stages = (values for stage, values in self.results.items() if stage != CHECKPOINTS and isinstance(values, dict))
        return {
            name: float(value)
            for values in stages
            for name, value in values.items()
            if isinstance(value, (int, float)) and not isinstance(value, bool)
        }

    @cached_property
    def _columns(self) -> dict[str, int]:
        with _opened(self.folder / METRICS) as lines:
            try:
                header = next(csv.reader(lines), [])
            except csv.Error:  # a file of another kind
                header = []
        return {name: index for index, name in enumerate(header) if name}

    def _logged(self, name: str) -> Iterator[float]:
        index = self._columns[name]
        with _opened(self.folder / METRICS) as lines:
            next(lines, None)
            for line in lines:
                if not line.endswith("\n"):  # a killed run leaves half a line, and half a number is another
                    return
                # Below the header stand numbers alone, and a CSV reader would take every field of every line.
                cells = line.split(",", index + 1)
                cell = cells[index].strip() if len(cells) > index else ""
                if cell and (value := _number(cell)) is not None:
                    yield value


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[str]]:
    """The lines of a text; none where it cannot be read."""
    try:
        file = path.open(encoding="utf-8", errors="replace", newline="")
    except OSError:
        yield iter(())
        return
    with file:
        yield iter(file)


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:  # a line that was cut off, or a file of another kind
        return None
