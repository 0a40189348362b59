from pathlib import Path

import pytest

from lighter.results import show
from lighter.run_directory import RunDirectory
from lighter.runner import Result
from lighter.stages import Stage


def test_a_table_has_a_row_a_value_and_a_column_a_mode(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = {"val/metrics/f1/epoch": 0.5, "val/loss/epoch": 0.25, "train/loss/epoch": 0.125, "train/loss/step": 9.0}
    show(Result(Stage.FIT, RunDirectory(Path("runs/x")), metrics, {"best": "runs/x/checkpoints/best.ckpt"}))
    lines = [line.replace("│", " ").split() for line in capsys.readouterr().out.splitlines()]
    assert ["fit", "results"] in lines
    assert ["loss", "0.1250", "0.2500"] in lines
    assert ["f1", "0.5000"] in lines
    assert ["run", "folder:", "runs/x"] in lines
    assert ["best", "checkpoint:", "runs/x/checkpoints/best.ckpt"] in lines


def test_predict_says_where_the_predictions_are(capsys: pytest.CaptureFixture[str]) -> None:
    written = (Path("runs/x/predictions/predictions.csv"),)
    show(Result(Stage.PREDICT, RunDirectory(Path("runs/x")), {}, written=written))
    assert "predictions: runs/x/predictions/predictions.csv" in capsys.readouterr().out


def test_a_module_s_own_names_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    show(Result(Stage.TEST, RunDirectory(Path("x")), {"my_loss": 1.5}))
    assert "my_loss" in capsys.readouterr().out


def test_other_ranks_are_silent(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from lightning_fabric.utilities.rank_zero import rank_zero_only

    monkeypatch.setattr(rank_zero_only, "rank", 1)
    show(Result(Stage.FIT, RunDirectory(Path("x")), {"a": 1.0}))
    assert capsys.readouterr().out == ""
