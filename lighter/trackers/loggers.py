"""The loggers of a stage: those of the config first, and `metrics.csv` of a fit in any case."""

from pathlib import Path
from typing import Any

from lighter.config.logger_schema import tracker_kind
from lighter.run_directory import RunDirectory
from lighter.trackers.rows import begin_rows
from lighter.training.stages import Stage

__all__ = ["is_of_run", "stage_loggers"]


def stage_loggers(named: Any, run: RunDirectory, stage: Stage, package: Any, goes_on: bool = False) -> Any:
    """What a Trainer gets as its `logger`, whatever the config names; `package` is the Lightning that it is of.

    A fit that `goes_on` adds its rows to those that are there.
    """
    if not named:  # false, null or an empty list: nothing is logged
        return named
    loggers = [] if named is True else list(named) if isinstance(named, (list, tuple)) else [named]
    for logger in filter(_is_csv, loggers):
        begin_rows(logger, keeps=goes_on)
    if stage is Stage.FIT and not any(is_of_run(logger, run) for logger in loggers):
        own = package.loggers.CSVLogger(str(run.path), name=None, version="")
        begin_rows(own, keeps=goes_on)
        loggers.append(own)
    if named is True:
        return loggers[0] if loggers else False
    return loggers if isinstance(named, (list, tuple)) or len(loggers) > 1 else named


def is_of_run(logger: Any, run: RunDirectory) -> bool:
    """Whether a logger writes `metrics.csv` of the run folder itself."""
    return _is_csv(logger) and Path(logger.log_dir).resolve() == run.path.resolve()


def _is_csv(logger: Any) -> bool:
    return tracker_kind(type(logger)) == "CSVLogger"
