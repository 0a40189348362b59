"""A table that is there only when it is whole, written by one process or by several."""

import pickle
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from lighter.errors import RunError, listing
from lighter.training.callbacks.cells import Columns, Gathered, joined, length, picked
from lighter.training.callbacks.table_formats import Rows, open_rows

BUCKET = 2**12
_NUMBER = "\0number"  # the name of a column that no table has

Numbers: TypeAlias = np.ndarray[Any, Any]


class Spool:
    """The rows of one rank, put down in any order, to be read back in the order of the data.

    Each rank has a folder, with a file for each BUCKET of sample numbers. Reading takes a bucket of all ranks at a
    time, so that neither writing nor reading holds more than that in memory, whatever the order of the rows.
    """

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
            both = " and ".join(sorted({listing(header), listing(columns)}))
            raise RunError(f"TableWriter: the ranks have different columns, {both}; a table needs the same for all")


class TableFile:
    """The rows of one rank, beside the file that is to hold those of all ranks.

    One process whose samples come in the order of the data (`is_ordered`) writes the table itself, under another name
    until it is whole. Otherwise each rank puts its rows down, and the first writes the table in the end.
    """

    def __init__(self, final: Path, format: str, rank: int = 0, ranks: int = 1, is_ordered: bool = True) -> None:
        self.final = final
        self.rows = self.left_out = 0
        self._format, self._rank, self._ranks = format, rank, ranks
        self._header: list[str] | None = None
        self._remove_old()
        part = self._part(rank)
        self._is_direct = ranks == 1 and is_ordered
        self._written: Rows | Spool = open_rows(format, part) if self._is_direct else Spool(part)

    def add(self, columns: Columns, numbers: np.ndarray[Any, Any], loader: int) -> None:
        """Takes rows, and the number that each one's sample has in the data of its loader."""
        header = list(columns)
        if self._header is None:
            self._header = header
        elif header != self._header:
            raise RunError(
                f"TableWriter: the columns of this batch are {listing(header)}, "
                f"those of the batches before {listing(self._header)}; a table needs the same for all"
            )
        if isinstance(self._written, Spool):
            self._written.add(columns, numbers, loader)
        else:
            self._written.write(columns)
            self.rows += length(columns)

    def close(self) -> None:
        """Ends the writing of this rank."""
        self._written.close()

    def publish(self) -> None:
        """Gives the rows of all ranks their final name, all at once."""
        if self._is_direct:
            self._part(0).replace(self.final)
            return
        parts = [self._part(rank) for rank in range(self._ranks)]
        whole = self.final.with_name(f"{self.final.name}.part")
        written = open_rows(self._format, whole)
        is_whole = False
        try:
            for columns, left_out in in_order(parts):
                written.write(columns)
                self.rows += length(columns)
                self.left_out += left_out
            is_whole = True
        finally:
            written.close(is_whole)
            if not is_whole:
                whole.unlink()
        whole.replace(self.final)
        for part in parts:
            _remove(part)

    def discard(self) -> None:
        """Ends the writing of this rank, and leaves nothing of it."""
        self._written.close(whole=False)
        _remove(self._part(self._rank))

    def _remove_old(self) -> None:
        """Removes what a killed run may have left: that of this rank, and of those that are no more."""
        _remove(self._part(self._rank))
        if self._rank == 0:
            _remove(self.final.with_name(f"{self.final.name}.part"))
            for path in self.final.parent.glob(f"{_escaped(self.final.name)}.part[0-9]*"):
                number = path.name.rpartition(".part")[2]
                if number.isdecimal() and int(number) >= self._ranks:
                    _remove(path)

    def _part(self, rank: int) -> Path:
        return self.final.with_name(f"{self.final.name}.part{rank}")


def _escaped(name: str) -> str:
    """A name that glob takes as it is."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
