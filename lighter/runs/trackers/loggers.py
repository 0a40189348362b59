"""The loggers of a stage: those of the config, and in a fit `metrics.csv`, whose rows a resumed run keeps."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lighter.config.logger_schema import tracker_kind
from lighter.runs.folder import RunDirectory
from lighter.runs.trackers.metrics_rows import begin_rows
from lighter.training.stages import Stage

# Lightning's loggers set these for the whole process.
_STORE, _MODE = "MLFLOW_TRACKING_URI", "WANDB_MODE"


@contextmanager
def closing_trackers() -> Iterator[None]:
    """Ends a run of Weights & Biases that was begun inside, as failed after an exception; forgets MLflow's store."""
    before = {name: os.environ.get(name) for name in (_STORE, _MODE)}
    running = _running()
    has_failed = True
    try:
        yield
        has_failed = False
    finally:
        if (mlflow := sys.modules.get("mlflow")) is not None and os.environ.get(_STORE) != before[_STORE]:
            mlflow.set_tracking_uri(before[_STORE])
        if (found := _running()) is not None and found is not running:
            found.finish(exit_code=int(has_failed))
        if (mode := before[_MODE]) is None:
            os.environ.pop(_MODE, None)
        else:
            os.environ[_MODE] = mode


def _running() -> Any:
    """The run that Weights & Biases has in this process; nothing is imported for it."""
    return getattr(sys.modules.get("wandb"), "run", None)


def stage_loggers(named: Any, run: RunDirectory, stage: Stage, package: Any, is_resumed: bool = False) -> Any:
    """What a Trainer gets as its `logger`, whatever the config names; `package` is the Lightning that it is of.

    A fit that `is_resumed` adds its rows to those that are there.
    """
    if not named:  # false, null or an empty list: nothing is logged
        return named
    loggers = [] if named is True else list(named) if isinstance(named, (list, tuple)) else [named]
    for logger in filter(_is_csv, loggers):
        begin_rows(logger, keeps=is_resumed)
    if stage is Stage.FIT and not any(is_of_run(logger, run) for logger in loggers):
        own = package.loggers.CSVLogger(str(run.path), name=None, version="")
        begin_rows(own, keeps=is_resumed)
        loggers.append(own)
    if named is True:
        return loggers[0] if loggers else False
    return loggers if isinstance(named, (list, tuple)) or len(loggers) > 1 else named


def is_of_run(logger: Any, run: RunDirectory) -> bool:
    """Whether a logger writes `metrics.csv` of the run folder itself."""
    return _is_csv(logger) and Path(logger.log_dir).resolve() == run.path.resolve()


def _is_csv(logger: Any) -> bool:
    return tracker_kind(type(logger)) == "CSVLogger"
