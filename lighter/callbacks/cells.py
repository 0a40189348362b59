"""Values of a batch as the columns of a table."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lighter.adapters.accessors import described
from lighter.errors import RunError

LIMIT = 64  # numbers of one sample that get a column each; more of them are a list in one cell

__all__ = ["LIMIT", "cells"]


def cells(name: str, value: Any, count: int) -> dict[str, list[Any]]:
    """The columns that a value of `count` samples makes, a cell each sample.

    A number a sample is one column; a vector or a tuple of outputs is `name_0`, `name_1` and so on, a mapping
    `name_key`. More than LIMIT numbers, and what has no fixed length, are a list in one cell, written as JSON.
    Raises RunError where a value does not have one entry a sample.
    """
    if isinstance(value, Mapping):
        return {
            key: column for part, one in value.items() for key, column in cells(f"{name}_{part}", one, count).items()
        }
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        value = torch.from_numpy(value)
    if isinstance(value, Tensor):
        return _of_tensor(name, value, count)
    if isinstance(value, Sequence) and not isinstance(value, str):
        # A tuple is what a model with several outputs gives, a list rather what a batch of samples is taken apart to.
        outputs = bool(value) and all(_length(one) == count for one in value)
        if outputs and (isinstance(value, tuple) or len(value) != count):
            numbered = enumerate(value)
            return {key: column for i, one in numbered for key, column in cells(f"{name}_{i}", one, count).items()}
        if len(value) == count:
            return {name: [_cell(one) for one in value]}
        raise _uneven(name, value, count)
    return {name: [_cell(value)] * count}


def _of_tensor(name: str, value: Tensor, count: int) -> dict[str, list[Any]]:
    if value.dim() == 0:
        return {name: [value.item()] * count}
    if len(value) != count:
        raise _uneven(name, value, count)
    width = value[0].numel() if count else 0
    if width == 1:
        return {name: value.reshape(count).tolist()}
    if value.dim() == 2 and width <= LIMIT:
        return {f"{name}_{index}": value[:, index].tolist() for index in range(width)}
    return {name: [json.dumps(one) for one in value.tolist()]}


def _length(value: Any) -> int | None:
    if isinstance(value, Mapping):
        lengths = {_length(one) for one in value.values()}
        return lengths.pop() if len(lengths) == 1 else None
    return len(value) if isinstance(value, Tensor) and value.dim() else None


def _cell(value: Any) -> Any:
    if isinstance(value, Tensor | np.ndarray | np.generic):
        value = value.tolist()
    return json.dumps(value, default=str) if isinstance(value, list | tuple | dict) else value


def _uneven(name: str, value: Any, count: int) -> RunError:
    return RunError(
        f"TableWriter: '{name}' is {described(value)}, in a batch of {count}; a table needs one entry a sample, "
        "so pick or change it, as in columns: {label: {of: pred, part: logits, transforms: ...}}"
    )
