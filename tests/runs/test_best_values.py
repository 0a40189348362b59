"""What a best checkpoint has is found again among all that was logged; the right values are by hand."""

from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import CSVLogger
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from lighter import System
from lighter.runs.best_values import best_values
from lighter.runs.folder import RunDirectory

pytestmark = pytest.mark.filterwarnings("ignore:.*does not have many workers")


class Up(nn.Linear):
    """A weight that grows by one with each step."""

    def __init__(self) -> None:
        super().__init__(1, 1, bias=False)
        nn.init.zeros_(self.weight)


def criterion(pred: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return -pred.mean() if pred.requires_grad else (pred - 3.25 * target).square().mean()


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"max_epochs": 3}, {"epoch": 1, "val/loss/epoch": 0.5625, "train/loss/epoch": -2.5, "train/lr": 1.0}),
        ({"max_epochs": 2, "val_check_interval": 0.5}, {"epoch": 1, "val/loss/epoch": 0.0625}),
        ({"max_epochs": 1, "logger": False}, {}),
    ],
)
def test_the_values_of_the_best_checkpoint(tmp_path: Path, options: Any, found: dict[str, float]) -> None:
    values = fitted(tmp_path, criterion, **options)
    assert {name: value for name, value in values.items() if "momentum" not in name} == found


def test_of_values_that_are_close_the_best_is_taken(tmp_path: Path) -> None:
    def nearly_the_same(pred: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return -pred.mean() if pred.requires_grad else 4_000_000 - pred.mean()

    values = fitted(tmp_path, nearly_the_same, max_epochs=3)
    assert (values["epoch"], values["val/loss/epoch"]) == (2, 3_999_994)


def test_of_several_that_watch_the_last_is_recorded_as_the_best(tmp_path: Path) -> None:
    other = pl.callbacks.ModelCheckpoint(tmp_path / "other", monitor="train/loss/epoch", mode="max")
    assert fitted(tmp_path, criterion, [other], max_epochs=3)["epoch"] == 1


def fitted(tmp_path: Path, criterion: Any, before: Any = (), **options: Any) -> dict[str, float]:
    """The values of the best checkpoint of a training of two steps an epoch."""
    ones = TensorDataset(torch.ones(2, 1), torch.ones(2, 1))
    loaders = {"train": DataLoader(ones, batch_size=1), "val": DataLoader(ones, batch_size=2)}
    keeping = pl.callbacks.ModelCheckpoint(tmp_path / "checkpoints", monitor="val/loss/epoch")
    made = pl.Trainer(
        accelerator="cpu", callbacks=[*before, keeping], enable_progress_bar=False, enable_model_summary=False,
        log_every_n_steps=1, num_sanity_val_steps=0, **{"logger": CSVLogger(tmp_path, "", ""), **options},
    )  # fmt: skip
    made.fit(System(Up(), loaders, lambda p: torch.optim.SGD(p, lr=1.0), criterion=criterion))
    return best_values(made, RunDirectory(tmp_path))
