"""The rows of a `metrics.csv`: kept when a run goes on, up to those that its checkpoint knows of."""

import csv
import warnings
from pathlib import Path
from typing import Any

from lighter.runs.folder import METRICS
from lighter.runs.whole_files import write_whole
from lighter.training.ranks import is_first


def rows_of(logger: Any) -> Path:
    """The file of a CSVLogger."""
    return Path(logger.log_dir) / METRICS


def begin_rows(logger: Any, keeps: bool = False) -> None:
    """Begins the file of a CSVLogger, which deletes the one that it finds; with `keeps` it stays and goes on."""
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
        experiment.metrics_keys[:] = _header(path)  # else it takes the first row's names for all there are


def count_rows(path: Path) -> int:
    """How many whole rows there are."""
    return max(path.read_bytes().count(b"\n") - 1, 0) if path.exists() else 0


def cut_rows(path: Path, count: int, step: int) -> None:
    """Drops what will be written again: of the rows after the first `count`, those of this step and later ones."""
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    header = _header(path) if lines else []
    after = [line for line in lines[count + 1 :] if _is_before(step, line, header)]
    if len(kept := [*lines[: count + 1], *after]) < len(lines):
        write_whole(path, b"".join(kept))


def _is_before(step: int, line: bytes, header: list[str]) -> bool:
    """Whether a row is whole and of an earlier step: the end of an epoch is logged after its checkpoint."""
    values = next(csv.reader([line.decode()]), [])
    found = dict(zip(header, values, strict=False)).get("step", "")
    return line.endswith(b"\n") and found.isdecimal() and int(found) < step


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file), [])
