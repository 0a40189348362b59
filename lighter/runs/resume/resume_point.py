"""The checkpoint to resume from: written between two steps, so that what follows is what would have followed."""

import logging
import time
from enum import IntEnum
from functools import partial
from pathlib import Path
from signal import SIGINT, SIGTERM
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.trainer.states import TrainerFn
from typing_extensions import override

from lighter.runs.folder import EXCEPTION, LAST, SUFFIX
from lighter.runs.resume.averaged_weights import put_averages, put_back_current
from lighter.runs.resume.checkpoint_files import keep_previous
from lighter.runs.resume.checkpoint_paths import relocate
from lighter.runs.resume.lightning_loops import (
    Phase,
    as_at_batch_end,
    as_at_epoch_start,
    as_at_validation_start,
    correct_loader_states,
    is_at_batch_end,
    position,
)
from lighter.runs.resume.restoring import PendingRestore, States, captured, step_waits
from lighter.runs.resume.schedules import Schedule, new_schedules, rebuild_changed
from lighter.runs.resume.signals import StopSignals
from lighter.training.batches import plain
from lighter.training.lightning_internals import (
    is_last_batch,
    next_epoch_number,
    set_up_training_data_again,
    validates_now,
    without_idle_hooks,
    wrap_loader_preparation,
)
from lighter.training.loaders.fetching import seed_by_epoch
from lighter.training.loaders.random_states import global_states, states
from lighter.training.ranks import gathered
from lighter.training.stages import Mode
from lighter.training.system import System

log = logging.getLogger("lighter")

KEY = "lighter"  # of what a checkpoint holds for this


class Wish(IntEnum):
    """What a rank wants at the end of a batch; the greatest of all is granted."""

    NONE = 0
    SAVE = 1
    INTERRUPT = 2
    TERMINATE = 3


