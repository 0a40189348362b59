"""What a stage came to, as a person reads it."""

from pathlib import Path

from lighter.runs.folder import RunDirectory
from lighter.runs.result import Result
from lighter.training.stages import Stage


def test_a_result_tells_metrics_and_where_things_lie() -> None:
    metrics = {"val/loss/epoch": 0.123456, "train/loss/step": 9.0, "train/loss/epoch": 12345.6}
    best = Path("runs/a/checkpoints/best.ckpt").absolute()  # as Lightning's callback gives it
    checkpoints = {"best": str(best), "last": "runs/a/checkpoints/last.ckpt"}
    found = Result(Stage.FIT, RunDirectory(Path("runs/a")), metrics, checkpoints)
    assert repr(found).splitlines() == [
        "fit in runs/a",
        "  train/loss/epoch  1.235e+04",
        "  val/loss/epoch    0.1235",
        "  best checkpoint   runs/a/checkpoints/best.ckpt",
        "  last checkpoint   runs/a/checkpoints/last.ckpt",
    ]


def test_the_best_epoch_is_told_where_it_is_another_than_the_last() -> None:
    for best, told in (
        ({"val/loss/epoch": 0.25, "epoch": 1.0}, []),
        ({"val/loss/epoch": 0.125, "epoch": 0.0}, ["0.125"]),
    ):
        found = Result(Stage.FIT, RunDirectory(Path("runs/a")), {"val/loss/epoch": 0.25, "train/lr": 1.0}, best=best)
        assert [line.split()[-1] for line in repr(found).splitlines() if "best val/loss/epoch" in line] == told
        assert found.is_best_last == (not told)


def test_predictions_are_counted_and_files_named() -> None:
    run = RunDirectory(Path("runs/a"))
    assert repr(Result(Stage.PREDICT, run, {}, predictions=[1, 2])) == "predict in runs/a\n  predictions  2 batches"
    written = Result(Stage.PREDICT, run, {}, written=(Path("runs/a/predictions/x.csv"),))
    assert repr(written) == "predict in runs/a\n  predictions  runs/a/predictions/x.csv"
    assert repr(Result(Stage.TEST, run, {})) == "test in runs/a"
