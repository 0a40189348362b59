"""What each kind of logger is given, and what makes another one resume its run: how W&B and MLflow differ."""

import os
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

from lighter.config.logger_schema import tracker_kind
from lighter.runs.folder import TENSORBOARD
from lighter.runs.trackers.record import KIND, Setting, log_hyperparameters
from lighter.training.stages import Stage

Arguments: TypeAlias = dict[str, Any]


_LOCAL = ("sqlite:", "file:")  # other addresses may hold a password
_NO_TELEMETRY = "MLFLOW_DISABLE_TELEMETRY"


def arguments_of(kind: str | None, own: Collection[str], known: Mapping[str, Any], setting: Setting) -> Arguments:
    """The arguments for a logger of a kind whose config sets `own`; `known` is what the record has of it."""
    make = _KINDS.get(kind or "")
    proposed = make(own, known, setting) if make is not None else {}
    return {name: value for name, value in proposed.items() if name not in own}


def _csv(own: Collection[str], known: Mapping[str, Any], setting: Setting) -> Arguments:
    """`metrics.csv` of the run itself; another stage has its own, for the logger begins its file anew."""
    is_fit = setting.stage is Stage.FIT
    if "save_dir" not in own:
        return {"save_dir": str(setting.run.path), "name": None, "version": "" if is_fit else str(setting.stage)}
    return {"version": known["version"]} if is_fit and "version" in known else {}


def _tensorboard(own: Collection[str], known: Mapping[str, Any], setting: Setting) -> Arguments:
    """One folder without versions; what was written after the checkpoint is purged by those who read it."""
    purge = {} if setting.step is None else {"purge_step": setting.step}
    if "save_dir" not in own:
        return {"save_dir": str(setting.run.path / TENSORBOARD), "name": "", "version": "", **purge}
    return {**({"version": known["version"]} if "version" in known else {}), **purge}


def _mlflow(own: Collection[str], known: Mapping[str, Any], setting: Setting) -> Arguments:
    """The store that MLflow itself would open: Lightning's default is one that MLflow 3 refuses."""
    usual = _usual_store()  # in any case, for MLflow is to be imported here
    store = {} if {"tracking_uri", "save_dir"} & {*own} else {"tracking_uri": known.get("tracking_uri") or usual}
    again = {"run_id": known["run_id"]} if "run_id" in known else {}
    return {"experiment_name": setting.name, "run_name": setting.run.path.name, **store, **again}


def _wandb(own: Collection[str], known: Mapping[str, Any], setting: Setting) -> Arguments:
    if "experiment" in own:
        return {}
    project = known.get("project") or os.environ.get("WANDB_PROJECT") or re.sub(r"[/\\#?%:]", "-", setting.name)
    folder = {} if "dir" in own else {"save_dir": str(setting.run.path)}
    again = {"id": known["id"]} if "id" in known and "version" not in own else {}
    return {"name": setting.run.path.name, "project": project, **folder, **again}


_KINDS: dict[str, Callable[[Collection[str], Mapping[str, Any], Setting], Arguments]] = {
    "CSVLogger": _csv,
    "MLFlowLogger": _mlflow,
    "TensorBoardLogger": _tensorboard,
    "WandbLogger": _wandb,
}


def _usual_store() -> str:
    """What `mlflow ui` opens in this folder, or what the environment names."""
    is_silent = _NO_TELEMETRY in os.environ
    # MLflow reads it when it is imported, and else sends to its makers what is done with it.
    os.environ.setdefault(_NO_TELEMETRY, "true")
    try:
        import mlflow
    except ImportError:
        return ""  # Lightning says what to install
    finally:
        if not is_silent:
            del os.environ[_NO_TELEMETRY]
    found: str = mlflow.get_tracking_uri()
    return found


def identity(logger: Any) -> dict[str, Any] | None:
    """What makes another logger resume the run of this one, by argument; None where that is not known.

    Makes the tracker's run if it does not exist yet.
    """
    kind = tracker_kind(type(logger))
    if kind in ("CSVLogger", "TensorBoardLogger"):
        return {KIND: kind, "version": logger.version}
    if kind == "MLFlowLogger":
        store = str(logger.experiment.tracking_uri)
        return {KIND: kind, "run_id": logger.run_id, **({"tracking_uri": store} if store.startswith(_LOCAL) else {})}
    if kind == "WandbLogger":
        _ = logger.experiment
        return {KIND: kind, "id": logger.version, "project": logger.name}
    return None


def reopen(logger: Any, parameters: Mapping[str, Any]) -> None:
    """Lets a tracker's run be told as running again, with what it may have lost of its hyperparameters."""
    kind = tracker_kind(type(logger))
    if kind == "MLFlowLogger":
        logger.experiment.update_run(logger.run_id, "RUNNING")
    elif kind == "WandbLogger":  # it writes every some seconds: a killed run may have left nothing
        log_hyperparameters(logger, parameters)
