"""Where one thing of a run has ended and the next has not begun: the only places from which it can go on exactly."""

from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Checkpoint
from pytorch_lightning.trainer.states import TrainerFn
from typing_extensions import override

from lighter.resuming.progress import Phase
from lighter.resuming.resume_point import ResumePoint, Wish
from lighter.resuming.states import States, captured
from lighter.system import System

__all__ = ["Boundaries"]


class Boundaries(Checkpoint):
    """Marks them for a ResumePoint, after all other callbacks, and puts back what the start of a run has changed."""

    def __init__(self, point: ResumePoint) -> None:
        self.point = point
        self._before_validation: States | None = None
        self._is_middle = False  # of an epoch that the checkpoint was written in

    @override
    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Goes to the place of the checkpoint."""
        if self.point.going_on is not None:
            self._is_middle = not self.point.going_on.is_at_start
            self.point.going_on.replay(trainer)

    @override
    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Marks the end of a batch where a checkpoint is wanted, and can be written before the next."""
        if self.point.wish(trainer) > Wish.NONE and _is_between(trainer, pl_module):
            self.point.mark = captured(trainer)

    @override
    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Notes the states to which a validation that is broken off goes back."""
        if trainer.state.fn != TrainerFn.FITTING or trainer.sanity_checking:
            return
        if self.point.going_on is not None:
            self.point.going_on.begin_validation(trainer, pl_module)
            self.point.going_on = None
        self._before_validation = captured(trainer)

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
        if asked and trainer.state.fn == TrainerFn.FITTING and not trainer.sanity_checking:
            self.point.mark = self._before_validation
            self.point.save(trainer, Phase.VALIDATION)
            raise self.point.signals.error()

    @override
    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Counts the validations."""
        self.point.validations += trainer.state.fn == TrainerFn.FITTING and not trainer.sanity_checking

    @override
    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Lets the schedulers that look at a value step: of an epoch that was resumed, Lightning leaves them out."""
        if self._is_middle:
            self._is_middle = False
            trainer.fit_loop._restarting = False  # noqa: SLF001  # what it goes by; its setter sets more


def _is_between(trainer: pl.Trainer, module: pl.LightningModule) -> bool:
    """Whether all of a batch is done with its end: no gradients wait for a step, no validation for its turn."""
    fit: Any = trainer.fit_loop
    loop = fit.epoch_loop
    if (
        isinstance(module, System)
        and module.turns is not None
        and not module.turns.is_between(loop.total_batch_idx + 1)
    ):
        return False
    waits = loop._should_accumulate() or loop._num_ready_batches_reached()  # noqa: SLF001  # Lightning's own answers
    return not (waits or loop._should_check_val_fx(fit._data_fetcher))  # noqa: SLF001  # as above
