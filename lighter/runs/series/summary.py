"""What has come of a series: a table for people, the same as CSV and JSON for other programs."""

import csv
import io
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from lighter.errors import visible
from lighter.runs.console.values import clock
from lighter.runs.folder import LOG, SUMMARY, SUMMARY_TABLE
from lighter.runs.whole_files import write_whole
from lighter.training.logged_name import LoggedName, Unit, short
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
    """An experiment: its run folder, how it ended, how long it took, its metrics by logged name, why it failed."""

    name: str
    run: Path
    status: Status = Status.NOT_RUN
    seconds: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)
    reason: str = ""


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
    writer = csv.DictWriter(text, [*(told[0] if told else ()), *_metric_names(rows)], lineterminator="\n")
    writer.writeheader()
    writer.writerows({**one, **row.metrics} for one, row in zip(told, rows, strict=True))
    write_whole(folder / SUMMARY_TABLE, text.getvalue())
    listed = [{**one, "metrics": row.metrics} for one, row in zip(told, rows, strict=True)]
    write_whole(folder / SUMMARY, json.dumps(listed, indent=2) + "\n")


def table(rows: Sequence[Row], metrics: Sequence[str] = (), width: int | None = None) -> str:
    """A line for each experiment, with these metrics; without any, with those of the last thing evaluated."""
    from rich.console import Console
    from rich.table import Table

    names = list(metrics) or _telling(_metric_names(rows))
    made = Table()
    made.add_column("experiment")
    made.add_column("status")
    for title in ("time", *(visible(short(name)) for name in names)):
        made.add_column(title, justify="right", overflow="fold")
    for row in rows:
        values = (f"{row.metrics[name]:.4f}" if name in row.metrics else "" for name in names)
        took = clock(round(row.seconds)) if row.status is not Status.NOT_RUN else ""
        made.add_row(visible(row.name), row.status, took, *values)
    text = io.StringIO()
    Console(file=text, width=width).print(made)
    if any((one := LoggedName.parse(name)) and one.mode in (Mode.VAL, Mode.TRAIN) for name in names):
        text.write("train and val: of the best checkpoint, or of the last epoch where there is none\n")
    failed = (row for row in rows if row.status is Status.FAILED)
    return text.getvalue() + "".join(f"{row.name} failed: {row.reason} ({row.run / LOG})\n" for row in failed)


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
