"""What has come of a sweep: a line as it goes on, a table at its end, the same as CSV and JSON for other programs."""

import csv
import io
import json
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from lighter.runs.console.values import clock
from lighter.runs.folder import LOG, SUMMARY, SUMMARY_TABLE
from lighter.runs.series.comparing import comparisons
from lighter.runs.sweeps.objectives import Objective
from lighter.runs.sweeps.space import Label, written
from lighter.runs.whole_files import write_whole
from lighter.training.logged_name import short

SHOWN = 20  # trials of a long table: the best ones


class State(StrEnum):
    """How a trial is."""

    OPEN = "open"  # it runs, or was interrupted
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Row:
    """A trial: its values, what it came to by the monitored names, and where its run is."""

    number: int
    run: Path
    state: State
    parameters: dict[str, Label] = field(default_factory=dict)
    values: tuple[float, ...] = ()
    seconds: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)
    reason: str = ""
    deviations: dict[str, float] = field(default_factory=dict)  # of the metrics, where the trial is repeated
    each: dict[str, dict[str, float]] = field(default_factory=dict)  # the metrics of each run then


def best(rows: Iterable[Row], objectives: Sequence[Objective]) -> list[Row]:
    """The best trial; of several objectives those that none is better than in all (the Pareto front)."""
    done = [row for row in rows if row.state is State.COMPLETE and len(row.values) == len(objectives)]
    if len(objectives) == 1:
        sign = -1 if objectives[0].mode == "max" else 1
        return sorted(done, key=lambda row: (sign * row.values[0], row.number))[:1]
    costs = {
        row.number: tuple(-v if one.mode == "max" else v for v, one in zip(row.values, objectives, strict=True))
        for row in done
    }
    return [row for row in done if not any(_dominates(other, costs[row.number]) for other in costs.values())]


def _dominates(cost: Sequence[float], other: Sequence[float]) -> bool:
    return cost != other and all(a <= b for a, b in zip(cost, other, strict=True))


def record(rows: Sequence[Row], objectives: Sequence[Objective], folder: Path) -> None:
    """Writes `summary.csv` and `summary.json`."""
    names = [one.name for one in objectives]
    told = [
        {
            "name": f"{row.number:04}",
            "status": str(row.state),
            "seconds": round(row.seconds, 1),
            "run": os.path.relpath(row.run, folder),
            "reason": row.reason,
            "parameters": row.parameters,
            "values": dict(zip(names, row.values, strict=False)),
            "metrics": {name: _number(value) for name, value in row.metrics.items()},
            "deviations": row.deviations,
        }
        for row in rows
    ]
    write_whole(folder / SUMMARY, json.dumps(told, indent=2) + "\n")
    text = io.StringIO()
    flat = [
        {key: value for key, value in one.items() if not isinstance(value, dict)}
        | {**row.parameters, **row.metrics, **{f"{name} (deviation)": one for name, one in row.deviations.items()}}
        for one, row in zip(told, rows, strict=True)
    ]
    writer = csv.DictWriter(text, list(dict.fromkeys(key for one in flat for key in one)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    write_whole(folder / SUMMARY_TABLE, text.getvalue())


def _number(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)


def progress(rows: Sequence[Row], trials: int, at_once: int, objectives: Sequence[Objective]) -> str:
    """How far a sweep is: `12/50 done, 4 running, 3 pruned, best 0.0312 (trial 7), about 12 min left`."""
    counts = {state: sum(row.state is state for row in rows) for state in State}
    ended = [row for row in rows if row.state is not State.OPEN]
    parts = [f"{len(ended)}/{trials} done"]
    for state, word in ((State.OPEN, "running"), (State.PRUNED, "pruned"), (State.FAILED, "failed")):
        parts += [f"{counts[state]} {word}"] if counts[state] else []
    found = best(rows, objectives)
    if found and len(objectives) == 1:
        parts.append(f"best {_shown(found[0].values[0])} (trial {found[0].number})")
    elif found:
        parts.append(f"{len(found)} on the Pareto front")
    left = trials - len(ended)
    if ended and left:
        seconds = sum(row.seconds for row in ended) / len(ended) * left / min(at_once, left)
        parts.append(f"about {_long(seconds)} left")
    return ", ".join(parts)


def _long(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _shown(value: float) -> str:
    return f"{value:.4g}" if 0 < abs(value) < 1e-2 else f"{value:.4f}"


def compared(rows: Sequence[Row], objectives: Sequence[Objective], runs: Sequence[str]) -> str:
    """How the trials that come next differ from the best one over the same seeds and folds."""
    found = best(rows, objectives)
    if len(objectives) > 1 or len(runs) < 2 or not found:
        return ""
    name = objectives[0].name
    shown = [row for row in _in_order(rows, objectives) if row.state is State.COMPLETE][:SHOWN]
    named = {
        f"trial {row.number}": {run: values[name] for run, values in row.each.items() if name in values}
        for row in shown
    }
    lines = comparisons(named, f"trial {found[0].number}", runs, less=objectives[0].mode == "min")
    return "".join(f"{line}\n" for line in lines)


def _with_deviation(value: float, deviation: float | None) -> str:
    return _shown(value) if deviation is None else f"{_shown(value)} ± {_shown(deviation)}"


def table(rows: Sequence[Row], objectives: Sequence[Objective], width: int | None = None) -> str:
    """The trials for people, the best ones first; below them why some have failed."""
    from rich.console import Console
    from rich.table import Table

    parameters = list(dict.fromkeys(name for row in rows for name in row.parameters))
    made = Table()
    made.add_column("trial", justify="right")
    made.add_column("state")
    for title in (*map(_last, parameters), *(short(one.name) for one in objectives), "time"):
        made.add_column(title, justify="right", overflow="fold")
    shown = _in_order(rows, objectives)
    for row in shown[:SHOWN]:
        chosen = (written(row.parameters[name]) if name in row.parameters else "" for name in parameters)
        values = [
            _with_deviation(value, row.deviations.get(one.name))
            for value, one in zip(row.values, objectives, strict=False)
        ]
        values = values or [""] * len(objectives)
        made.add_row(str(row.number), row.state, *chosen, *values, clock(round(row.seconds)) if row.seconds else "")
    text = io.StringIO()
    Console(file=text, width=width).print(made)
    if len(shown) > SHOWN:
        text.write(f"the best {SHOWN} of {len(shown)} trials; {SUMMARY_TABLE} has them all\n")
    told = [row for row in rows if row.state is State.FAILED or (row.state is State.PRUNED and row.reason)]
    for row in told[:SHOWN]:
        text.write(f"trial {row.number} {row.state}: {row.reason} ({row.run / LOG})\n")
    return text.getvalue()


def _last(name: str) -> str:
    return " + ".join(part.rpartition("::")[2] for part in name.split(" + "))


def _in_order(rows: Sequence[Row], objectives: Sequence[Objective]) -> list[Row]:
    front = {row.number for row in best(rows, objectives)}
    sign = -1 if objectives[0].mode == "max" else 1
    states = list(State)

    def key(row: Row) -> tuple[object, ...]:
        is_done = row.state is State.COMPLETE
        value = sign * row.values[0] if is_done and row.values else math.inf
        return (row.number not in front, not is_done, value, states.index(row.state), row.number)

    return sorted(rows, key=key)
