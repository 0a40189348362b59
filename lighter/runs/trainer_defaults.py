"""What a run gives to the Trainer where its config is silent: the run folder, a CSV log, checkpoints, the console."""

import inspect
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.utilities.model_helpers import is_overridden

from lighter.config.schema import WARN
from lighter.errors import RunError
from lighter.runs.folder import BEST, OWN, PREDICTIONS, RunDirectory
from lighter.runs.kept_checkpoints import CheckpointRecord
from lighter.runs.launches import started_by_torchrun
from lighter.runs.resume.checkpoint_boundaries import CheckpointBoundaries
from lighter.runs.resume.resume_point import ResumePoint
from lighter.runs.sweeps.pruning import reports_of
from lighter.runs.trackers.loggers import stage_loggers
from lighter.runs.trackers.tracking import Tracking
from lighter.training.lightnings import PACKAGES
from lighter.training.logged_name import VAL_LOSS
from lighter.training.stages import Mode, Stage
from lighter.training.system import System

# What `complete` gives in place of what the config sets, with that in it.
_COMPLETED = ("callbacks", "devices", "logger")


def complete(
    trainer: "partial[pl.Trainer]",
    run: RunDirectory,
    stage: Stage,
    system: pl.LightningModule,
    data: pl.LightningDataModule | None = None,
    *,
    tracking: Tracking | None = None,
    point: ResumePoint | None = None,
) -> "partial[pl.Trainer]":
    """The Trainer's call with what it lacks; nothing that the config sets is touched.

    Raises RunError for predictions that would be written over what the run itself writes.
    """
    given, lightning = trainer.keywords, lightning_of(trainer.func)
    more: dict[str, Any] = {"default_root_dir": str(run.path)}
    if given.get("devices", "auto") == "auto":  # which for Lightning is one process where there is no GPU
        more |= started_by_torchrun()
    is_resumed = tracking is not None and tracking.is_resumed
    loggers = stage_loggers(given.get("logger", not given.get("barebones")), run, stage, lightning, is_resumed)
    if loggers is not given.get("logger"):
        more["logger"] = loggers
    callbacks = as_list(given.get("callbacks"))
    _refuse_own(callbacks, Path(given.get("default_root_dir") or run.path), run)
    if stage is not Stage.FIT:
        more["enable_checkpointing"] = _any_of(callbacks, lightning.callbacks.Checkpoint)
    elif _checkpoints_wanted(given):
        has_own = _any_of(callbacks, lightning.callbacks.Checkpoint)
        best = [] if has_own else _best(run, lightning, callbacks, system, data)
        for callback in callbacks:  # one that names no folder: Lightning's choice is the first tracker's
            if isinstance(callback, lightning.callbacks.ModelCheckpoint) and callback.dirpath is None:
                callback.dirpath = str(run.checkpoints.absolute())
        inner = [*callbacks, *best, *reports_of(run.path)]
        inner += [CheckpointRecord(run)] if _any_of(inner, lightning.callbacks.ModelCheckpoint) else []
        more["callbacks"] = [point, *inner, CheckpointBoundaries(point)] if point is not None else inner
        if lightning is not pl:  # which takes these for callbacks, but not for what writes checkpoints
            more["enable_checkpointing"] = _any_of(inner, lightning.callbacks.Checkpoint)
    if stage is Stage.PREDICT and not writes_predictions(callbacks):
        from lighter.callbacks import TableWriter

        more["callbacks"] = [*callbacks, TableWriter()]
    if tracking is not None and loggers:
        more["callbacks"] = [*more.get("callbacks", callbacks), tracking.callback(as_list(loggers))]
    accepted = inspect.signature(trainer.func).parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in accepted.values())
    kept = {name: value for name, value in more.items() if takes_any or name in accepted}
    own = {name: value for name, value in given.items() if not (name in kept and name in _COMPLETED)}
    return partial(trainer.func, *trainer.args, **{**kept, **own})


def _refuse_own(callbacks: Iterable[Any], root: Path, run: RunDirectory) -> None:
    """Raises RunError where predictions would be written over what the run itself writes."""
    for callback in callbacks:
        path = getattr(callback, "path", None)
        if not getattr(callback, "writes_predictions", False) or not isinstance(path, Path):
            continue
        inside = Path(os.path.relpath(root / path, run.path))
        if not OWN.isdisjoint(inside.parts[:1]):
            told = f"{type(callback).__name__}: the path '{path}' is of what the run itself writes"
            raise RunError(f"{told}; write another, such as path: {Path(PREDICTIONS, path.name)}")


