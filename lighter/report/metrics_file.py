"""The curves in a run's `metrics.csv`."""

import csv
import math
from array import array
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_EPOCH, _STEP = "epoch", "step"

__all__ = ["Curve", "read_curves"]


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
                    step = float(count) if at_step is None else _number(row[at_step])
                    epoch = math.nan if at_epoch is None else _number(row[at_epoch])
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


def _number(cell: str) -> float:
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
