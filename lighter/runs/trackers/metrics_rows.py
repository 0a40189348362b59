"""The rows of `metrics.csv`: read, begun, and kept when a run is resumed."""

import csv
import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lighter.runs.folder import METRICS
from lighter.runs.plain_files import open_plain
from lighter.runs.whole_files import write_whole
from lighter.training.ranks import is_first


def rows_of(logger: Any) -> Path:
    """The file of a CSVLogger."""
    return Path(logger.log_dir) / METRICS


def header(path: Path) -> list[str]:
    """The names of the columns; none of a file that is not there or is none of a CSVLogger."""
    try:
        with _opened(path) as file:
            return next(csv.reader(file), [])
    except (OSError, csv.Error):
        return []


def whole_rows(path: Path) -> Iterator[list[str]]:
    """The cells of each row, below the names. Half a row at the end, as a killed run leaves it, is left out."""
    try:
        with _opened(path) as file:
            next(file, None)
            # Below the names are numbers alone, which nothing quotes: a CSV reader would take three times as long.
            yield from (line.rstrip("\r\n").split(",") for line in file if line.endswith("\n"))
    except OSError:
        return


def _opened(path: Path) -> io.TextIOWrapper:
    return io.TextIOWrapper(open_plain(path), encoding="utf-8", errors="replace", newline="")


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
    if "://" not in str(experiment.log_dir):
        from lighter.training.lightning_internals import put_columns_in_at_once

        put_columns_in_at_once(experiment)
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
