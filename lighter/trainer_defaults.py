"""What a run gives to the Trainer where its config is silent: the run folder, a CSV log, checkpoints."""

import inspect
import warnings
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Checkpoint, EarlyStopping, ModelCheckpoint
from pytorch_lightning.loggers import CSVLogger

from lighter.run_directory import BEST, LAST, RunDirectory
from lighter.stages import Mode, Stage
from lighter.system import System

VAL_LOSS = "val/loss/epoch"

__all__ = ["complete", "writes_predictions"]


def complete(
    trainer: "partial[pl.Trainer]", run: RunDirectory, stage: Stage, system: pl.LightningModule
) -> "partial[pl.Trainer]":
    """The Trainer's call with what it lacks; nothing that the config sets is touched."""
    given = trainer.keywords
    more: dict[str, Any] = {"default_root_dir": str(run.path)}
    if given.get("logger", True) is True:
        more["logger"] = _csv_logger(run) if stage is Stage.FIT else False
    callbacks = _as_list(given.get("callbacks"))
    if stage is not Stage.FIT:
        more["enable_checkpointing"] = _any_of(callbacks, Checkpoint)
    elif given.get("enable_checkpointing", True) and not _any_of(callbacks, Checkpoint):
        more["callbacks"] = [*callbacks, *_checkpoints(run, callbacks, _validates(system))]
    if stage is Stage.PREDICT and isinstance(system, System) and not writes_predictions(callbacks):
        from lighter.callbacks import TableWriter

        more["callbacks"] = [*callbacks, TableWriter()]
    accepted = _accepted(trainer.func)
    kept = {name: value for name, value in more.items() if accepted is None or name in accepted}
    return partial(trainer.func, *trainer.args, **{**kept, **_set(given, kept)})


def writes_predictions(callbacks: Iterable[Any]) -> bool:
    """Whether one of the callbacks takes the predictions, so that Lightning need not keep them."""
    return any(getattr(callback, "writes_predictions", False) for callback in callbacks)


def _validates(system: pl.LightningModule) -> bool:
    """Whether there is a val loss to go by, as far as Lighter knows the system."""
    return isinstance(system, System) and Mode.VAL in system.dataloaders


def _csv_logger(run: RunDirectory) -> CSVLogger:
    """`metrics.csv` in the run folder itself."""
    logger = CSVLogger(str(run.path), name=None, version="")
    with warnings.catch_warnings():
        # It warns that the folder is not empty; the folder is the run's own, and holds its config and log.
        warnings.simplefilter("ignore")
        _ = logger.experiment
    return logger


def _set(given: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """What the config sets, without `logger: true` and the callbacks, which are in `more` already."""
    return {name: value for name, value in given.items() if not (name in more and name in ("logger", "callbacks"))}


def _checkpoints(run: RunDirectory, callbacks: list[Any], validates: bool) -> list[ModelCheckpoint]:
    """`last`, kept also when the run is interrupted, and `best` by what the config watches, or the val loss."""
    folder = str(run.checkpoints)
    last = ModelCheckpoint(folder, LAST, enable_version_counter=False, save_on_exception=True)
    watched = next((c for c in callbacks if isinstance(c, EarlyStopping)), None)
    if watched is None and not validates:
        return [last]
    monitor, mode = (watched.monitor, watched.mode) if watched is not None else (VAL_LOSS, "min")
    return [last, ModelCheckpoint(folder, BEST, monitor=monitor, mode=mode, enable_version_counter=False)]


def _accepted(target: Any) -> frozenset[str] | None:
    """The argument names a trainer's class or factory takes; None when it takes any."""
    parameters = inspect.signature(target).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return None
    return frozenset(p.name for p in parameters)


def _as_list(callbacks: Any) -> list[Any]:
    return [] if callbacks is None else list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks]


def _any_of(callbacks: list[Any], kind: type) -> bool:
    return any(isinstance(callback, kind) for callback in callbacks)
