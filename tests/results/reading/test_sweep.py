import json
from pathlib import Path

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
