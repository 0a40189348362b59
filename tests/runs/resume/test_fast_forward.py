"""Loaders at the place of a checkpoint."""

from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

import lighter
from lighter.runs.resume.lightning_loops import (
    Phase,
    correct_loader_states,
    is_stateful,
    needs_fast_forward,
)
from lighter.training.lightning_internals import next_epoch_number, skip_batches, validates_now
from lighter.training.torch_internals import leaves

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
        self.asked.append(needs_fast_forward(self.trainer))
        skip_batches(self.trainer, 2)

    def training_step(self, batch: Any, index: int) -> Tensor:
        x = (batch["b"] if isinstance(batch, dict) else batch)[0]
        self.seen.append(float(x.sum()))
        loss: Tensor = self.layer(x).sum()
        return loss

    def on_train_batch_end(self, *arguments: Any) -> None:
        self.asked.append((next_epoch_number(self.trainer), validates_now(self.trainer)))

    def validation_step(self, batch: Any, index: int) -> None: ...

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def train_dataloader(self) -> Any:
        return self.loader

    def val_dataloader(self) -> Any:
        return DataLoader(TensorDataset(ROWS))


@pytest.mark.parametrize(
    ("loader", "reads_from_start"),
    [
        (DataLoader(TensorDataset(ROWS)), True),
        (lighter.DataLoader(TensorDataset(ROWS)), False),
        ({"a": lighter.DataLoader(TensorDataset(ROWS)), "b": DataLoader(TensorDataset(ROWS))}, True),
        (DataLoader(Stream(), batch_size=None), True),
    ],
    ids=["of torch", "own", "several", "stream"],
)
def test_batches_that_were_seen_are_left_out(loader: Any, reads_from_start: bool) -> None:
    module = Module(loader)
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "logger": False}
    options = {"max_epochs": 1, "limit_train_batches": 4, "num_sanity_val_steps": 0, "val_check_interval": 2}
    pl.Trainer(accelerator="cpu", enable_checkpointing=False, **options, **quiet).fit(module)  # type: ignore[arg-type]
    assert module.seen[:2] == [2, 3]
    assert module.asked[:3] == [reads_from_start, (0, False), (0, True)]


class Reading(Module):
    """Asks, after each batch, for the states of loaders that read ahead."""

    def on_train_batch_end(self, outputs: Any, batch: Any, index: int) -> None:
        states = [one.state_dict() for one in leaves(self.loader) if is_stateful(one)]
        for phase in (Phase.BATCH, Phase.EPOCH):
            loops = {"state_dict": {"combined_loader": [*states, {"of": "another"}]}}
            correct_loader_states(self.trainer, loops, {"phase": phase, "batch": index + 1})
            *found, other = loops["state_dict"]["combined_loader"]
            assert other == {"of": "another"}
            self.asked.append([(phase.value, one["epoch"], one["batch"]) for one in found])

    def on_train_start(self) -> None: ...


def test_states_of_own_loaders_say_what_was_trained_on() -> None:
    """Of a stream that Lightning reads a batch ahead, and of one of two loaders that begins anew within the epoch."""
    stream = Reading(lighter.DataLoader(Stream(), batch_size=None))
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "logger": False}
    options = {"max_epochs": 1, "num_sanity_val_steps": 0, "limit_val_batches": 0, "enable_checkpointing": False}
    pl.Trainer(accelerator="cpu", **options, **quiet).fit(stream)  # type: ignore[arg-type]
    assert stream.asked[:4] == [[("batch", 0, 1)], [("epoch", 1, 0)], [("batch", 0, 2)], [("epoch", 1, 0)]]
    short, long = TensorDataset(ROWS[:2]), TensorDataset(ROWS)
    both = Reading({"a": lighter.DataLoader(short), "b": lighter.DataLoader(long)})
    pl.Trainer(accelerator="cpu", **options, **quiet).fit(both)  # type: ignore[arg-type]
    assert both.asked[0] == [("batch", 0, 1), ("batch", 0, 1)]
    assert both.asked[4] == [("batch", 1, 1), ("batch", 0, 3)]


def test_a_checkpoint_without_states_of_loaders_stays_as_it_is() -> None:
    trainer = pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False)
    loops: dict[str, Any] = {"state_dict": {}}
    correct_loader_states(trainer, loops, {"phase": Phase.EPOCH, "batch": 0})
    assert loops == {"state_dict": {}}
    assert is_stateful(lighter.DataLoader(TensorDataset(ROWS)))
    assert not is_stateful(DataLoader(TensorDataset(ROWS)))
