"""What has come of a series: a table for people, the same as CSV and JSON for other programs."""

import csv
import io
import json
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from statistics import fmean

from lighter.errors import visible
from lighter.runs.console.values import clock
from lighter.runs.folder import LOG, SUMMARY, SUMMARY_TABLE
from lighter.runs.repeats import mean_and_deviation
from lighter.runs.series.comparing import comparisons
from lighter.runs.whole_files import write_whole
from lighter.training.logged_name import LoggedName, Unit, less_is_better, more_is_better, short
from lighter.training.stages import Mode

_TELLING = (Mode.TEST, Mode.VAL, Mode.TRAIN)  # the metrics of the first that there are say most


class Status(StrEnum):
    """How an experiment has ended."""

    OK = "ok"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Row:
    """An experiment: its run folder, how it ended, how long it took, its metrics by logged name, why it failed.

    Where it is repeated, its `runs` lie in its folder, and its metrics are their means.
    """

    name: str
    run: Path
    status: Status = Status.NOT_RUN
    seconds: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)
    reason: str = ""
    runs: tuple["Row", ...] = ()

    @property
    def deviations(self) -> dict[str, float]:
        """Those of the metrics from run to run."""
        told = {name: deviation for name, (_, deviation) in _means(self.runs).items()}
        return {name: deviation for name, deviation in told.items() if deviation is not None}


def together(name: str, folder: Path, runs: Sequence[Row], before: float) -> Row:
    """An experiment of its runs; `before` are the seconds that it took until a series was stopped."""
    seconds = before + sum(one.seconds for one in runs)
    if len(runs) == 1 and runs[0].run == folder:
        return replace(runs[0], seconds=seconds)
    states = {one.status for one in runs}
    status = Status.INTERRUPTED if len(states) > 1 else runs[0].status
    reasons = [f"{one.run.name}: {one.reason}" for one in runs if one.status is Status.FAILED]
    metrics = {name: mean for name, (mean, _) in _means(runs).items()}
    status = Status.FAILED if reasons else status
    return Row(name, folder, status, seconds, metrics, "; ".join(reasons), tuple(runs))


def _means(runs: Sequence[Row]) -> dict[str, tuple[float, float | None]]:
    """The mean of each metric, and its deviation."""
    return {
        name: mean_and_deviation([one.metrics[name] for one in runs if name in one.metrics])
        for name in _metric_names(runs)
    }


def holds_series(folder: Path) -> bool:
    """Whether a series has left its summary in a folder."""
    return (folder / SUMMARY).exists()


def read_seconds(folder: Path) -> dict[str, float]:
    """How long each experiment has taken until now."""
    if not holds_series(folder):
        return {}
    return {row["name"]: row["seconds"] for row in json.loads((folder / SUMMARY).read_text(encoding="utf-8"))}


def record(rows: Sequence[Row], folder: Path) -> None:
    """Writes `summary.csv` and `summary.json`."""
    told = [
        {
            "name": row.name,
            "status": str(row.status),
            "seconds": round(row.seconds, 1),
            "run": os.path.relpath(row.run, folder),
            "reason": row.reason,
        }
        for row in rows
    ]
    text = io.StringIO()
    spread = [{f"{name} (deviation)": value for name, value in row.deviations.items()} for row in rows]
    columns = [*(told[0] if told else ()), *_metric_names(rows), *dict.fromkeys(name for one in spread for name in one)]
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**one, **row.metrics, **more} for one, row, more in zip(told, rows, spread, strict=True))
    write_whole(folder / SUMMARY_TABLE, text.getvalue())
    listed = [
        {
            **one,
            "metrics": row.metrics,
            "deviations": row.deviations,
            "runs": {each.run.name: {"status": each.status, "metrics": each.metrics} for each in row.runs},
        }
        for one, row in zip(told, rows, strict=True)
    ]
    write_whole(folder / SUMMARY, json.dumps(listed, indent=2) + "\n")


def table(rows: Sequence[Row], metrics: Sequence[str] = (), width: int | None = None) -> str:
    """A line for each experiment, with these metrics; without any, with those of the last thing evaluated."""
    from rich.console import Console
    from rich.table import Table

    names = list(metrics) or _telling(_metric_names(rows))
    deviations = [row.deviations for row in rows]
    made = Table()
    made.add_column("experiment")
    made.add_column("status")
    for title in ("time", *(visible(short(name)) for name in names)):
        made.add_column(title, justify="right", overflow="fold")
    for row, spread in zip(rows, deviations, strict=True):
        values = (_value(row.metrics.get(name), spread.get(name)) for name in names)
        took = clock(round(row.seconds)) if row.status is not Status.NOT_RUN else ""
        made.add_row(visible(row.name), row.status, took, *values)
    text = io.StringIO()
    Console(file=text, width=width).print(made)
    if any((one := LoggedName.parse(name)) and one.mode in (Mode.VAL, Mode.TRAIN) for name in names):
        text.write("train and val: of the best checkpoint, or of the last epoch where there is none\n")
    failed = [one for row in rows for one in row.runs or (row,) if one.status is Status.FAILED]
    text.writelines(f"{one.name} failed: {one.reason} ({one.run / LOG})\n" for one in failed)
    text.writelines(line for name in names for line in _compared(rows, name))
    return text.getvalue()


def _value(value: float | None, deviation: float | None) -> str:
    shown = f"{value:.4f}" if value is not None else ""
    return shown if deviation is None else f"{shown} ± {deviation:.4f}"


def _compared(rows: Sequence[Row], metric: str) -> Iterator[str]:
    """How experiments that are repeated differ from the best one by a metric."""
    runs = list(dict.fromkeys(one.run.name for row in rows for one in row.runs))
    if len(rows) < 2 or len(runs) < 2:
        return
    if not (less := less_is_better(metric)) and not more_is_better(metric):
        yield f"{short(metric)}: not compared, for its name does not say whether more or less of it is better\n"
        return
    named = {
        row.name: {
            one.run.name: one.metrics[metric] for one in row.runs if math.isfinite(one.metrics.get(metric, math.nan))
        }
        for row in rows
    }
    whole = {name: fmean(values.values()) for name, values in named.items() if len(values) == len(runs)}
    order = sorted(whole, key=lambda name: whole[name] if less else -whole[name])
    yield from (
        f"{short(metric)}: {line}\n" for line in comparisons(named, next(iter(order), rows[0].name), runs, less=less)
    )


def _metric_names(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row.metrics))


def _telling(names: Sequence[str]) -> list[str]:
    """The epoch values of the mode that says most."""
    parsed = [(name, LoggedName.parse(name)) for name in names]
    for mode in _TELLING:
        found = [name for name, one in parsed if one and one.mode is mode and one.unit is Unit.EPOCH]
        if found:
            return found
    return []
