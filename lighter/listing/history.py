"""The values that a run has logged and recorded, read from small files without a table library."""

import csv
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lighter.runs.folder import CHECKPOINTS, METRICS, RESULTS

_BESIDE = ("epoch", "step")  # columns that are no metrics

__all__ = ["History"]


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
