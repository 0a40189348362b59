"""Which checkpoints a training keeps, and by which value the best is chosen: written down as they come to be."""

from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Checkpoint
from typing_extensions import override

from lighter.runs.checkpoints import MONITORED
from lighter.runs.folder import AVERAGED, BEST, EXCEPTION, LAST, SUFFIX, RunDirectory
from lighter.training.lightning_internals import without_idle_hooks
from lighter.training.ranks import is_first


@without_idle_hooks
class CheckpointRecord(Checkpoint):
    """Writes down which checkpoint is the best as soon as it is another: a run that is killed has said it too."""

    def __init__(self, run: RunDirectory) -> None:
        self.run = run
        self._monitoring: list[Any] = []
        self._best: list[str] = []

    @override
    def on_train_start(self, trainer: pl.Trainer, *_: Any) -> None:
        self._monitoring = [one for one in trainer.checkpoint_callbacks if getattr(one, "monitor", None)]

    @override
    def on_train_batch_end(self, trainer: pl.Trainer, *_: Any, **__: Any) -> None:
        best = [one.best_model_path for one in self._monitoring]
        if best != self._best:
            self._best = best
            recorded(trainer, self.run)

    on_validation_end = on_train_epoch_end = on_train_batch_end


def record_monitored(trainer: pl.Trainer, run: RunDirectory) -> None:
    """Writes down by which value the best checkpoint is chosen, before training: a run that is killed has it too."""
    callbacks = [*reversed(trainer.checkpoint_callbacks), *trainer.callbacks]  # type: ignore[attr-defined]  # set by Lightning's connector
    chosen = next((one for one in callbacks if getattr(one, "monitor", None)), None)
    if chosen is not None and is_first():
        run.record(MONITORED, {"name": chosen.monitor, "mode": getattr(chosen, "mode", "min")})


def recorded(trainer: pl.Trainer, run: RunDirectory, start: Path | None = None) -> dict[str, str]:
    """Which checkpoints training has left; rank zero writes it down. Where nothing is monitored, none is the best.

    What nothing was left to do for ends with the checkpoint that it started from.
    """
    found: dict[str, str] = {}
    for callback in trainer.checkpoint_callbacks:
        best: Any = getattr(callback, "best_model_path", "")
        last: Any = getattr(callback, "last_model_path", "") or (best if Path(best).stem == LAST else "")
        is_monitoring = getattr(callback, "monitor", None)
        averaged = getattr(callback, "averaged_model_path", "")
        kept = {BEST: best if is_monitoring else "", LAST: last, AVERAGED: averaged}
        found |= {name: str(path) for name, path in kept.items() if path}
    left = [path for name in (LAST, EXCEPTION) if (path := run.checkpoints / f"{name}{SUFFIX}").exists()]
    if left or start:
        found.setdefault(LAST, str(left[0] if left else start))
    if trainer.is_global_zero:
        run.record_checkpoints(found)
    return found
