"""Which run each tracker has made of a run: written down, so that a run that goes on is tracked there."""

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from lighter.config.logger_schema import tracker_kind
from lighter.runs.folder import TRACKERS, RunDirectory
from lighter.runs.trackers.hyperparameters import log_hyperparameters
from lighter.runs.whole_files import write_whole

KIND = "kind"
_LOCAL = ("sqlite:", "file:")  # other addresses may hold a password

Record: TypeAlias = Mapping[str, Mapping[str, Any]]  # place in the config -> kind, and arguments to find it again


def recorded_trackers(run: RunDirectory) -> dict[str, dict[str, Any]]:
    """What was written down of each logger by its place in the config: its kind, and what makes it go on."""
    path = run.path / TRACKERS
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def write_trackers(run: RunDirectory, record: Record) -> None:
    """Writes all of them down, whole."""
    write_whole(run.path / TRACKERS, json.dumps(record, indent=2) + "\n")


def identity(logger: Any) -> dict[str, Any] | None:
    """What makes another logger go on with the run of this one, by argument; None where that is not known.

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
