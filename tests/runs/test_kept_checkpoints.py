"""Which checkpoint is the best and which the last, said while the training lasts."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import pytorch_lightning as pl
import torch

from lighter import Runner
from lighter.errors import RunError
from lighter.runs.folder import RunDirectory
from lighter.runs.kept_checkpoints import record_monitored, recorded


def own(**arguments: Any) -> dict[str, Any]:
    """A config's callbacks: a ModelCheckpoint of its own."""
    return {"callbacks": [{"_target_": "pytorch_lightning.callbacks.ModelCheckpoint", **arguments}]}


def test_every_rank_knows_the_checkpoints_and_rank_zero_writes_them_down(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path / "run")
    callback = pl.callbacks.ModelCheckpoint(monitor="val/loss/epoch")
    callback.best_model_path, callback.last_model_path = f"{run.path}/checkpoints/a.ckpt", "/b.ckpt"
    for is_first in (False, True):
        trainer: Any = SimpleNamespace(checkpoint_callbacks=[callback], is_global_zero=is_first)
        assert recorded(trainer, run) == {"best": callback.best_model_path, "last": "/b.ckpt"}
        assert bool(run.results()) is is_first
    assert run.results() == {"checkpoints": {"best": "checkpoints/a.ckpt", "last": "/b.ckpt"}}


def test_the_monitored_value_is_written_down(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    stopping = pl.callbacks.EarlyStopping("val/metrics/f1/epoch", mode="max")
    best = pl.callbacks.ModelCheckpoint(monitor="val/metrics/error/epoch")
    for callbacks, found in (
        ([], None),
        ([pl.callbacks.ModelCheckpoint()], None),
        ([stopping], {"name": "val/metrics/f1/epoch", "mode": "max"}),
        ([stopping, best], {"name": "val/metrics/error/epoch", "mode": "min"}),
    ):
        checkpoints = [one for one in callbacks if isinstance(one, pl.callbacks.Checkpoint)]
        trainer: Any = SimpleNamespace(checkpoint_callbacks=checkpoints, callbacks=callbacks)
        record_monitored(trainer, run)
        assert run.results().get("monitored") == found


class Looking(pl.Callback):
    """Notes which checkpoint of a run is said to be the best as each of the later epochs begins."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def on_train_batch_start(self, trainer: Any, *_: Any) -> None:
        best = RunDirectory(Path("r")).checkpoint("best")
        self.seen.append(str(best and best.relative_to("r/checkpoints")))


@pytest.mark.parametrize(
    ("filename", "best"),
    [("e{epoch}", "e0"), ("{epoch}-{val/loss/epoch:.1f}", "epoch=0-val/loss/epoch=0.0")],
)
def test_a_run_that_is_killed_has_said_its_best(rising: dict[str, Any], filename: str, best: str) -> None:
    looking = Looking()
    how = own(monitor="val/loss/epoch", filename=filename, auto_insert_metric_name="val" in filename)
    how["callbacks"].append({"_target_": "callback/looking"})
    rising["trainer"] |= how
    runner = Runner(rising, run_dir="r")
    runner.add_component("callback", "looking", lambda: looking)
    runner.fit()
    assert looking.seen == ["None", f"{best}.ckpt", f"{best}.ckpt"]
    Path("r").rename("moved")
    assert Runner("moved", "trainer::callbacks=[]").test("best").metrics["test/metrics/w/epoch"] == 1.0


def test_where_nothing_is_monitored_no_checkpoint_is_the_best(
    rising: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    rising["trainer"] |= own()
    fitted = Runner(rising, run_dir="r").fit()
    assert fitted.checkpoints == {"last": "r/checkpoints/last.ckpt"}
    tested = Runner("r").test("best")
    assert (
        "no checkpoint of the run 'r' is known as the best, for it has monitored no value: the last is taken"
        in caplog.text
    )
    assert (tested.weights, tested.metrics["test/metrics/w/epoch"]) == ("r/checkpoints/last.ckpt", 3.0)


def test_a_best_checkpoint_that_is_lost_is_not_the_last(rising: dict[str, Any]) -> None:
    rising["trainer"] |= {"max_epochs": 1}
    Path(Runner(rising, run_dir="r").fit().checkpoints["best"]).unlink()
    told = "the run 'r' has no best checkpoint by 'val/loss/epoch', which it monitors; write --ckpt_path=last"
    with pytest.raises(RunError, match=told):
        Runner("r").test("best")
    assert Runner("r").test().weights == "r/checkpoints/last.ckpt"


def test_a_copied_run_has_weights_of_its_own(rising: dict[str, Any]) -> None:
    import shutil

    Runner(rising, "trainer::max_epochs=1", run_dir="r").fit()
    shutil.copytree("r", "copy")
    Runner("r", "trainer::max_epochs=2").fit(resume="r")
    for run, weight in (("copy", 1.0), ("r", 2.0)):
        assert Runner(run).test("last").metrics["test/metrics/w/epoch"] == weight
    assert torch.load("copy/checkpoints/last.ckpt")["state_dict"]["model.weight"].item() == 1.0
