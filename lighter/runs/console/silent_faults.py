"""What goes wrong in a run without an error, told when it does: a loss that is not finite, data that end too soon."""

import logging
import math
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor
from typing_extensions import override

from lighter.config.schema import SKIP, STOP, WARN
from lighter.errors import RunError
from lighter.training.lightning_internals import is_logging_step, logged_step, watch_logged, without_idle_hooks
from lighter.training.stages import Stage
from lighter.training.system import System

_CURE = "lower the learning rate, clip gradients (trainer::gradient_clip_val=1), or look for NaN in the data"

log = logging.getLogger("lighter")


@without_idle_hooks
class SilentFaults(pl.Callback):
    """Looks at what is logged, which is read from the device for that anyway, and at the length of each epoch.

    `on_nan`, of a fit whose loss is not finite: `warn` says so; `stop` also ends it, and no checkpoint of weights that
    are not finite is written; `skip` also skips the optimizer's step wherever a gradient is not finite, for which it
    reads from the device at each.
    """

    def __init__(self, on_nan: str = WARN) -> None:
        self.on_nan = on_nan
        self._lost: set[str] = set()  # the losses that were not finite when they were last logged
        self._stage = Stage.FIT
        self._has_skipped = self._is_short = False
        if on_nan != SKIP:
            self.on_before_optimizer_step = None  # type: ignore[assignment,method-assign]  # as the idle hooks

    @override
    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Sees what is logged from here on."""
        self._stage = Stage(stage)
        watch_logged(trainer, partial(self._look, trainer))
        if isinstance(pl_module, System):  # which logs its losses; of a module of the user's own, they may have no name
            self.on_train_batch_end = None  # type: ignore[assignment,method-assign]  # as the idle hooks

    @override
    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Looks at the loss of a training step as well."""
        loss = outputs.get("loss") if isinstance(outputs, Mapping) else outputs
        if isinstance(loss, Tensor) and is_logging_step(trainer):
            self._look(trainer, {**trainer.callback_metrics, "loss": loss.detach()})

    @override
    def on_before_optimizer_step(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: torch.optim.Optimizer
    ) -> None:
        """Skips the step: what has no gradient is not moved, by momentum neither. A collective call."""
        held = [one for group in optimizer.param_groups for one in group["params"] if one.grad is not None]
        if trainer.strategy.reduce_boolean_decision(_are_finite(one.grad for one in held)):
            return
        for one in held:
            one.grad = None
        if not self._has_skipped and trainer.is_global_zero:
            log.warning(
                "run::on_nan=skip: no optimizer step in %s: gradients are NaN or infinite; so with later ones",
                _now(trainer),
            )
        self._has_skipped = True

    @override
    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Tells of an epoch that ended before its loader's length: Lightning leaves out what comes at its end."""
        total, done = trainer.num_training_batches, trainer.fit_loop.epoch_loop.batch_progress.current.ready
        is_asked = trainer.should_stop or 0 <= trainer.max_steps <= trainer.global_step
        callbacks: list[Any] = trainer.callbacks  # type: ignore[attr-defined]  # set by Lightning's connector
        # StochasticWeightAveraging adds a batch that is not there while it measures what BatchNorm needs.
        is_asked = is_asked or any(getattr(one, "momenta", None) for one in callbacks)
        if done < total < math.inf and not (is_asked or self._is_short) and trainer.is_global_zero:
            self._is_short = True
            log.warning(
                "epoch %d ended after %d batches, and the length of the train loader is %d: what comes after that many "
                "is left out, as the validation, the best checkpoint and the step of a scheduler; mend the loader's "
                "length, or write trainer::limit_train_batches=%d",
                *(trainer.current_epoch + 1, done, total, done),
            )

    @override
    def on_save_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Lets the last good checkpoint be the last, where a run is to stop."""
        if self.on_nan == STOP and not _are_finite(pl_module.parameters()):
            raise RunError(f"the weights are no longer finite in {_now(trainer)}; {_CURE}")

    def _look(self, trainer: pl.Trainer, values: Mapping[str, Any]) -> None:
        if trainer.sanity_checking or not trainer.is_global_zero:
            return
        losses = {name: float(value) for name, value in values.items() if "loss" in name.lower()}
        lost = {name: value for name, value in losses.items() if not math.isfinite(value)}
        if lost and not self._lost:
            which = ", ".join(f"{name} is {value}" for name, value in lost.items())
            told = f"{self._stage}: the loss is no longer finite in {_now(trainer)}: {which}; {_CURE}"
            if self.on_nan == STOP and self._stage is Stage.FIT:
                raise RunError(told)
            log.warning(told)
        self._lost = (self._lost - losses.keys()) | lost.keys()


def _now(trainer: pl.Trainer) -> str:
    return f"epoch {trainer.current_epoch + 1}, step {logged_step(trainer)}"


def _are_finite(tensors: Iterable[Tensor]) -> bool:
    found = [one.detach().isfinite().all() for one in tensors]
    return not found or bool(torch.stack(found).all())
