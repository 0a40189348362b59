from pathlib import Path

import pytest

from lighter.cli.results import show
from lighter.runs.console.streams import plain
from lighter.runs.folder import RunDirectory
from lighter.runs.result import Result
from lighter.training.stages import Stage


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
    values = {"my_loss": 1.5, "f1": 1.0, "f1_step": 0.5, "f1_epoch": 1.0, "mse_epoch": 2.0, "test/loss/epoch": 3.0}
    show(Result(Stage.TEST, RunDirectory(Path("x")), values))
    lines = [line.replace("│", " ").split() for line in capsys.readouterr().out.splitlines()]
    assert ["test", "value"] in lines
    assert [line for line in lines if line[:1] in (["loss"], ["my_loss"], ["f1"], ["f1_step"], ["f1_epoch"])] == [
        ["my_loss", "1.5000"], ["loss", "3.0000"], ["f1", "1.0000"]
    ]  # fmt: skip
    assert ["mse_epoch", "2.0000"] in lines


def test_the_best_epoch_stands_beside_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    metrics, best = {"train/loss/epoch": 0.125, "val/loss/epoch": 0.5}, {"epoch": 1.0, "val/loss/epoch": 0.25}
    show(Result(Stage.FIT, RunDirectory(Path("x")), metrics, best=best))
    title, *lines = capsys.readouterr().out.splitlines()
    assert title == "fit results of the last epoch, and of epoch 2, the best one"
    assert lines[0].split() == ["train", "val", "best", "val"]
    assert lines[1].split() == ["loss", "0.1250", "0.5000", "0.2500"]
    show(Result(Stage.FIT, RunDirectory(Path("x")), metrics, best={**best, "val/loss/epoch": 0.5}))
    assert capsys.readouterr().out.startswith("fit results of the last epoch, which is the best one\n")


LONG = "a_name_that_is_longer_than_a_narrow_terminal_is_wide"


def test_a_pipe_gets_plain_columns_that_nothing_cuts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    values = {f"val/metrics/{LONG}/epoch": 0.5, "val/loss/epoch": 1e-5, "train/loss/epoch": 0.0}
    show(Result(Stage.FIT, RunDirectory(Path("no/such/run")), values))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[:4]] == [
        ["fit", "results"],
        ["train", "val"], ["loss", "0.0000", "1e-05"], [LONG, "0.5000"]
    ]  # fmt: skip


@pytest.mark.parametrize("width", [30, 80])
def test_a_terminal_gets_a_table_that_fits(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    values = {f"val/metrics/{LONG}/epoch": 0.123456, "train/loss/epoch": 0.0}
    show(Result(Stage.FIT, RunDirectory(Path("no/such/run")), values))
    table = [line for line in plain(capsys.readouterr().out).splitlines() if line[:1] in "╭│├╰"]
    assert len(table) >= 6
    assert max(map(len, table)) <= width
    assert "0.1235" in "".join(table)


def test_what_is_shown_is_added_to_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log.txt").write_text("before\n")
    show(Result(Stage.TEST, RunDirectory(tmp_path), {"test/loss/epoch": 0.5}))
    assert (tmp_path / "log.txt").read_text() == "before\n" + capsys.readouterr().out


def test_other_ranks_are_silent(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from lightning_fabric.utilities.rank_zero import rank_zero_only

    monkeypatch.setattr(rank_zero_only, "rank", 1)
    show(Result(Stage.FIT, RunDirectory(Path("x")), {"a": 1.0}))
    assert capsys.readouterr().out == ""
