"""The values that a run has logged and recorded, read from small files without a table library."""

import math
from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from lighter.runs.folder import METRICS, RunDirectory
from lighter.runs.plain_files import open_plain
from lighter.runs.trackers.metrics_rows import header, whole_rows
from lighter.training.stages import Stage

_EPOCH, _STEP = "epoch", "step"  # columns that are no metrics


@dataclass(frozen=True, slots=True)
class Curve:
    """What was logged under one name: by step, each step once. An epoch that is not known is NaN."""

    logged: str
    steps: "array[float]" = field(default_factory=lambda: array("d"))
    epochs: "array[float]" = field(default_factory=lambda: array("d"))
    values: "array[float]" = field(default_factory=lambda: array("d"))


def read_curves(path: Path, only: Collection[str] | None = None) -> list[Curve]:
    """The curves in a file of Lightning's CSVLogger, in its order, all or `only` those of some names.

    None where there is no file. Half a line at the end and cells that are no number are skipped.
    """
    names = header(path)
    wanted = {name for name in names if name not in (_EPOCH, _STEP) and (only is None or name in only)}
    curves = [(at, Curve(name)) for at, name in enumerate(names) if name in wanted]
    at_step, at_epoch = (names.index(name) if name in names else None for name in (_STEP, _EPOCH))
    for count, row in enumerate(whole_rows(path) if curves else ()):
        if len(row) != len(names):
            continue
        step = float(count) if at_step is None else _number(row[at_step])
        epoch = math.nan if at_epoch is None else _number(row[at_epoch])
        if step is None or not math.isfinite(step):
            continue
        for at, curve in curves:
            if row[at] and (value := _number(row[at])) is not None:
                curve.values.append(value)
                curve.steps.append(step)
                curve.epochs.append(math.nan if epoch is None else epoch)
    return [_in_order(curve) for _, curve in curves if curve.steps]


def first_lost(curves: Iterable[Curve]) -> str:
    """The loss that was the first not to be finite, and when, as in `train/loss/step is nan at step 12`; else nothing.

    Of several at one step all are named: the parts of a loss say where to look.
    """
    losses = [curve for curve in curves if "loss" in curve.logged.lower()]
    lost = [
        (step, f"{curve.logged} is {value}")
        for curve in losses
        for step, value in zip(curve.steps, curve.values, strict=True)
        if not math.isfinite(value)
    ]
    first = min((step for step, _ in lost), default=math.nan)
    return f"{', '.join(told for step, told in lost if step == first)} at step {first:.0f}" if lost else ""


def _in_order(curve: Curve) -> Curve:
    """By step; of a step that was made again, as after a resume, the later value."""
    steps = curve.steps
    if all(steps[i] < steps[i + 1] for i in range(len(steps) - 1)):
        return curve
    last = {step: at for at, step in enumerate(steps)}
    order = [last[step] for step in sorted(last)]
    columns = (array("d", (column[at] for at in order)) for column in (steps, curve.epochs, curve.values))
    return Curve(curve.logged, *columns)


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:  # a line that was cut off, or a file of another kind
        return None


def _names_lost(path: Path) -> bool:
    try:
        with open_plain(path) as file:
            return any(b"nan" in line or b"inf" in line for line in file)
    except OSError:
        return False


@dataclass(frozen=True)
class History:
    """What the run in a folder has logged: `metrics.csv`, and `results.json` for what that lacks."""

    folder: Path

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names that have a value, or a column for one."""
        columns = (name for name in header(self.folder / METRICS) if name not in (_EPOCH, _STEP, ""))
        return tuple(dict.fromkeys([*columns, *self._recorded]))

    def best(self, name: str, less: bool) -> float | None:
        """The least or the greatest value of that name; None where there is none."""
        if (name, less) not in self._found:
            values = [value for curve in read_curves(self.folder / METRICS, [name]) for value in curve.values]
            values = values or [self._recorded[name]] if name in self._recorded else values
            self._found[name, less] = (min if less else max)(filter(math.isfinite, values), default=None)
        return self._found[name, less]

    @cached_property
    def lost(self) -> str:
        """Which loss was not finite, and when; nothing where all were."""
        path = self.folder / METRICS
        losses = [name for name in header(path) if "loss" in name.lower()]
        has_lost = losses and _names_lost(path)  # most have none
        return first_lost(read_curves(path, losses)) if has_lost else ""

    @cached_property
    def _found(self) -> dict[tuple[str, bool], float | None]:
        return {}

    @cached_property
    def results(self) -> dict[str, Any]:
        """What `results.json` holds; nothing where it is not there, or broken."""
        return RunDirectory(self.folder).results()

    @cached_property
    def _recorded(self) -> dict[str, float]:
        stages = (self.results.get(stage) for stage in Stage)
        return {
            name: float(value)
            for values in stages
            if isinstance(values, dict)
            for name, value in values.items()
            if isinstance(value, (int, float)) and not isinstance(value, bool)
        }
