"""Rows of a table, held by column: joined, picked, and gathered until there are enough to write."""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from lighter.callbacks.cells import Column, Columns

__all__ = ["Gathered", "joined", "length", "picked"]


class Gathered:
    """Rows that wait until there are enough of them: so many, or so many bytes."""

    def __init__(self, rows: int, size: int = 2**26) -> None:
        self._most_rows, self._most_bytes = rows, size
        self._pieces: list[Columns] = []
        self._rows = self._bytes = 0

    def add(self, columns: Columns) -> bool:
        """Takes rows; whether there are enough now."""
        # A copy: what waits must not hold a whole batch, nor change with a tensor that the model uses again.
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
    if isinstance(column, np.ndarray):
        return column.copy()
    return [one.copy() if isinstance(one, np.ndarray) else one for one in column]


def _size(column: Column) -> int:
    if isinstance(column, np.ndarray):
        return column.nbytes
    return sum(one.nbytes if isinstance(one, np.ndarray) else sys.getsizeof(one) for one in column)
