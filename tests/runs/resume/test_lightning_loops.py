"""Where a run stands when a checkpoint is written, as real checkpoints tell it."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from lighter.runs.resume.checkpoint_boundaries import CheckpointBoundaries
from lighter.runs.resume.lightning_loops import (
    Phase,
    as_at_batch_end,
    as_at_epoch_start,
    as_at_validation_start,
    position,
)
from lighter.runs.resume.resume_point import ResumePoint


@pytest.mark.parametrize(
    ("kind", "busy"), [(ResumePoint, "on_train_batch_start"), (CheckpointBoundaries, "on_train_batch_end")]
)
def test_what_runs_need_at_each_batch_is_one_hook(kind: type[pl.Callback], busy: str) -> None:
    hooks = [name for name in dir(pl.Callback) if name.startswith(("on_train_batch", "on_before", "on_after"))]
    assert [name for name in hooks if callable(getattr(kind, name))] == [busy]


pytestmark = pytest.mark.filterwarnings("ignore:.*smaller than the logging interval")


class Module(pl.LightningModule):
    """Three batches an epoch, and a validation."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)

    def training_step(self, batch: Any, index: int) -> Tensor:
        loss: Tensor = self.layer(batch[0]).sum()
        return loss

    def validation_step(self, batch: Any, index: int) -> None: ...

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def train_dataloader(self) -> Any:
        return DataLoader(TensorDataset(torch.ones(3, 1)))

    val_dataloader = train_dataloader


class Saving(pl.Callback):
    """Keeps the progress at each place that is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.found = folder, dict[str, Any]()

    def save(self, name: str, trainer: pl.Trainer) -> None:
        path = self.folder / "saved.ckpt"
        trainer.save_checkpoint(path)
        self.found[name] = torch.load(path, weights_only=True)["loops"]["fit_loop"]

    def on_train_epoch_start(self, trainer: pl.Trainer, *rest: Any) -> None:
        self.save(f"start {trainer.current_epoch}", trainer)

    def on_train_batch_start(self, trainer: pl.Trainer, module: Any, batch: Any, index: int) -> None:
        self.save(f"before {trainer.current_epoch} {index}", trainer)

    def on_train_batch_end(self, trainer: pl.Trainer, module: Any, outputs: Any, batch: Any, index: int) -> None:
        self.save(f"after {trainer.current_epoch} {index}", trainer)

    def on_validation_batch_end(self, trainer: pl.Trainer, *rest: Any) -> None:
        self.save(f"validation {trainer.current_epoch}", trainer)

    def on_train_epoch_end(self, trainer: pl.Trainer, *rest: Any) -> None:
        self.save(f"end {trainer.current_epoch}", trainer)


@pytest.fixture(scope="module")
def loops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Lightning keeps of its loops at the places of two epochs."""
    saving = Saving(tmp_path_factory.mktemp("saved"))
    quiet: Any = dict.fromkeys(("enable_progress_bar", "enable_model_summary", "logger"), False)
    pl.Trainer(
        accelerator="cpu", max_epochs=2, callbacks=saving, enable_checkpointing=False, num_sanity_val_steps=0, **quiet
    ).fit(Module())
    return saving.found


@pytest.mark.parametrize(
    ("name", "phase", "found"),
    [
        ("start 1", Phase.EPOCH, ("epoch", 0, False, 3)),
        ("before 1 1", Phase.BATCH, ("batch", 1, False, 4)),
        ("before 1 2", Phase.BATCH, ("batch", 2, False, 5)),
        ("validation 0", Phase.VALIDATION, ("validation", 3, True, 3)),
        ("validation 1", Phase.VALIDATION, ("validation", 3, True, 6)),
        ("after 0 0", None, ("batch", 1, False, 1)),
        ("end 0", None, ("epoch end", 0, False, 3)),
        ("end 1", None, ("epoch end", 0, False, 6)),
    ],
)
def test_the_position_is_that_of_the_run(
    loops: dict[str, Any], name: str, phase: Phase | None, found: tuple[str, int, bool, int]
) -> None:
    told = position(deepcopy(loops[name]), phase)
    assert (told["phase"], told["batch"], told["is_last"], told["logged"]) == found


def batches(found: dict[str, Any]) -> Any:
    return found["epoch_loop.batch_progress"]


def test_a_checkpoint_before_a_batch_looks_like_one_after_the_batch_before(loops: dict[str, Any]) -> None:
    told, wanted = deepcopy(loops["before 1 1"]), loops["after 1 0"]
    as_at_batch_end(told)
    assert batches(told) == batches(wanted)
    assert told["epoch_loop.state_dict"] == wanted["epoch_loop.state_dict"]


def test_an_epoch_that_has_not_begun_is_not_told_as_ready(loops: dict[str, Any]) -> None:
    told = deepcopy(loops["start 1"])
    assert told["epoch_progress"]["current"]["ready"] == 2
    as_at_epoch_start(told)
    assert {*told["epoch_progress"]["current"].values(), *told["epoch_progress"]["total"].values()} == {1}


def test_a_validation_that_was_begun_looks_as_at_its_start(loops: dict[str, Any]) -> None:
    told = deepcopy(loops["validation 1"])
    as_at_validation_start(told)
    found = told["epoch_loop.val_loop.batch_progress"]["current"]
    assert found == {"ready": 1, "started": 1, "processed": 0, "completed": 0}
    assert batches(told) == batches(loops["validation 1"])
