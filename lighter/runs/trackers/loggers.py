"""The loggers of a stage: those of the config, and in a fit `metrics.csv`, whose rows a resumed run keeps."""

import csv
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lighter.config.logger_schema import tracker_kind
from lighter.runs.folder import METRICS, RunDirectory
from lighter.runs.whole_files import write_whole
from lighter.training.ranks import is_first
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


def rows_of(logger: Any) -> Path:
    """The file of a CSVLogger."""
    return Path(logger.log_dir) / METRICS


def header(path: Path) -> list[str]:
    """The names of the columns; none of a file that is not there or is none of a CSVLogger."""
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            return next(csv.reader(file), [])
    except (OSError, csv.Error):
        return []


def whole_rows(path: Path) -> Iterator[list[str]]:
    """The cells of each row, below the names. Half a row at the end, as a killed run leaves it, is left out."""
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            next(file, None)
            # Below the names are numbers alone, which nothing quotes: a CSV reader would take three times as long.
            yield from (line.rstrip("\r\n").split(",") for line in file if line.endswith("\n"))
    except OSError:
        return


def begin_rows(logger: Any, keeps: bool = False) -> None:
    """Opens the file of a CSVLogger, which deletes the one that it finds; with `keeps` its rows stay."""
    path = rows_of(logger)
    aside = path.with_name(f".{path.name}.kept")
    keeps = keeps and is_first()
    if keeps and path.exists():
        path.replace(aside)
    with warnings.catch_warnings():
        # It warns that the folder is not empty; the folder is the run's own, and holds its config and log.
        warnings.simplefilter("ignore")
        experiment = logger.experiment
    if keeps and aside.exists():  # also one that was left by a process that was killed between these lines
        aside.replace(path)
        experiment.metrics_keys[:] = header(path)  # else it takes the first row's names for all there are


def count_rows(path: Path) -> int:
    """How many whole rows there are."""
    return max(path.read_bytes().count(b"\n") - 1, 0) if path.exists() else 0


def cut_rows(path: Path, count: int, step: int) -> None:
    """Drops what will be written again: of the rows after the first `count`, those of this step and later ones."""
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    names = header(path)
    after = [line for line in lines[count + 1 :] if _is_before(step, line, names)]
    if len(kept := [*lines[: count + 1], *after]) < len(lines):
        write_whole(path, b"".join(kept))


def _is_before(step: int, line: bytes, names: list[str]) -> bool:
    """Whether a row is whole and of an earlier step: the end of an epoch is logged after its checkpoint."""
    found = dict(zip(names, line.decode().rstrip("\r\n").split(","), strict=False)).get("step", "")
    return line.endswith(b"\n") and found.isdecimal() and int(found) < step
