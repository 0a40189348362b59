from pathlib import Path

import pytest

from lighter.results.reading.log_end import LogEnd
from lighter.results.report.record import labels, read_record
from lighter.runs.folder import RunDirectory
from lighter.runs.status import State


def test_all_that_a_run_has_left_is_read(make_record) -> None:
    record = make_record(**{"log.txt": "said\n", "environment.json": {"seed": 1}, "project.diff": "+a\n"})
    assert record.status.state is State.FINISHED
    assert {curve.logged for curve in record.curves} >= {"train/loss/step", "val/loss/epoch"}
    assert (record.environment, record.diffs, record.log.lines) == ({"seed": 1}, {"project.diff": "+a\n"}, ("said",))
    assert record.results["fit"]["val/loss/epoch"] == 0.6
    assert record.unread == ()


def test_an_empty_folder_is_a_record_of_nothing(tmp_path: Path) -> None:
    record = read_record(RunDirectory(tmp_path), "empty")
    assert (record.status, record.results, list(record.curves), record.log) == (None, {}, [], LogEnd())
    assert record.config.trouble == "the folder holds no config.yaml"


@pytest.mark.parametrize("text", ['{"fit": ', "[1]", "\x00"])
def test_a_broken_file_is_told_and_stops_nothing(make_record, text: str) -> None:
    record = make_record(**{"results.json": text})
    assert record.results == {}
    assert record.unread[0].startswith("results.json ")


def test_the_latest_stage_is_the_status(make_record, status) -> None:
    record = make_record(**{"status.json": {**status(stage="test"), "earlier": [status()]}})
    assert [one.stage for one in record.statuses] == ["fit", "test"]
    assert record.status.stage == "test"


def test_what_fit_monitored_tells_what_is_best(make_record) -> None:
    watching = {"monitored": {"name": "val/metrics/accuracy/epoch", "mode": "min"}}
    curve = {each.logged: each for each in make_record().curves}["val/metrics/accuracy/epoch"]
    assert make_record().best(curve).value == 0.75
    assert make_record(**{"results.json": watching}).best(curve).value == 0.5


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        (["runs/digits/2026-01-31_12-00-00"], ["digits/2026-01-31_12-00-00"]),
        (["runs/wide"], ["wide"]),
        (["runs/digits/a", "runs/digits/b"], ["a", "b"]),
        (["runs/digits/a", "runs/iris/a"], ["digits", "iris"]),
        (["runs/digits/a", "runs/digits/b", "runs/iris/c"], ["a", "b", "c"]),
        (["runs/digits/a", "runs/digits/b", "runs/iris/a"], ["digits/a", "digits/b", "iris/a"]),
        (["runs/a", "runs/a/b"], ["a", "b"]),
    ],
)
def test_labels_are_short_and_differ(paths: list[str], told: list[str]) -> None:
    assert labels([Path(path) for path in paths]) == told
