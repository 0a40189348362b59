"""A loss that is not finite and data that end too soon are told; right weights are those of plain PyTorch."""

from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from lighter import System
from lighter.errors import RunError
from lighter.runs.console.silent_faults import SilentFaults

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:Your `IterableDataset` has `__len__` defined"),
    pytest.mark.filterwarnings("ignore:.*smaller than the logging interval"),
]

X = torch.linspace(-1, 1, 6).reshape(-1, 1)
Y = 2 * X + 1
LOST = torch.where(torch.arange(6).reshape(-1, 1) == 3, torch.nan, Y)  # in the second of three batches


class Parts(nn.Module):
    def forward(self, pred, target):
        loss = nn.functional.mse_loss(pred, target)
        return {"total": loss + pred.square().mean(), "fit": loss, "size": pred.square().mean()}


class Own(pl.LightningModule):
    """A module whose loss has a name that says nothing, or none."""

    def __init__(self, name=None):
        super().__init__()
        self.model, self.name = line(), name

    def training_step(self, batch, index):
        loss = nn.functional.mse_loss(self.model(batch[0]), batch[1])
        if self.name:
            self.log(self.name, loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1, momentum=0.9)

    def train_dataloader(self):
        return loader()


def line():
    torch.manual_seed(0)
    return nn.Linear(1, 1)


def loader(target=LOST):
    return DataLoader(TensorDataset(X, target), batch_size=2)


def system(criterion=None, train=None):
    loaders = {"train": train or loader(), "val": loader(Y)}
    return System(line(), loaders, lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), criterion=criterion or Parts())


def fit(module, on_nan="warn", **options):
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "enable_checkpointing": False}
    given = {"max_epochs": 1, "log_every_n_steps": 1, "logger": False, "accelerator": "cpu", **quiet, **options}
    made = pl.Trainer(callbacks=[SilentFaults(on_nan), *given.pop("callbacks", [])], **given)
    made.fit(module)
    return made


@pytest.fixture
def said(caplog):
    """What Lighter itself has said."""
    return lambda: [record.getMessage() for record in caplog.records if record.name == "lighter"]


def test_the_part_of_the_loss_is_told_once_with_epoch_and_step(said):
    fit(system())
    (told,) = said()
    assert told.startswith(
        "fit: the loss is no longer finite in epoch 1, step 1: train/loss/step is nan, train/loss/fit/step is nan"
    )


def test_between_logged_steps_it_is_told_at_the_end_of_the_epoch(said):
    class Once(Parts):
        def forward(self, pred, target):
            return super().forward(
                torch.where(target.isnan(), torch.inf, pred.detach() * 0 + pred), target.nan_to_num()
            )

    fit(system(Once()), log_every_n_steps=50)
    assert "in epoch 1" in said()[0]
    assert "train/loss/epoch is" in said()[0]


@pytest.mark.parametrize("name", [None, "error", "train_loss"])
def test_the_loss_of_a_module_of_the_users_own(said, name):
    fit(Own(name))
    (told,) = said()
    assert "step 1: " in told
    assert "loss is nan" in told


def test_what_stops_leaves_the_last_good_checkpoint(tmp_path: Path):
    keeping = pl.callbacks.ModelCheckpoint(tmp_path, save_last=True, every_n_train_steps=1)
    with pytest.raises(RunError, match="weights are no longer finite in epoch 1, step 1"):
        fit(system(), "stop", log_every_n_steps=50, callbacks=[keeping], enable_checkpointing=True)
    weights = torch.load(tmp_path / "last.ckpt", weights_only=True)["state_dict"]
    wanted, target = line(), Y[:2]
    Parts()(wanted(X[:2]), target)["total"].backward()
    torch.optim.SGD(wanted.parameters(), lr=0.1).step()
    torch.testing.assert_close(weights, {f"model.{name}": value for name, value in wanted.state_dict().items()})
    with pytest.raises(RunError, match="fit: the loss is no longer finite in epoch 1, step 1"):
        fit(system(), "stop")


@pytest.mark.parametrize("make", [system, Own])
def test_what_skips_makes_no_step_of_what_is_not_finite(said, make):
    module = make()
    fit(module, "skip", log_every_n_steps=50, max_epochs=2)
    wanted = line()
    optimizer = torch.optim.SGD(wanted.parameters(), lr=0.1, momentum=0.9)
    for start in (0, 4, 0, 4):  # without the batch from 2 on
        pred, target = wanted(X[start : start + 2]), Y[start : start + 2]
        optimizer.zero_grad()
        (Parts()(pred, target)["total"] if make is system else nn.functional.mse_loss(pred, target)).backward()
        optimizer.step()
    torch.testing.assert_close(module.model.state_dict(), wanted.state_dict())
    assert sum("no optimizer step" in told for told in said()) == 1


class Short(IterableDataset[Any]):
    def __iter__(self):
        return iter(zip(X, Y, strict=True))

    def __len__(self):
        return 9


class Batches:
    def __iter__(self):
        return iter([(X, Y)] * 3)

    def __len__(self):
        return 5


@pytest.mark.parametrize(("make", "length"), [(lambda: DataLoader(Short(), batch_size=2), 5), (Batches, 5)])
def test_an_epoch_that_ends_too_soon_is_told_once_and_its_cure_cures(said, make, length):
    short = fit(system(train=make()), max_epochs=2, num_sanity_val_steps=0)
    (told,) = said()
    assert f"epoch 1 ended after 3 batches, and the length of the train loader is {length}" in told
    assert "val/loss/epoch" not in short.callback_metrics
    whole = fit(system(train=make()), limit_train_batches=3)
    assert "val/loss/epoch" in whole.callback_metrics
    assert len(said()) == 1


def test_an_epoch_that_was_to_end_is_nothing_to_tell(said):
    fit(system(train=loader(Y)), max_steps=2)
    fit(system(train=loader(Y)))
    assert not said()
