"""Values of a batch as the columns of a table."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from lighter.errors import RunError
from lighter.training.callbacks.samples import Lists, array, is_several, parts, uneven

# An entry a row: numbers as an array, whose further dimensions are lists in a cell; anything else as a list.
Column: TypeAlias = np.ndarray[Any, Any] | list[Any]
Columns: TypeAlias = dict[str, Column]

LIMIT = 64  # numbers of one sample that get a column each; more of them are a list in one cell


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


def cells(values: Mapping[str, Any], count: int, lists: Lists) -> Columns:
    """The columns that the values of a batch of `count` samples make.

    A number a sample is one column; a vector or a tuple of outputs is `name_0`, `name_1` and so on, a mapping
    `name_key`. More than LIMIT numbers, and what has no fixed length, are a list in one cell.
    Raises RunError where a value does not have one entry a sample, or two make columns of one name.
    """
    found: Columns = {}
    for name, value in values.items():
        for key, column in _columns(name, value, count, lists):
            if key in found:
                raise RunError(f"{lists.asker}: two columns are called '{key}'; give one of them another name")
            found[key] = column
    return found


def plain(value: Any) -> Any:
    """A value of Python's own types alone, as JSON has them: arrays and tensors as lists."""
    if isinstance(value, Tensor | np.ndarray | np.generic):
        return array(value).tolist()
    found = parts(value)
    if found is not None:
        return {str(key): plain(one) for key, one in found.items()}
    if is_several(value):
        return [plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _columns(name: str, value: Any, count: int, lists: Lists) -> Iterator[tuple[str, Column]]:
    found = parts(value)
    if found is not None:
        for part, one in found.items():
            yield from _columns(f"{name}_{part}", one, count, lists)
    elif isinstance(value, Tensor | np.ndarray):
        yield from _of_numbers(name, array(value), count, lists)
    elif not is_several(value):
        yield name, [value] * count
    elif lists.holds_outputs(name, value, count):
        for index, one in enumerate(value):
            yield from _columns(f"{name}_{index}", one, count, lists)
    else:
        yield from _of_samples(name, value)


def _of_numbers(name: str, value: np.ndarray[Any, Any], count: int, lists: Lists) -> Iterator[tuple[str, Column]]:
    if value.ndim == 0:
        yield name, np.full(count, value)
        return
    if len(value) != count:
        raise uneven(lists.asker, name, value, count)
    width = int(np.prod(value.shape[1:]))
    if width == 1:
        yield name, _listed(value.reshape(count))
    elif value.ndim == 2 and 0 < width <= LIMIT:
        for index in range(width):
            yield f"{name}_{index}", _listed(value[:, index])
    else:
        yield name, _listed(value)


def _of_samples(name: str, samples: Sequence[Any]) -> Iterator[tuple[str, Column]]:
    """The columns of a list with an entry a sample; mappings with the same keys make a column a key."""
    mappings = [parts(one) for one in samples]
    first = mappings[0] if mappings else None
    if first and all(found is not None and found.keys() == first.keys() for found in mappings):
        for key in first:
            yield from _of_samples(f"{name}_{key}", [found[key] for found in mappings if found is not None])
    elif samples and all(isinstance(one, Tensor | np.ndarray) for one in samples):
        yield name, _ragged(samples)
    else:
        yield name, [plain(one) if parts(one) is not None or is_several(one) else _scalar(one) for one in samples]


def _ragged(samples: Sequence[Any]) -> Column:
    """Arrays of any sizes, one a row; single numbers are a plain column."""
    devices = {one.device.type if isinstance(one, Tensor) else "cpu" for one in samples}
    if devices != {"cpu"} and len(devices) == 1:
        # From an accelerator all in one: a copy for each sample would wait for the device each time.
        together = torch.cat([one.detach().reshape(-1) for one in samples]).cpu()
        split = torch.split(together, [one.numel() for one in samples])
        samples = [flat.reshape(one.shape) for flat, one in zip(split, samples, strict=True)]
    arrays = [array(one) for one in samples]
    return _listed(np.stack(arrays)) if all(one.ndim == 0 for one in arrays) else arrays


def _listed(column: np.ndarray[Any, Any]) -> Column:
    """Numbers stay an array; texts and objects become a list."""
    return column if column.dtype.kind in "biuf" else column.tolist()


def _scalar(value: Any) -> Any:
    return array(value).tolist() if isinstance(value, Tensor | np.generic) else value