def writes_predictions(callbacks: Iterable[Any]) -> bool:
    """Whether one of the callbacks takes the predictions, so that Lightning need not keep them."""
    return any(
        isinstance(callback, pl.callbacks.BasePredictionWriter) or getattr(callback, "writes_predictions", False)
        for callback in callbacks
    )


def _validates(system: pl.LightningModule, data: pl.LightningDataModule | None) -> bool:
    """Whether there is a val loss to go by, as far as Lighter knows the system."""
    if data is not None and is_overridden("val_dataloader", data, lightning_of(type(data)).LightningDataModule):
        return isinstance(system, System)
    return isinstance(system, System) and Mode.VAL in system.dataloaders


def lightning_of(trainer: Any) -> Any:
    """The package that a Trainer is of: Lightning comes in two, and neither knows the classes of the other."""
    modules = [base.__module__ for base in getattr(trainer, "__mro__", ())]
    other = PACKAGES[1]
    return sys.modules[other] if any(module.startswith(f"{other}.") for module in modules) else pl


def _checkpoints_wanted(given: Mapping[str, Any]) -> bool:
    """Whether checkpoints are written: not by a Trainer that only shows that all runs."""
    return given.get("enable_checkpointing") is not False and not (given.get("fast_dev_run") or given.get("barebones"))


def _best(
    run: RunDirectory,
    lightning: Any,
    callbacks: list[Any],
    system: pl.LightningModule,
    data: pl.LightningDataModule | None,
) -> list[Any]:
    """The best checkpoint by what the config watches, or the val loss; none where neither is known."""
    watched = next((c for c in callbacks if isinstance(c, lightning.callbacks.EarlyStopping)), None)
    if watched is None and not _validates(system, data):
        return []
    monitor, mode = (watched.monitor, watched.mode) if watched is not None else (VAL_LOSS, "min")
    folder, checkpoint = str(run.checkpoints), lightning.callbacks.ModelCheckpoint
    return [checkpoint(folder, BEST, monitor=monitor, mode=mode, enable_version_counter=False)]


def as_list(callbacks: Any) -> list[Any]:
    """A list, one alone or none, as a list."""
    return [] if callbacks is None else list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks]


def _any_of(callbacks: list[Any], kind: type) -> bool:
    return any(isinstance(callback, kind) for callback in callbacks)


def with_console(trainer: "partial[Any]", log: Path, secrets: Sequence[str] = (), on_nan: str = WARN) -> "partial[Any]":
    """The Trainer's call with a progress bar and an overview where nothing is set of either, and a word of faults.

    The log of a process that is spawned has stars in the place of these secrets.
    """
    given, parameters = trainer.keywords, inspect.signature(trainer.func).parameters
    if "callbacks" not in parameters or given.get("barebones"):
        return trainer
    from lighter.runs.console.overview import Overview
    from lighter.runs.console.progress import progress_bar
    from lighter.runs.console.silent_faults import SilentFaults

    lightning = lightning_of(trainer.func)
    callbacks = as_list(given.get("callbacks"))
    more: dict[str, Any] = {}
    counts = _is_open("enable_model_summary", given, parameters, callbacks, lightning.callbacks.ModelSummary)
    if counts:
        more["enable_model_summary"] = False
    if _is_open("enable_progress_bar", given, parameters, callbacks, lightning.callbacks.ProgressBar, or_true=True):
        callbacks = [*callbacks, progress_bar(lightning.__name__)]
    more["callbacks"] = [*callbacks, SilentFaults(on_nan), Overview(log, secrets, counts_parameters=counts)]
    return partial(trainer.func, *trainer.args, **{**given, **more})


def _is_open(
    flag: str, given: Any, parameters: Any, callbacks: list[Any], kind: type, *, or_true: bool = False
) -> bool:
    """Whether neither the flag nor a callback of this kind is set, and the Trainer's class does not settle it."""
    wanted = (None, True) if or_true else (None,)
    if flag not in parameters or _any_of(callbacks, kind):
        return False
    return given.get(flag) in wanted and parameters[flag].default in (None, True)
