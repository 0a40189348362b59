"""What a sweep has left in its folder: its trials, what it chose from, and what it looked for."""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lighter.runs.folder import SUMMARY, read_json, read_mapping
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
    begun, rows = read_mapping(folder / SWEEP)[0], read_json(folder / SUMMARY)[0]
    monitors, told = begun.get(MONITORS), begun.get(SPACE)
    space = {name: one for name, one in (told.items() if isinstance(told, dict) else ()) if _is_parameter(one)}
    found = (_trial(row, folder, space) for row in (rows if isinstance(rows, list) else []))
    objectives = (one for one in (monitors if isinstance(monitors, list) else []) if isinstance(one, dict))
    return SweepRecord(
        folder,
        [one for one in found if one is not None],
        {name: one.get("mode") == "min" for one in objectives if isinstance(name := one.get("name"), str)},
        space,
    )


def _trial(row: Any, folder: Path, space: Mapping[str, Any]) -> Trial | None:
    """A trial as a sweep has written it; None for anything else, such as one that lies elsewhere."""
    with suppress(AttributeError, KeyError, OverflowError, TypeError, ValueError):
        run, seconds = folder / str(row["run"]), float(row["seconds"])
        if not run.resolve().is_relative_to(folder.resolve()) or not math.isfinite(seconds):
            return None
        return Trial(
            f"{int(row['name']):04}",
            str(row["status"]),
            run,
            {name: value for name, value in row["parameters"].items() if _fits(value, space.get(name, {}))},
            {name: float(value) for name, value in row["values"].items()},
            seconds,
            str(row["reason"]),
        )
    return None


def _is_parameter(told: Any) -> bool:
    if not isinstance(told, dict):
        return False
    if isinstance(choices := told.get("choices"), list):
        return all(_fits(one, {}) for one in choices)
    low: Any = told.get("low")
    high: Any = told.get("high")
    return isinstance(told.get("log"), bool) and _fits(low, told) and _fits(high, told) and low <= high


def _fits(value: Any, told: Mapping[str, Any]) -> bool:
    """Whether a value may be one of a parameter: plain, and of a range a number."""
    if "low" not in told:
        return value is None or isinstance(value, (bool, int, float, str))
    is_number = isinstance(value, (int, float)) and math.isfinite(value)
    return is_number and (value > 0 or not told["log"])
