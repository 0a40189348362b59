"""Where one thing of a run has ended and the next has not begun: the only places from which it resumes exactly."""

from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Checkpoint
from pytorch_lightning.trainer.states import TrainerFn
from typing_extensions import override

from lighter.runs.resume.lightning_loops import Phase
from lighter.runs.resume.restoring import States, captured, step_waits
from lighter.runs.resume.resume_point import ResumePoint, Wish
from lighter.training.lightning_internals import (
    count_epoch_as_whole,
    is_last_batch,
    validates_now,
    without_idle_hooks,
)
from lighter.training.lightnings import within
from lighter.training.system import System

# Of Lightning's own callbacks, averages of weights are what acts when a validation begins, and is not named here.
_HARMLESS = ("lighter.", *within("callbacks.progress"), *within("callbacks.device_stats_monitor"))


@without_idle_hooks
class CheckpointBoundaries(Checkpoint):
    """Marks them for a ResumePoint, after all other callbacks, and puts back what the start of a run has changed."""

    def __init__(self, point: ResumePoint) -> None:
        self.point = point
        self._before_validation: States | None = None
        self._is_middle = False  # of an epoch that the checkpoint was written in

    @property
    def last_model_path(self) -> str:
        """The last checkpoint, as other callbacks of this kind say it; empty where there is none yet."""
        path = self.point.path
        return str(path) if path.exists() else ""

    @property
    def best_model_path(self) -> str:
        """The same, for who asks the Trainer's first callback of this kind where nothing says what is best."""
        return self.last_model_path

    @best_model_path.setter
    def best_model_path(self, path: str) -> None:
        """Nothing: what Lightning brings back of a spawned rank, the file itself says."""

    @property
    def averaged_model_path(self) -> str:
        """The same, where it holds averages of the weights that no other checkpoint has."""
        return self.last_model_path if self.point.has_averages else ""

    @override
    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Fast-forwards to the place of the checkpoint."""
        if self.point.pending is not None:
            self._is_middle = not self.point.pending.is_at_start
            self.point.pending.fast_forward(trainer)

    @override
    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Marks the end of a batch where a checkpoint is wanted, and can be written before the next."""
        is_validated = validates_now(trainer)
        if is_validated:  # before its iterators are made, which is before any hook of it
            self._before_validation = captured(trainer)
        if self.point.wish(trainer) == Wish.NONE or is_validated or is_last_batch(trainer):
            return
        if not step_waits(trainer, pl_module):
            self.point.mark = captured(trainer)

    @override
    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Resumes the epoch of a validation that was broken off."""
        if self.point.pending is not None and not trainer.sanity_checking:
            self.point.pending.begin_batch(pl_module)
            self.point.pending = None

    @override
    def on_validation_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Breaks a validation off; of several ranks, which may have more or fewer batches, all end it first."""
        asked = self.point.signals.received is not None and trainer.world_size == 1
        if asked and trainer.state.fn == TrainerFn.FITTING and not _may_swap_weights(trainer, pl_module):
            self.point.mark = self._before_validation
            self.point.save(trainer, Phase.VALIDATION)
            raise self.point.signals.error()

    @override
    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.point.validations += trainer.state.fn == TrainerFn.FITTING and not trainer.sanity_checking

    @override
    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Lets the schedulers that look at a value step: of an epoch that was resumed, Lightning leaves them out."""
        if self._is_middle:
            self._is_middle = False
            count_epoch_as_whole(trainer)


def _may_swap_weights(trainer: pl.Trainer, module: pl.LightningModule) -> bool:
    """Whether something of the user's begins a validation too: it may have put averages in the weights' place."""
    for hook in ("on_validation_start", "on_validation_epoch_start"):
        callbacks: list[Any] = trainer.callbacks  # type: ignore[attr-defined]  # set by Lightning's connector
        acting = [type(one) for one in callbacks if getattr(type(one), hook) is not getattr(pl.Callback, hook)]
        if not all(kind.__module__.startswith(_HARMLESS) for kind in acting):
            return True
        own = getattr(type(module), hook)
        if own not in {getattr(System, hook), getattr(pl.LightningModule, hook)}:
            return True
    return False
