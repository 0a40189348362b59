import csv
import json
from pathlib import Path

from lighter.runs.series.summary import Row, Status, holds_series, record, table

ROWS = [
    Row(
        "small",
        Path("runs/all/small"),
        Status.OK,
        3671.04,
        {"val/loss/epoch": 0.25, "test/metrics/Dice/epoch": 0.91234, "train/loss/step": 1.0},
    ),
    Row("large", Path("runs/all/large"), Status.FAILED, 61, {"val/loss/epoch": 0.5}, "KeyError: 'no such point'"),
    Row("last", Path("runs/all/last")),
]


def test_the_table_shows_what_was_evaluated_last_and_why_one_failed() -> None:
    lines = table(ROWS, width=100).splitlines()
    assert [word for word in lines[1].split() if word.isalpha() or "/" in word] == [
        "experiment",
        "status",
        "time",
        "test/Dice",
    ]
    assert [cell.strip() for cell in lines[3].split("│")[1:-1]] == ["small", "ok", "1:01:11", "0.9123"]
    assert [cell.strip() for cell in lines[4].split("│")[1:-1]] == ["large", "failed", "1:01", ""]
    assert [cell.strip() for cell in lines[5].split("│")[1:-1]] == ["last", "not run", "", ""]
    assert lines[-1] == "large failed: KeyError: 'no such point' (runs/all/large/log.txt)"


def test_the_table_shows_the_metrics_that_are_asked_for() -> None:
    assert "val/loss" in table(ROWS, ["val/loss/epoch"], width=100)
    assert "Dice" not in table(ROWS, ["val/loss/epoch"], width=100)


def test_the_same_is_written_for_programs(tmp_path: Path) -> None:
    assert not holds_series(tmp_path)
    record(ROWS, tmp_path)
    assert holds_series(tmp_path)
    small, large, last = json.loads((tmp_path / "summary.json").read_text())
    assert small["metrics"]["test/metrics/Dice/epoch"] == 0.91234
    assert (large["status"], large["reason"], large["seconds"]) == ("failed", "KeyError: 'no such point'", 61)
    assert (last["status"], last["metrics"]) == ("not run", {})
    with (tmp_path / "summary.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["small", "large", "last"]
    assert [row["val/loss/epoch"] for row in rows] == ["0.25", "0.5", ""]


def test_runs_are_named_from_the_folder_of_the_series(tmp_path: Path) -> None:
    record([Row("a", tmp_path / "a")], tmp_path)
    assert json.loads((tmp_path / "summary.json").read_text())[0]["run"] == "a"
