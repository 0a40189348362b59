import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lighter.results.report.record import Record, read_record
from lighter.runs.folder import RunDirectory

CONFIG = "seed: 1\nsystem:\n  optimizer: {_target_: torch.optim.SGD, lr: 0.1}\n"
ROWS = [
    {"epoch": 0, "step": 9, "train/loss/step": 0.9},
    {"epoch": 0, "step": 19, "train/loss/step": 0.7},
    {"epoch": 0, "step": 19, "val/loss/epoch": 0.8, "val/metrics/accuracy/epoch": 0.5},
    {"epoch": 0, "step": 19, "train/loss/epoch": 0.85, "train/lr": 0.1},
    {"epoch": 1, "step": 39, "train/loss/step": 0.5},
    {"epoch": 1, "step": 39, "val/loss/epoch": 0.6, "val/metrics/accuracy/epoch": 0.75},
    {"epoch": 1, "step": 39, "train/loss/epoch": 0.55, "train/lr": 0.05},
]
RESULTS = {
    "fit": {
        "train/loss/epoch": 0.55,
        "val/loss/epoch": 0.6,
        "val/metrics/accuracy/epoch": 0.75,
        "train/loss/step": 0.5,
    },
    "checkpoints": {"best": "checkpoints/best.ckpt"},
}

Rows = Sequence[Mapping[str, object]]
MakeRun = Callable[..., Path]
MakeRecord = Callable[..., Record]


def metrics_text(rows: Rows) -> str:
    """Rows as Lightning's CSVLogger writes them."""
    text = io.StringIO()
    names = ["epoch", "step", *sorted({name for row in rows for name in row} - {"epoch", "step"})]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def written_status(state: str = "finished", stage: str = "fit", error: str | None = None) -> dict[str, Any]:
    """What stands in `status.json`."""
    begin = datetime(2026, 1, 31, 12, tzinfo=UTC)
    return {
        "stage": stage,
        "state": state,
        "started": begin.isoformat(),
        "ended": (begin + timedelta(minutes=3, seconds=20)).isoformat(),
        "error": error,
        "host": "here",
        "pid": 1,
    }


@pytest.fixture
def status() -> Callable[..., dict[str, Any]]:
    """Makes what stands in `status.json`."""
    return written_status


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Makes the folder of a run, with the files that a small one leaves or others; None leaves a file out."""

    def make(name: str = "digits/run", rows: Rows = ROWS, **files: str | dict[str, Any] | None) -> Path:
        folder = tmp_path / "runs" / name
        usual = {
            "config.yaml": CONFIG,
            "metrics.csv": metrics_text(rows),
            "results.json": RESULTS,
            "status.json": written_status(),
        }
        for place, content in {**usual, **files}.items():
            if content is not None:
                path = folder / place
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return folder

    return make


@pytest.fixture
def make_record(make_run: MakeRun) -> MakeRecord:
    """The same, read back, under the last part of its name."""

    def make(name: str = "run", rows: Rows = ROWS, **files: str | dict[str, Any] | None) -> Record:
        return read_record(RunDirectory(make_run(name, rows, **files)), name)

    return make


@pytest.fixture
def make_sweep(make_run: MakeRun) -> Callable[..., Path]:
    """Makes the folder of a sweep of two parameters, with a run for each trial, and gives it."""

    def make(count: int = 6, **monitors: str) -> Path:
        monitors = monitors or {"val/loss/epoch": "min"}
        rows = []
        for number in range(count):
            run = make_run(f"tune/2026-01-31_12-00-00/trials/{number:04}")
            values = {
                name: 0.1 * (number + 1) if mode == "min" else 0.5 + number % 3 for name, mode in monitors.items()
            }
            chosen = {
                "system::optimizer::lr": 0.001 * 1.3**number,
                "system::model": "<b>big</b>" if number % 2 else None,
            }
            shared = {"name": f"{number:04}", "run": f"trials/{number:04}", "seconds": 60.0, "reason": ""}
            rows.append({**shared, "status": "complete", "parameters": chosen, "values": values, "metrics": values})
        folder = run.parents[1]
        failed = {"status": "failed", "reason": "KeyError: 1", "values": {}, "run": "trials/none"}
        rows.append({**rows[-1], **failed, "name": f"{count:04}"})
        (folder / "summary.json").write_text(json.dumps(rows))
        space = {
            "system::optimizer::lr": {"low": 0.001, "high": 10.0, "log": True},
            "system::model": {"choices": [None, "<b>big</b>"]},
        }
        told = {"monitors": [{"name": name, "mode": mode} for name, mode in monitors.items()], "space": space}
        (folder / "sweep.json").write_text(json.dumps(told))
        return folder

    return make
