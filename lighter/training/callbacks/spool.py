"""Rows put down in any order, by several ranks, and read back in the order of the data.

Each rank has a folder, with a file for each BUCKET of sample numbers. Reading takes a bucket of all ranks at a time, so
that neither writing nor reading holds more than that in memory, whatever the order of the rows.
"""

import pickle
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from lighter.errors import RunError, listing
from lighter.training.callbacks.cells import Columns, Gathered, joined, picked

BUCKET = 2**12
_NUMBER = "\0number"  # the name of a column that no table has

Numbers: TypeAlias = np.ndarray[Any, Any]


class Spool:
    """The rows of one rank."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._gathered: defaultdict[int, Gathered] = defaultdict(lambda: Gathered(2 * BUCKET))
        folder.mkdir()

    def add(self, columns: Columns, numbers: Numbers, loader: int) -> None:
        """Takes rows, and the number that each one's sample has in the data of its loader."""
        if self._gathered[loader].add({**columns, _NUMBER: numbers}):
            self._put_down(loader)

    def close(self, whole: bool = True) -> None:
        """Puts down what is left, unless it is to be thrown away."""
        for loader in list(self._gathered) if whole else []:
            self._put_down(loader)

    def _put_down(self, loader: int) -> None:
        columns = self._gathered.pop(loader).take()
        numbers = np.asarray(columns.pop(_NUMBER))
        buckets = numbers // BUCKET
        for bucket in np.unique(buckets).tolist():
            rows = np.flatnonzero(buckets == bucket)
            with (self._folder / f"{loader:04}-{bucket:012}").open("ab") as file:
                pickle.dump((numbers[rows], picked(columns, rows)), file, pickle.HIGHEST_PROTOCOL)


def in_order(folders: Sequence[Path]) -> Iterator[tuple[Columns, int]]:
    """The rows of all ranks' folders, in the order of loaders and numbers, and how many rows were left out.

    A sample that several ranks have is taken from the first of them. Raises RunError where a folder is not there, or
    the ranks have different columns.
    """
    missing = [str(folder) for folder in folders if not folder.is_dir()]
    if missing:
        raise RunError(
            f"TableWriter: the rows of other ranks are not where this one looks ({listing(missing)}); "
            "give a path that all machines of the run share"
        )
    header: list[str] | None = None
    for name in sorted({path.name for folder in folders for path in folder.iterdir()}):
        pieces = [(rank, *piece) for rank, folder in enumerate(folders) for piece in _pieces(folder / name)]
        header = header or list(pieces[0][2])
        _check(header, (columns for _, _, columns in pieces))
        ranks = np.concatenate([np.full(len(numbers), rank) for rank, numbers, _ in pieces])
        rows = _first_of_each(np.concatenate([numbers for _, numbers, _ in pieces]), ranks)
        yield picked(joined([columns for _, _, columns in pieces]), rows), len(ranks) - len(rows)


def _pieces(path: Path) -> Iterator[tuple[Numbers, Columns]]:
    if not path.exists():
        return
    with path.open("rb") as file:
        while file.peek(1):
            yield pickle.load(file)  # noqa: S301  # this run has written it


def _first_of_each(numbers: Numbers, ranks: Numbers) -> Numbers:
    """The rows in the order of their numbers; where ranks share a number, those of the first rank alone."""
    order = np.lexsort((ranks, numbers))
    numbers, ranks = numbers[order], ranks[order]
    starts = np.flatnonzero(np.r_[True, numbers[1:] != numbers[:-1]])
    firsts = np.repeat(ranks[starts], np.diff(np.r_[starts, len(numbers)]))
    kept: Numbers = order[ranks == firsts]
    return kept


def _check(header: list[str], pieces: Iterable[Columns]) -> None:
    for columns in pieces:
        if list(columns) != header:
            told = " and ".join(sorted({listing(header), listing(columns)}))
            raise RunError(f"TableWriter: the ranks have different columns, {told}; a table needs the same for all")