@without_idle_hooks
class ResumePoint(pl.Callback):
    """Writes `last.ckpt` at the start of each epoch and, in the middle of one, when it is time or the run is to stop.

    It comes first among callbacks, before any has begun what comes next; `CheckpointBoundaries` comes last, after all
    have ended what was before. `every_n_train_steps` and `every_n_minutes` say when it is time; None for never.
    `seed` rules what is random in workers that outlive an epoch.
    """

    def __init__(
        self,
        folder: Path,
        seed: int = 0,
        every_n_train_steps: int | None = None,
        every_n_minutes: float | None = None,
    ) -> None:
        self.folder = folder
        self.has_begun = False  # to train, of which a finished run has nothing left
        self.has_averages = False  # in the last checkpoint, where there are averages of the weights at the end
        self.validations = 0  # done so far
        self.signals = StopSignals()
        self.pending: PendingRestore | None = None
        self.mark: States | None = None  # as they were between two batches, where a checkpoint is due
        self._seed = seed
        self._every_steps = every_n_train_steps
        self._every_seconds = every_n_minutes * 60 if every_n_minutes is not None else None
        self._loaded: PendingRestore | None = None
        self._phase: Phase | None = None
        self._has_ended = False
        self._epoch: States | None = None  # as they were when the epoch began
        self._schedules: list[Schedule] | None = None  # as they were made, until then None
        self._saved = (0, 0, time.monotonic())  # epoch, step, time

    @override
    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Sees each loader before an iterator is made of it, which no hook is called for."""
        wrap_loader_preparation(trainer.strategy, partial(self._prepare, trainer))

    @override
    def on_load_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Notes what the checkpoint says; one that Lighter has not written says nothing."""
        if trainer.state.fn != TrainerFn.FITTING:
            return
        relocate(trainer, checkpoint, self.folder.parent)
        put_back_current(pl_module, checkpoint)
        if KEY in checkpoint:
            loaders = checkpoint["loops"]["fit_loop"]["state_dict"].get("combined_loader", [])
            self.pending = self._loaded = PendingRestore(checkpoint[KEY], trainer.global_rank, loaders)
            self.validations = checkpoint[KEY]["validations"]
            set_up_training_data_again(trainer)

    @override
    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Notes the schedulers just made. Who made them may have asked for the number of batches too early."""
        self._schedules = new_schedules(trainer)
        if self.pending is not None:
            set_up_training_data_again(trainer)

    @override
    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Adds where the run is, and the states of all ranks. A collective call."""
        if trainer.state.fn != TrainerFn.FITTING:
            return
        self.has_averages = self._has_ended and put_averages(trainer, pl_module, checkpoint)
        loops = checkpoint["loops"]["fit_loop"]
        phase = self._phase
        if phase is None and is_at_batch_end(loops) and validates_now(trainer):
            phase = Phase.VALIDATION  # else Lightning would leave it out
        where = position(loops, phase)
        correct_loader_states(trainer, loops, where)
        if phase is Phase.EPOCH:
            as_at_epoch_start(loops)
            checkpoint["epoch"] -= 1  # read by people: the last that is done, as a callback at its end writes it
        elif phase is Phase.BATCH:
            as_at_batch_end(loops)
        elif phase is Phase.VALIDATION:
            as_at_validation_start(loops)
        is_at_start = where["phase"] in {Phase.EPOCH, Phase.EPOCH_END}
        own = {"now": self.mark or captured(trainer), "epoch": None if is_at_start else self._epoch, "sums": None}
        if isinstance(pl_module, System) and not is_at_start:
            own["sums"] = pl_module.records[Mode.TRAIN][0].saved() | {"rates": pl_module.rates}
        known = trainer.callback_metrics.items()
        metrics = {name: plain(value.detach()).cpu() for name, value in known if isinstance(value, torch.Tensor)}
        checkpoint[KEY] = {
            "position": where,
            "validations": self.validations,
            "metrics": metrics,
            "schedules": self._schedules,
            "ranks": gathered(own),
        }

    @override
    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Listens to signals from here on; before, nothing would be lost."""
        self.has_begun = True
        self.signals.listen()
        self._note_saved(trainer)
        if self.pending is not None:
            self._epoch = self.pending.epoch
            self.pending.note_made(trainer)
            rebuild_changed(trainer, self.pending.schedules, self._schedules or [])

    @override
    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Writes the checkpoint of the epochs before."""
        if self.pending is not None:
            self.pending.begin_epoch(trainer)
            self.pending = None
        elif trainer.current_epoch > 0:
            self._epoch = captured(trainer)
        if trainer.current_epoch > self._saved[0]:
            self.save(trainer, Phase.EPOCH)
        if self.wish(trainer) > Wish.SAVE:
            raise self.signals.error()

    @override
    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Writes a checkpoint where one is due."""
        if self.pending is not None:
            self.pending.begin_batch(pl_module)
            self.pending = None
        if self.mark is not None:
            self.save(trainer, Phase.BATCH)
            if self.signals.received is not None:
                raise self.signals.error()

    @override
    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Writes the last checkpoint of a training that ends within an epoch, the rest of which may yet come."""
        ends = trainer.should_stop or 0 <= trainer.max_steps <= trainer.global_step
        if ends and not is_last_batch(trainer):
            if step_waits(trainer, pl_module):
                log.warning("training ends before a step that gradients wait for: no checkpoint holds these")
            for logger in trainer.loggers:
                logger.save()  # that it can be told from what the end of this epoch logs
            self._has_ended = True
            self.save(trainer, Phase.BATCH)
            self._saved = (trainer.current_epoch + 1, *self._saved[1:])  # nor is there anything to save at the end

    @override
    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Writes the checkpoint of the whole training, from which a longer one can be resumed."""
        self._has_ended = True
        if trainer.current_epoch > self._saved[0]:
            self.save(trainer, Phase.EPOCH)

    @override
    def on_exception(self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException) -> None:
        """Keeps what there is beside the last checkpoint; of several ranks, the others may wait elsewhere."""
        self.signals.stop()
        wanted = self.signals.received is not None and not isinstance(exception, Exception)
        if not wanted and trainer.world_size == 1 and trainer.global_step > self._saved[1]:
            path = self.folder / f"{EXCEPTION}{SUFFIX}"
            try:
                trainer.save_checkpoint(path, weights_only=False)
            except Exception as second:  # noqa: BLE001  # logged; what is raised is the first
                log.warning("'%s' could not be written: %s", path, second)

    @override
    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        self.signals.stop()

    @property
    def path(self) -> Path:
        """The path of the last checkpoint."""
        return self.folder / f"{LAST}{SUFFIX}"

    def save(self, trainer: pl.Trainer, phase: Phase) -> None:
        """Writes `last.ckpt`, and keeps the one before. A collective call."""
        path = self.path
        self._phase = phase
        try:
            if trainer.is_global_zero:
                keep_previous(path)
            trainer.save_checkpoint(path, weights_only=False)
        finally:
            self._phase = self.mark = None
        self._note_saved(trainer)

    def wish(self, trainer: pl.Trainer) -> Wish:
        """The greatest wish of all ranks. A collective call."""
        own = Wish(self._is_due(trainer))
        if self.signals.received is not None:
            own = Wish.TERMINATE if self.signals.received is SIGTERM else Wish.INTERRUPT
        if trainer.world_size > 1:
            wish = torch.tensor(float(own), device=trainer.strategy.root_device)
            own = Wish(int(trainer.strategy.reduce(wish, reduce_op="max")))
        if own > Wish.SAVE and self.signals.received is None:
            self.signals.received = SIGTERM if own is Wish.TERMINATE else SIGINT
        return own

    def _is_due(self, trainer: pl.Trainer) -> bool:
        """Whether it is time for a checkpoint in the middle of the epoch."""
        _, step, at = self._saved
        if self._every_steps is not None and trainer.global_step - step >= self._every_steps:
            return True
        return self._every_seconds is not None and time.monotonic() - at >= self._every_seconds

    def _note_saved(self, trainer: pl.Trainer) -> None:
        self._saved = (trainer.current_epoch, trainer.global_step, time.monotonic())

    def _prepare(self, trainer: pl.Trainer, given: Any, loader: Any) -> Any:
        loader = given(loader)
        if trainer.state.fn != TrainerFn.FITTING or (self.pending is not None and self._schedules is None):
            return loader
        name = "train" if trainer.training else "val"
        number = next_epoch_number(trainer) if trainer.training else self.validations + (not trainer.sanity_checking)
        seed_by_epoch(loader, self._seed, trainer.global_rank, number)
        if self._loaded is not None and (name == "val" or self.pending is not None):
            self._loaded.prepare(trainer, loader, name)  # those of validation may be asked for epochs later
        elif name == "train":
            before = self._epoch["train"] if self._epoch is not None else []
            self._epoch = {"process": global_states(), "train": [*before, states(loader)], "val": [], "own": []}
        return loader
