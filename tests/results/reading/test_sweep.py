import json
from pathlib import Path

import pytest

from lighter.results.reading.sweep import read_sweep

ROW = {"name": "0000", "status": "complete", "run": "trials/0000", "seconds": 2, "reason": "", "metrics": {}}


def test_a_sweep_is_read_back(tmp_path: Path) -> None:
    rows = [{**ROW, "parameters": {"a": 1}, "values": {"loss": 0.5}}, {**ROW, "name": "0001", "status": "open"}]
    rows[1] |= {"parameters": {"a": 2}, "values": {}}
    (tmp_path / "summary.json").write_text(json.dumps(rows))
    (tmp_path / "sweep.json").write_text(json.dumps({"monitors": [{"name": "loss", "mode": "min"}], "space": {}}))
    sweep = read_sweep(tmp_path)
    assert [(trial.name, trial.value("loss")) for trial in sweep.trials] == [("0000", 0.5), ("0001", None)]
    assert [trial.name for trial in sweep.best] == ["0000"]


def test_what_is_no_sweep_has_no_trials(tmp_path: Path) -> None:
    assert read_sweep(tmp_path).trials == []


def written(folder: Path, rows: object, sweep: object) -> Path:
    (folder / "summary.json").write_text(json.dumps(rows))
    (folder / "sweep.json").write_text(json.dumps(sweep))
    return folder


def test_what_no_sweep_has_written_is_left_out(tmp_path: Path) -> None:
    fine = {**ROW, "parameters": {"a": 0.1, "b": "x"}, "values": {"loss": 1}}
    wrong: dict[str, tuple[object, ...]] = {
        "name": ("x", None, [], "<b>"),
        "values": ([], {"loss": "x"}, {"loss": None}, None),
        "run": ("/etc", "../..", "trials/../../x", "\0"),
        "seconds": ("x", None, [], float("nan"), float("inf")),
        "parameters": ([1],),
    }
    changed = [{**fine, key: value} for key, values in wrong.items() for value in values]
    rows: list[object] = [fine, 1, None, [], {}, *changed]
    space = {
        "a": {"low": 0.01, "high": 1, "log": True},
        "b": {"choices": ["x", "y"]},
        "c": {"low": "x", "high": 2, "log": False},
        "d": {"low": 2, "high": 1, "log": False},
        "e": {"low": -1, "high": 1, "log": True},
        "f": {"choices": [[1]]},
        "g": 5,
    }
    monitors = [{"name": "loss", "mode": "min"}, {"name": 5}, 7, {}]
    sweep = read_sweep(written(tmp_path, rows, {"monitors": monitors, "space": space}))
    assert [trial.parameters for trial in sweep.trials] == [{"a": 0.1, "b": "x"}]
    assert sweep.objectives == {"loss": True}
    assert list(sweep.space) == ["a", "b"]


def test_a_value_that_is_none_of_its_parameter_is_left_out(tmp_path: Path) -> None:
    space = {"a": {"low": 0.01, "high": 1, "log": True}}
    rows = [{**ROW, "parameters": {"a": value, "b": [1]}, "values": {}} for value in ("x", -1, None, float("nan"))]
    sweep = read_sweep(written(tmp_path, rows, {"space": space}))
    assert [trial.parameters for trial in sweep.trials] == [{}] * 4


@pytest.mark.parametrize("sweep", [[], {"monitors": 5, "space": []}, {"monitors": {"a": 1}, "space": "x"}])
@pytest.mark.parametrize("rows", [{}, 5, "x"])
def test_records_of_another_shape_hold_nothing(tmp_path: Path, rows: object, sweep: object) -> None:
    found = read_sweep(written(tmp_path, rows, sweep))
    assert (found.trials, found.objectives, found.space) == ([], {}, {})
