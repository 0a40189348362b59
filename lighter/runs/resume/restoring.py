"""A checkpoint's states, put back at the moments at which they were taken."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import GradientAccumulationScheduler

from lighter.runs.resume.lightning_loops import Phase, is_stateful, needs_fast_forward
from lighter.runs.resume.schedules import Schedule
from lighter.training.lightning_internals import begin_epoch_afresh, gradients_wait, set_sampler_epoch, skip_batches
from lighter.training.loaders.data_loader import DataLoader, next_epoch
from lighter.training.loaders.random_states import global_states, restore, restore_global, states
from lighter.training.stages import Mode
from lighter.training.system import System
from lighter.training.torch_internals import leaves

States: TypeAlias = dict[str, Any]


def captured(trainer: pl.Trainer) -> States:
    """The states as they are now, of this rank."""
    train, val = leaves(trainer.train_dataloader), leaves(trainer.val_dataloaders)
    return {
        "process": global_states(),
        "train": [states(one) for one in train],
        "val": [states(one) for one in val],
        # Lightning keeps those of the training data.
        "own": [next_epoch(one.state_dict()) if isinstance(one, DataLoader) else None for one in val],
    }


def put_back(trainer: pl.Trainer, found: States) -> None:
    """Makes the states those that were captured."""
    restore_global(found["process"])
    for name, loaders in (("train", trainer.train_dataloader), ("val", trainer.val_dataloaders)):
        for loader, state in zip(leaves(loaders), found[name], strict=False):
            restore(loader, state)
    for number, loader in enumerate(leaves(trainer.val_dataloaders)):
        set_pass(loader, found, number)


def set_pass(loader: Any, found: States, number: int) -> None:
    """Lets a loader of validation data begin with the pass that comes next."""
    own = found["own"][number] if number < len(found["own"]) else None
    if own is not None and isinstance(loader, DataLoader):
        loader.load_state_dict(own)


def step_waits(trainer: pl.Trainer, module: pl.LightningModule) -> bool:
    """Whether there are gradients of batches that are done, which no checkpoint holds."""
    alternating = module.alternating if isinstance(module, System) else None
    return gradients_wait(trainer) or (alternating is not None and alternating.gradients_wait(trainer))


class PendingRestore:
    """What is still to be restored of the checkpoint that training resumes from."""

    def __init__(self, saved: Mapping[str, Any], rank: int, loaders: Sequence[Mapping[str, Any]]) -> None:
        self._own_states = list(loaders)  # of the loaders that have one, in their order
        self.phase = Phase(saved["position"]["phase"])
        self.batch: int = saved["position"]["batch"]
        self.is_at_start = self.phase in {Phase.EPOCH, Phase.EPOCH_END}
        self._is_last: bool = saved["position"]["is_last"]
        self._metrics: dict[str, torch.Tensor] = saved["metrics"]
        self.schedules: list[Schedule] = saved.get("schedules") or []
        # A run that is resumed with more processes than before has no state for the new ones.
        own = saved["ranks"][rank] if rank < len(saved["ranks"]) else saved["ranks"][0]
        self._now: States = own["now"]
        self.epoch: States = own["epoch"] or self._now  # as the epoch began
        self._sums: dict[str, Any] | None = own["sums"]
        self._made: States | None = None
        self._loaders = {"train": 0, "val": 0}

    def prepare(self, trainer: pl.Trainer, loader: Any, name: str) -> None:
        """Readies a loader of which an iterator is about to be made, and the process that makes it."""
        found = (self._now if self.is_at_start else self.epoch) if name == "train" else self._now
        index = self._loaders[name]
        self._loaders[name] += 1
        if name == "train":
            set_sampler_epoch(trainer, loader)
            restore_global(found["process"])
            if self.is_at_start:  # in the middle of an epoch Lightning does it
                self._restore_own(loader)
        else:
            set_pass(loader, found, index)
        if index < len(found[name]):
            restore(loader, found[name][index])

    def _restore_own(self, loader: Any) -> None:
        if is_stateful(loader) and self._own_states:
            state = self._own_states.pop(0)
            if isinstance(loader, DataLoader):
                loader.load_state_dict(next_epoch(state))

    def note_made(self, trainer: pl.Trainer) -> None:
        """Notes the states with the iterators just made: hooks of a start may change what no epoch's start would."""
        for number, loader in enumerate(leaves(trainer.val_dataloaders)[: len(self._now["val"])]):
            restore(loader, self._now["val"][number])  # the sanity check has used them
            set_pass(loader, self._now, number)
        self._made = captured(trainer)
        if trainer.val_dataloaders is None and trainer.enable_validation:
            # Else a checkpoint of this life that is written before they are asked for would know nothing of them.
            trainer.validating = True
            trainer.fit_loop.epoch_loop.val_loop.setup_data()
            trainer.training = True
        trainer.callback_metrics.update(self._metrics)

    def fast_forward(self, trainer: pl.Trainer) -> None:
        """Goes to the batch at which the checkpoint was written."""
        if self.is_at_start:
            return
        for callback in trainer.callbacks:  # type: ignore[attr-defined]  # set by Lightning's connector
            if isinstance(callback, GradientAccumulationScheduler):
                callback.on_train_epoch_start(trainer)  # it says how many batches a step has, and is not called here
        if self._is_last:
            # An iterator of this epoch was made all the same, and may have read the first batch of the next.
            for loader in leaves(trainer.train_dataloader):
                self._restore_own(loader)
        elif needs_fast_forward(trainer):
            skip_batches(trainer, self.batch)
        put_back(trainer, self._now)

    def begin_epoch(self, trainer: pl.Trainer) -> None:
        """Lets the epoch begin as it would have."""
        if self._made is not None:
            put_back(trainer, self._made)
        if self.phase is Phase.EPOCH:
            begin_epoch_afresh(trainer)

    def begin_batch(self, module: pl.LightningModule) -> None:
        """Puts back what the epoch has added up so far."""
        if self._sums is not None and isinstance(module, System):
            module.records[Mode.TRAIN][0].restore(self._sums, module.device)
            module.rates = self._sums["rates"]
