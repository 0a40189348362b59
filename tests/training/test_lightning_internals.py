"""What Lighter does with Lightning's inside; that each name is there, test_internals.py sees to."""

from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from pytorch_lightning.overrides.distributed import UnrepeatedDistributedSamplerWrapper, _IndexBatchSamplerWrapper
from pytorch_lightning.strategies import DDPStrategy, SingleDeviceStrategy
from pytorch_lightning.utilities.model_helpers import is_overridden
from torch.utils.data import BatchSampler, DataLoader, DistributedSampler, SequentialSampler, TensorDataset

from lighter.training.lightning_internals import (
    finds_unused_parameters,
    hook_if,
    next_epoch_number,
    noted_indices,
    sampler_of_batches,
    set_sampler_epoch,
    trainer_of,
    without_idle_hooks,
    wrap_loader_preparation,
    wrapped_sampler,
)


class Module(pl.LightningModule):
    def __init__(self, data: Any = None) -> None:
        super().__init__()
        self.data = data

    def _has_data(self) -> bool:
        return self.data is not None

    @hook_if(_has_data)
    def train_dataloader(self) -> Any:
        """Gives the data."""
        return self.data


def test_a_hook_is_overridden_only_while_it_is_wanted() -> None:
    module = Module()
    assert not is_overridden("train_dataloader", module)
    module.data = [1]
    assert is_overridden("train_dataloader", module)
    assert module.train_dataloader() == [1]


def test_an_attribute_of_the_instance_stands_over_it() -> None:
    module = Module([1])
    module.train_dataloader = lambda: [2]  # type: ignore[method-assign]  # as torch.compile and Lightning do
    assert module.train_dataloader() == [2]


def test_a_subclass_overrides_it_as_any_method() -> None:
    class Other(Module):
        def train_dataloader(self) -> Any:
            return [3]

    assert is_overridden("train_dataloader", Other())


def test_the_class_shows_the_function() -> None:
    assert Module.train_dataloader.__doc__ == "Gives the data."


ROWS = torch.arange(6.0).reshape(6, 1)


@without_idle_hooks
class OnlyEnds(pl.Callback):
    def on_train_batch_end(self, *args: object) -> None:
        """Does something."""


def test_hooks_that_are_not_overridden_are_none() -> None:
    hooks = ("on_train_start", "on_train_batch_start", "on_train_batch_end")
    assert [callable(getattr(OnlyEnds, hook)) for hook in hooks] == [True, False, True]
    assert callable(pl.Callback.on_train_batch_start)


def test_samplers_are_told_the_epoch() -> None:
    trainer = pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False)
    sampler: Any = DistributedSampler(TensorDataset(ROWS), 1, 0)
    progress: Any = trainer.fit_loop.epoch_progress.current
    progress.processed = 3
    set_sampler_epoch(trainer, DataLoader(TensorDataset(ROWS), sampler=sampler))
    assert sampler.epoch == next_epoch_number(trainer) == 3


def test_the_trainer_of_a_module() -> None:
    module = pl.LightningModule()
    assert trainer_of(module) is None
    module.trainer = trainer = pl.Trainer(accelerator="cpu", logger=False, enable_checkpointing=False)
    assert trainer_of(module) is trainer


def test_each_loader_is_seen_before_it_is_iterated() -> None:
    strategy: Any = SingleDeviceStrategy()
    wrap_loader_preparation(strategy, lambda given, loader: [given(loader), "seen"])
    assert strategy.process_dataloader("a loader") == ["a loader", "seen"]


@pytest.mark.parametrize(
    ("strategy", "found"),
    [
        (SingleDeviceStrategy(), True),
        (DDPStrategy(), False),
        (DDPStrategy(find_unused_parameters=False), False),
        (DDPStrategy(find_unused_parameters=True), True),
    ],
)
def test_whether_a_step_may_leave_parameters_out(strategy: Any, found: bool) -> None:
    assert finds_unused_parameters(strategy) is found


def test_samplers_behind_what_lightning_puts_around_them() -> None:
    given = SequentialSampler(ROWS)
    dealt: Any = UnrepeatedDistributedSamplerWrapper(given, num_replicas=2, rank=0, shuffle=False)
    batches: Any = _IndexBatchSamplerWrapper(BatchSampler(dealt, 2, False))
    loader: Any = DataLoader(TensorDataset(ROWS), batch_sampler=batches)
    assert noted_indices(loader) == []
    assert sampler_of_batches(loader) is dealt
    assert wrapped_sampler(dealt) is given
    next(iter(loader))
    assert noted_indices(loader) == [[0, 2]]
    plain: Any = DataLoader(TensorDataset(ROWS))
    assert noted_indices(plain) is None
    assert wrapped_sampler(sampler_of_batches(plain)) is None
