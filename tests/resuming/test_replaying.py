"""Loaders at the place of a checkpoint."""

from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset, TensorDataset
from torch.utils.data.distributed import DistributedSampler

import lighter
from lighter.resuming.progress import Phase
from lighter.resuming.replaying import (
    current_epoch,
    discard,
    in_order_of_epoch,
    is_stateful,
    replays,
    tell_loaders,
    validates_now,
)

ROWS = torch.arange(6.0).reshape(6, 1)


class Stream(IterableDataset[Any]):
    def __iter__(self) -> Any:
        return iter(ROWS.unsqueeze(1))


class Module(pl.LightningModule):
    """Notes what it is trained on, and asks."""

    def __init__(self, loader: Any) -> None:
        super().__init__()
        self.layer, self.loader = nn.Linear(1, 1), loader
        self.seen: list[float] = []
        self.asked: list[Any] = []

    def on_train_start(self) -> None:
        self.asked.append(replays(self.trainer))
        discard(self.trainer, 2)

    def training_step(self, batch: Any, index: int) -> Tensor:
        self.seen.append(float(batch[0].sum()))
        return self.layer(batch[0]).sum()

    def on_train_batch_end(self, *arguments: Any) -> None:
        self.asked.append((current_epoch(self.trainer), validates_now(self.trainer)))

    def validation_step(self, batch: Any, index: int) -> None: ...

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def train_dataloader(self) -> Any:
        return self.loader

    def val_dataloader(self) -> Any:
        return DataLoader(TensorDataset(ROWS))


@pytest.mark.parametrize(
    ("loader", "is_replayed"),
    [
        (DataLoader(TensorDataset(ROWS)), True),
        (lighter.DataLoader(TensorDataset(ROWS)), False),
        ({"a": lighter.DataLoader(TensorDataset(ROWS)), "b": DataLoader(TensorDataset(ROWS))}, True),
        (DataLoader(Stream(), batch_size=None), True),
    ],
    ids=["of torch", "own", "several", "stream"],
)
def test_batches_that_were_seen_are_left_out(loader: Any, is_replayed: bool) -> None:
    module = Module(loader)
    if isinstance(loader, dict):
        module.training_step = lambda batch, index: Module.training_step(module, batch["b"], index)  # type: ignore[method-assign]
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "logger": False}
    options = {"max_epochs": 1, "limit_train_batches": 4, "num_sanity_val_steps": 0, "val_check_interval": 2}
    pl.Trainer(accelerator="cpu", enable_checkpointing=False, **options, **quiet).fit(module)  # type: ignore[arg-type]
    assert module.seen[:2] == [2, 3]
    assert module.asked[:3] == [is_replayed, (0, False), (0, True)]


def test_samplers_are_told_the_epoch() -> None:
    trainer = pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False)
    sampler: Any = DistributedSampler(TensorDataset(ROWS), 1, 0)
    trainer.fit_loop.epoch_progress.current.processed = 3
    in_order_of_epoch(trainer, DataLoader(TensorDataset(ROWS), sampler=sampler))
    assert sampler.epoch == current_epoch(trainer) == 3


def test_states_of_own_loaders_say_what_was_trained_on() -> None:
    own, other = lighter.DataLoader(TensorDataset(ROWS)), {"batch": 5}
    batches = iter(own)
    for _ in range(4):
        next(batches)
    assert is_stateful(own)
    assert not is_stateful(DataLoader(TensorDataset(ROWS)))

    def told(phase: Phase, batch: int) -> list[Any]:
        loops = {"state_dict": {"combined_loader": [own.state_dict(), other]}}
        tell_loaders(loops, {"phase": phase, "batch": batch})
        return loops["state_dict"]["combined_loader"]

    found, untouched = told(Phase.BATCH, 2)
    assert (found["epoch"], found["batch"], untouched) == (0, 2, other)
    found, _ = told(Phase.EPOCH, 0)
    assert (found["epoch"], found["batch"]) == (1, 0)
    tell_loaders(loops := {"state_dict": {}}, {"phase": Phase.BATCH, "batch": 2})
    assert loops == {"state_dict": {}}
