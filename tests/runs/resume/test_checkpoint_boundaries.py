"""Where a run that is asked to end does so: only where nothing is half done."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import EMAWeightAveraging
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from lighter.errors import Terminated
from lighter.runs.resume.checkpoint_boundaries import CheckpointBoundaries
from lighter.runs.resume.resume_point import KEY, ResumePoint
from lighter.training.optimizers.parameter_groups import grouped
from lighter.training.system import System

pytestmark = pytest.mark.filterwarnings("ignore:.*smaller than the logging interval")
DATA = TensorDataset(torch.ones(6, 2), torch.ones(6, 1))


class Asking(pl.Callback):
    """Asks to end after a batch of training, or in validation."""

    def __init__(self, batch: int | None) -> None:
        self.batch = batch

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, index: int) -> None:
        if index == self.batch:
            os.kill(os.getpid(), signal.SIGTERM)

    def on_validation_batch_start(self, trainer: Any, module: Any, batch: Any, index: int, loader: int = 0) -> None:
        if self.batch is None and not trainer.sanity_checking:
            os.kill(os.getpid(), signal.SIGTERM)
            self.batch = -1


class Steps(System):
    """Begins a validation in a way of its own."""

    def on_validation_epoch_start(self) -> None:
        super().on_validation_epoch_start()


def system(kind: type[System] = System) -> System:
    return kind(
        nn.Linear(2, 1),
        {"train": DataLoader(DATA), "val": DataLoader(DATA)},
        lambda parameters: torch.optim.SGD(parameters, lr=0.1),
        criterion=nn.MSELoss(),
    )


def in_turns() -> System:
    """One that steps every second batch, and one that does every third."""

    class Pair(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(2, 1), nn.Linear(2, 1)

        def forward(self, x: Tensor) -> dict[str, Tensor]:
            return {"a": self.a(x).mean(), "b": self.b(x).mean()}

    def of(part: str, count: int) -> Any:
        made = lambda parameters: torch.optim.SGD(grouped(parameters, names=f"model.{part}"), lr=0.1)  # noqa: E731
        return {"optimizer": made, "accumulate_grad_batches": count}

    loaders = {"train": DataLoader(DATA), "val": DataLoader(DATA)}
    adapters = {"criterion": {"arguments": ["pred"]}}
    return System(Pair(), loaders, {"a": of("a", 1), "b": of("b", 3)}, criterion=lambda pred: pred, adapters=adapters)


def stopped(folder: Path, module: System, batch: int | None, *callbacks: pl.Callback, **options: Any) -> Any:
    """Where the checkpoint was written."""
    point = ResumePoint(folder)
    quiet: Any = {"enable_progress_bar": False, "enable_model_summary": False, "logger": False}
    listed = [point, *callbacks, Asking(batch), CheckpointBoundaries(point)]
    trainer = pl.Trainer(accelerator="cpu", max_epochs=2, callbacks=listed, **quiet, **options)
    with pytest.raises(Terminated):
        trainer.fit(module)
    found = torch.load(folder / "last.ckpt", weights_only=True)
    where = found[KEY]["position"]
    return where["phase"], where["batch"], found["global_step"]


@pytest.mark.parametrize(
    ("batch", "options", "found"),
    [
        (0, {}, ("batch", 1, 1)),
        (0, {"accumulate_grad_batches": 3}, ("batch", 3, 1)),
        (0, {"val_check_interval": 1}, ("validation", 1, 1)),
        (4, {}, ("batch", 5, 5)),
        (5, {}, ("validation", 6, 6)),
        (5, {"check_val_every_n_epoch": 2}, ("epoch", 0, 6)),
        (None, {}, ("validation", 6, 6)),
        (None, {"val_check_interval": 3}, ("validation", 3, 3)),
    ],
)
def test_a_run_ends_where_all_of_a_batch_is_done(
    tmp_path: Path, batch: int | None, options: dict[str, Any], found: tuple[str, int, int]
) -> None:
    assert stopped(tmp_path, system(), batch, **options) == found


def test_no_optimizer_waits_for_its_step(tmp_path: Path) -> None:
    assert stopped(tmp_path, in_turns(), 0)[:2] == ("batch", 3)


@pytest.mark.parametrize(
    ("kind", "callbacks"), [(System, [EMAWeightAveraging()]), (Steps, [])], ids=["averages", "hook of its own"]
)
def test_a_validation_that_may_have_other_weights_is_ended_first(
    tmp_path: Path, kind: type[System], callbacks: list[pl.Callback]
) -> None:
    assert stopped(tmp_path, system(kind), None, *callbacks)[0] == "epoch"


def test_a_sanity_check_is_not_counted(tmp_path: Path) -> None:
    stopped(tmp_path, system(), 0)
    assert torch.load(tmp_path / "last.ckpt", weights_only=True)[KEY]["validations"] == 0


def test_it_tells_its_checkpoint_as_others_do(tmp_path: Path) -> None:
    last = CheckpointBoundaries(ResumePoint(tmp_path))
    assert last.last_model_path == ""
    (tmp_path / "last.ckpt").touch()
    assert last.last_model_path == last.best_model_path == str(tmp_path / "last.ckpt")


def test_lightning_may_set_it_after_a_spawn(tmp_path: Path) -> None:
    last = CheckpointBoundaries(ResumePoint(tmp_path))
    last.best_model_path = "elsewhere"
    assert last.best_model_path == ""
