"""The formats of a table: rows go in, a batch at a time, and a file comes out."""

import csv
import importlib.util
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from lighter.errors import RunError, listing, suggestion
from lighter.training.callbacks.cells import Column, Columns, Gathered, plain

CSV, PARQUET = "csv", "parquet"
SUFFIXES = {".csv": CSV, ".parquet": PARQUET, ".pq": PARQUET}
ROW_GROUP = 2**16


class Rows(Protocol):
    """A table file being written."""

    def write(self, columns: Columns) -> None:
        """Adds rows; all must have the same columns."""

    def close(self, whole: bool = True) -> None:
        """Ends the file; not `whole` if it is to be thrown away."""


def format_of(path: Path, format: str | None) -> str:
    """The format that was asked for, or that of the path's suffix.

    Raises ValueError where it is not known, and RunError where it takes a package that is not installed.
    """
    given = SUFFIXES.get(path.suffix.lower()) if format is None else format
    if given not in (CSV, PARQUET):
        fault = f"no table has the format {format!r}" if format else f"the suffix of '{path}' is of no known format"
        near = suggestion(str(given), (CSV, PARQUET), "write one of") if format else "write .csv or .parquet"
        raise ValueError(f"TableWriter: {fault}; {near}")
    if given == PARQUET and importlib.util.find_spec("pyarrow") is None:
        raise RunError(
            "TableWriter: Parquet is written with pyarrow, which is not installed; "
            "write 'pip install lighter[parquet]', or give a path that ends with .csv"
        )
    return given


def open_rows(format: str, path: Path) -> Rows:
    """A new file for rows."""
    return ParquetRows(path) if format == PARQUET else CsvRows(path)


class CsvRows:
    """A CSV file; a list in a cell is written as JSON."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file)
        self._has_header = False

    def write(self, columns: Columns) -> None:
        """Adds rows."""
        if not self._has_header:
            self._writer.writerow(columns)
            self._has_header = True
        self._writer.writerows(zip(*map(_texts, columns.values()), strict=True))

    def close(self, whole: bool = True) -> None:
        """Ends the file."""
        self._file.close()


class ParquetRows:
    """A Parquet file. The types of its columns are those of the first row group; a list in a cell is a list."""

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
        """Ends the file."""
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
                type = _nested(self._arrow.list_, self._arrow.from_numpy_dtype(arrays[0].dtype), arrays[0].ndim)
            return self._arrow.array([_value(one) for one in column], type)
        except (self._arrow.ArrowInvalid, self._arrow.ArrowTypeError, self._arrow.ArrowNotImplementedError) as error:
            kinds = sorted({one.__class__.__name__ for one in column})
            before = "" if type is None else f", and was {type} in the rows before"
            raise RunError(
                f"TableWriter: the column '{name}' holds {listing(kinds)}{before}; a Parquet column is of one kind: "
                "change it with transforms, or write a table that ends with .csv"
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


def _nested(list_of: Any, type: Any, depth: int) -> Any:
    for _ in range(depth):
        type = list_of(type)
    return type


def _value(value: Any) -> Any:
    """A cell as Parquet has it; a mapping, or a list with anything else than arrays in it, as JSON."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return json.dumps(value) if isinstance(value, dict | list) else value


def _texts(column: Column) -> Iterable[Any]:
    if isinstance(column, np.ndarray):
        return column.tolist() if column.ndim == 1 else map(json.dumps, column.tolist())
    return (json.dumps(plain(one)) if isinstance(one, np.ndarray | list | dict) else one for one in column)
