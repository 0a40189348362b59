"""What a run gives to the Trainer where its config is silent: the run folder, a CSV log, checkpoints."""

import inspect
import sys
import warnings
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import pytorch_lightning as pl

from lighter.launches import started_by_torchrun
from lighter.run_directory import BEST, LAST, RunDirectory
from lighter.stages import Mode, Stage
from lighter.system import System

VAL_LOSS = "val/loss/epoch"

# What `complete` gives in place of what the config sets, with that in it.
_COMPLETED = ("callbacks", "devices", "logger")

__all__ = ["complete", "writes_predictions"]


def complete(
    trainer: "partial[pl.Trainer]", run: RunDirectory, stage: Stage, system: pl.LightningModule
) -> "partial[pl.Trainer]":
    """The Trainer's call with what it lacks; nothing that the config sets is touched."""
    given, lightning = trainer.keywords, _lightning(trainer.func)
    more: dict[str, Any] = {"default_root_dir": str(run.path)}
    if given.get("devices", "auto") == "auto":  # which for Lightning is one process where there is no GPU
        more |= started_by_torchrun()
    if given.get("logger", True) is True:
        more["logger"] = _csv_logger(run, lightning) if stage is Stage.FIT else False
    callbacks = _as_list(given.get("callbacks"))
    if stage is not Stage.FIT:
        more["enable_checkpointing"] = _any_of(callbacks, lightning.callbacks.Checkpoint)
    elif given.get("enable_checkpointing", True) and not _any_of(callbacks, lightning.callbacks.Checkpoint):
        more["callbacks"] = [*callbacks, *_checkpoints(run, lightning, callbacks, _validates(system))]
    if stage is Stage.PREDICT and isinstance(system, System) and not writes_predictions(callbacks):
        from lighter.callbacks import TableWriter

        more["callbacks"] = [*callbacks, TableWriter()]
    accepted = _accepted(trainer.func)
    kept = {name: value for name, value in more.items() if accepted is None or name in accepted}
    return partial(trainer.func, *trainer.args, **{**kept, **_set(given, kept)})


def writes_predictions(callbacks: Iterable[Any]) -> bool:
    """Whether one of the callbacks takes the predictions, so that Lightning need not keep them."""
    return any(
        isinstance(callback, pl.callbacks.BasePredictionWriter) or getattr(callback, "writes_predictions", False)
        for callback in callbacks
    )


def _validates(system: pl.LightningModule) -> bool:
    """Whether there is a val loss to go by, as far as Lighter knows the system."""
    return isinstance(system, System) and Mode.VAL in system.dataloaders


def _lightning(trainer: Any) -> Any:
    """The package that a Trainer is of: Lightning comes in two, and neither knows the classes of the other."""
    modules = [base.__module__ for base in getattr(trainer, "__mro__", ())]
    is_other = any(module.startswith("lightning.pytorch.") for module in modules)
    return sys.modules["lightning.pytorch"] if is_other else pl


def _csv_logger(run: RunDirectory, lightning: Any) -> Any:
    """`metrics.csv` in the run folder itself."""
    logger = lightning.loggers.CSVLogger(str(run.path), name=None, version="")
    with warnings.catch_warnings():
        # It warns that the folder is not empty; the folder is the run's own, and holds its config and log.
        warnings.simplefilter("ignore")
        _ = logger.experiment
    return logger


def _set(given: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """What the config sets, without what is in `more` already: `logger: true`, the callbacks."""
    return {name: value for name, value in given.items() if not (name in more and name in _COMPLETED)}


def _checkpoints(run: RunDirectory, lightning: Any, callbacks: list[Any], validates: bool) -> list[Any]:
    """`last`, kept also when the run is interrupted, and `best` by what the config watches, or the val loss."""
    folder, checkpoint = str(run.checkpoints), lightning.callbacks.ModelCheckpoint
    last = checkpoint(folder, LAST, enable_version_counter=False, save_on_exception=True)
    watched = next((c for c in callbacks if isinstance(c, lightning.callbacks.EarlyStopping)), None)
    if watched is None and not validates:
        return [last]
    monitor, mode = (watched.monitor, watched.mode) if watched is not None else (VAL_LOSS, "min")
    best = checkpoint(folder, BEST, monitor=monitor, mode=mode, enable_version_counter=False)
    return [best, last]  # of spawned ranks Lightning brings back the path of the first alone


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
