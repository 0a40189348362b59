"""A table that is there only when it is whole: its formats, and its rows, written by one process or by several."""

import csv
import glob
import importlib.util
import json
import pickle
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from lighter.errors import RunError, listing, suggestion
from lighter.training.callbacks.samples import Column, Columns, plain

CSV, PARQUET = "csv", "parquet"
SUFFIXES = {".csv": CSV, ".parquet": PARQUET, ".pq": PARQUET}
ROW_GROUP = 2**16
BUCKET = 2**12
_NUMBER = "\0number"  # the name of a column that no table has
# A file of a Spool. What a logger writes into the same folder has another name, and is not unpickled.
_BUCKET = re.compile(r"\d{4,}-\d{12,}")

Numbers: TypeAlias = np.ndarray[Any, Any]


class Gathered:
    """Rows that wait until there are enough of them: so many, or so many bytes."""

    def __init__(self, rows: int, size: int = 2**26) -> None:
        self._most_rows, self._most_bytes = rows, size
        self._pieces: list[Columns] = []
        self._rows = self._bytes = 0

    def add(self, columns: Columns) -> bool:
        """Takes rows; whether there are enough now."""
        self._pieces.append({name: _copy(column) for name, column in columns.items()})
        self._rows += length(columns)
        self._bytes += sum(map(_size, columns.values()))
        return self._rows >= self._most_rows or self._bytes >= self._most_bytes

    def take(self) -> Columns:
        """The rows so far, which are then no longer here."""
        columns = joined(self._pieces)
        self._pieces, self._rows, self._bytes = [], 0, 0
        return columns


def length(columns: Columns) -> int:
    """How many rows there are."""
    return len(next(iter(columns.values()), ()))


def joined(pieces: Sequence[Columns]) -> Columns:
    """The rows of several pieces of the same columns."""
    if len(pieces) == 1:
        return pieces[0]
    return {name: _joined([piece[name] for piece in pieces]) for name in (pieces[0] if pieces else ())}


def picked(columns: Columns, rows: np.ndarray[Any, Any]) -> Columns:
    """The rows at these places."""
    return {name: column[rows] if isinstance(column, np.ndarray) else [column[row] for row in rows.tolist()]
            for name, column in columns.items()}  # fmt: skip


def _joined(columns: Sequence[Column]) -> Column:
    arrays = [column for column in columns if isinstance(column, np.ndarray)]
    # Whole numbers in one batch and fractions in another stay what they were: a large one would lose digits.
    if len(arrays) == len(columns) and len({(column.shape[1:], column.dtype) for column in arrays}) == 1:
        return np.concatenate(arrays)
    listed: list[Any] = []
    for column in columns:
        listed += column.tolist() if isinstance(column, np.ndarray) and column.ndim == 1 else list(column)
    return listed


def _copy(column: Column) -> Column:
    # What waits must not hold a whole batch, nor change with a tensor that the model uses again.
    if isinstance(column, np.ndarray):
        return column.copy()
    return [one.copy() if isinstance(one, np.ndarray) else one for one in column]


def _size(column: Column) -> int:
    entries = [column] if isinstance(column, np.ndarray) else column
    return sum(one.nbytes if isinstance(one, np.ndarray) else sys.getsizeof(one) for one in entries)


