"""What a sweep has left in its folder: its trials, what it chose from, and what it looked for."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lighter.runs.folder import SUMMARY, read_mapping
from lighter.runs.sweeps.begun import MONITORS, SPACE, SWEEP

COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial: its name (its number), how it went, where its run is, what was chosen for it and what it came to."""

    name: str
    state: str
    run: Path
    parameters: dict[str, Any]
    values: dict[str, float]
    seconds: float = 0.0
    reason: str = ""

    def value(self, name: str) -> float | None:
        """What it came to by one of the monitored values; None where it did not come to an end."""
        found = self.values.get(name)
        return found if self.state == COMPLETE and found is not None and math.isfinite(found) else None


@dataclass(frozen=True, slots=True)
class SweepRecord:
    """A sweep, read back. `objectives` has for each monitored value whether less of it is better."""

    folder: Path
    trials: Sequence[Trial]
    objectives: dict[str, bool] = field(default_factory=dict)
    space: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def best(self) -> list[Trial]:
        """The best trial; of several objectives those that none is better than in all."""
        done = [one for one in self.trials if all(one.value(name) is not None for name in self.objectives)]
        costs = {one.name: self._costs(one) for one in done}
        return [one for one in done if not any(_dominates(other, costs[one.name]) for other in costs.values())]

    def _costs(self, trial: Trial) -> tuple[float, ...]:
        return tuple(trial.values[name] * (1 if less else -1) for name, less in self.objectives.items())


def _dominates(cost: Sequence[float], other: Sequence[float]) -> bool:
    return cost != other and all(a <= b for a, b in zip(cost, other, strict=True))


def read_sweep(folder: Path) -> SweepRecord:
    """Reads the folder of a sweep; what is missing or broken is left out."""
    begun = read_mapping(folder / SWEEP)[0]
    try:
        rows = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        rows = []
    trials = [_trial(row, folder) for row in rows if isinstance(row, dict) and "parameters" in row]
    return SweepRecord(
        folder, trials, {one["name"]: one["mode"] == "min" for one in begun.get(MONITORS, [])}, begun.get(SPACE, {})
    )


def _trial(row: dict[str, Any], folder: Path) -> Trial:
    return Trial(
        str(row["name"]),
        str(row["status"]),
        folder / str(row["run"]),
        dict(row["parameters"]),
        {name: float(value) for name, value in row["values"].items()},
        float(row["seconds"]),
        str(row["reason"]),
    )