class CsvRows:
    """A CSV file; a list in a cell is written as JSON."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file)
        self._has_header = False

    def write(self, columns: Columns) -> None:
        """Adds rows; all must have the same columns."""
        if not self._has_header:
            self._writer.writerow(columns)
            self._has_header = True
        self._writer.writerows(zip(*map(_texts, columns.values()), strict=True))

    def close(self, whole: bool = True) -> None:
        """Ends the file; not `whole` if it is to be thrown away."""
        self._file.close()


class ParquetRows:
    """A Parquet file. The types of its columns are those of the first row group; a list in a cell is a list."""

    package, extra = "pyarrow", "parquet"

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet

        self._arrow, self._parquet, self._path = pyarrow, pyarrow.parquet, path
        self._file: Any = None
        self._gathered = Gathered(ROW_GROUP)
        path.touch()

    def write(self, columns: Columns) -> None:
        """Adds rows. Raises RunError where a column is no longer of the kind that it was."""
        if self._gathered.add(columns):
            self._flush()

    def close(self, whole: bool = True) -> None:
        """Ends the file; not `whole` if it is to be thrown away."""
        try:
            if whole:
                self._flush()
        finally:
            if self._file is not None:
                self._file.close()

    def _flush(self) -> None:
        columns = self._gathered.take()
        if not columns and self._file is not None:
            return
        types = {} if self._file is None else dict(zip(self._file.schema.names, self._file.schema.types, strict=True))
        found = {name: self._column(name, column, types.get(name)) for name, column in columns.items()}
        table = self._arrow.table(found)
        if self._file is None:
            self._file = self._parquet.ParquetWriter(self._path, table.schema)
        self._file.write_table(table)

    def _column(self, name: str, column: Column, type: Any) -> Any:
        try:
            if isinstance(column, np.ndarray) and column.ndim > 1:
                return self._lists(column) if type is None else self._lists(column).cast(type)
            if isinstance(column, np.ndarray):
                return self._arrow.array(column, type)
            arrays = [one for one in column if isinstance(one, np.ndarray)]
            if type is None and arrays:  # an empty one has a type all the same
                type = self._arrow.from_numpy_dtype(arrays[0].dtype)
                for _ in range(arrays[0].ndim):
                    type = self._arrow.list_(type)
            return self._arrow.array([_value(one) for one in column], type)
        except (self._arrow.ArrowInvalid, self._arrow.ArrowNotImplementedError, TypeError) as error:
            kinds = sorted(_kinds(column))
            before = "" if type is None else f", and was {type} in the rows before"
            raise RunError(
                f"TableWriter: the column '{name}' holds {listing(kinds)}{before}; a Parquet column is of one kind: "
                "change it with transforms (complex: torch.view_as_real), or write a table that ends with .csv"
            ) from error

    def _lists(self, column: np.ndarray[Any, Any]) -> Any:
        """An array of several dimensions as lists of lists, without a copy for each row."""
        found = self._arrow.array(column.reshape(-1))
        rows = column.size
        for depth in range(column.ndim - 1, 0, -1):
            rows = int(np.prod(column.shape[:depth]))
            offsets = np.arange(rows + 1, dtype=np.int32) * column.shape[depth]
            found = self._arrow.ListArray.from_arrays(self._arrow.array(offsets), found)
        return found


def _value(value: Any) -> Any:
    """A cell as Parquet has it; a mapping, or a list with anything else than arrays in it, as JSON."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return json.dumps(value) if isinstance(value, dict | list) else value


def _kinds(value: Any) -> set[str]:
    """Of what the leaves of a column are."""
    if isinstance(value, list):
        return {kind for one in value for kind in _kinds(one)}
    return {str(value.dtype) if isinstance(value, np.ndarray) else type(value).__name__}


def _texts(column: Column) -> Iterable[Any]:
    if isinstance(column, np.ndarray):
        return column.tolist() if column.ndim == 1 else map(json.dumps, column.tolist())
    return (json.dumps(plain(one)) if isinstance(one, np.ndarray | list | dict) else one for one in column)


ROWS: Mapping[str, type[CsvRows | ParquetRows]] = {CSV: CsvRows, PARQUET: ParquetRows}


def format_of(path: Path, format: str | None) -> str:
    """The format that was asked for, or that of the path's suffix.

    Raises ValueError where it is not known, and RunError where it takes a package that is not installed.
    """
    given = SUFFIXES.get(path.suffix.lower()) if format is None else format
    if given is None or given not in ROWS:
        fault = f"no table has the format {format!r}" if format else f"the suffix of '{path}' is of no known format"
        near = suggestion(str(given), ROWS, "write one of") if format else "write .csv or .parquet"
        raise ValueError(f"TableWriter: {fault}; {near}")
    if given == PARQUET and importlib.util.find_spec("pyarrow") is None:
        raise RunError(
            "TableWriter: Parquet is written with pyarrow, which is not installed; "
            "write 'pip install lighter[parquet]', or give a path that ends with .csv"
        )
    return given


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
    there = {path.name for folder in folders for path in folder.iterdir()}
    for name in sorted(filter(_BUCKET.fullmatch, there)):
        pieces = [(rank, *piece) for rank, folder in enumerate(folders) for piece in _pieces(folder / name)]
        header = header or list(pieces[0][2])
        for other in (list(columns) for _, _, columns in pieces if list(columns) != header):
            both = " and ".join(sorted({listing(header), listing(other)}))
            raise RunError(f"TableWriter: the ranks have different columns, {both}; a table needs the same for all")
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
    _, starts, groups = np.unique(numbers[order], return_index=True, return_inverse=True)
    ranks = ranks[order]
    kept: Numbers = order[ranks == ranks[starts][groups]]
    return kept


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
        self._written: CsvRows | ParquetRows | Spool = ROWS[format](part) if self._is_direct else Spool(part)

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
        written = ROWS[self._format](whole)
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
            for path in self.final.parent.glob(f"{glob.escape(self.final.name)}.part[0-9]*"):
                number = path.name.rpartition(".part")[2]
                if number.isdecimal() and int(number) >= self._ranks:
                    _remove(path)

    def _part(self, rank: int) -> Path:
        return self.final.with_name(f"{self.final.name}.part{rank}")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
