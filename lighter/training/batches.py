"""The samples of a batch: how many they are, and the batch without the last of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from lightning_utilities.core.apply_func import apply_to_collection
from torch import Tensor

from lighter.training.adapters import Keywords, Positional


def sample_count(input: Any, target: Any, identifier: Any) -> int:
    """How many samples a batch has: the length of the first of its parts that has one; else 1."""
    for part in (input, target):
        if isinstance(part, Tensor) and part.dim():
            return part.shape[0]
    if isinstance(identifier, list | tuple | Tensor):
        return len(identifier)
    if isinstance(input, list) and isinstance(target, list) and len(input) == len(target):
        return len(input)  # a list with one entry a sample, as detection has it
    return next(filter(None, map(_first_length, (input, target))), 1)


def first_samples(data: Sequence[Any], count: int, kept: int) -> tuple[Any, ...] | None:
    """The first `kept` of the `count` samples in (input, target, pred); None where pred or target tell none apart."""
    lists = any(_is_list_of_samples(part, count) for part in data)
    cuts = [_Cut(count, kept, lists) for _ in data]
    found = tuple(cut(part) for cut, part in zip(cuts, data, strict=True))
    _, target, pred = cuts
    return found if pred.done and (target.done or data[1] is None) else None


@dataclass(slots=True)
class _Cut:
    """Takes the first samples of a value, and notes whether it had any."""

    count: int
    kept: int
    lists: bool  # whether a list with as many entries as there are samples has one for each, if it leaves that open
    done: bool = field(default=False, init=False)

    def __call__(self, value: Any) -> Any:
        if isinstance(value, list) and len(value) == self.count and (self.lists or not _are_batches(value, self.count)):
            self.done = True
            return value[: self.kept]
        if isinstance(value, Positional):
            return Positional(map(self, value))
        if isinstance(value, Keywords):
            return Keywords({name: self(part) for name, part in value.items()})
        if type(value) in (list, tuple):
            return type(value)(map(self, value))
        if isinstance(value, dict):
            return {name: self(part) for name, part in value.items()}
        return apply_to_collection(value, Tensor, self._tensor)

    def _tensor(self, value: Tensor) -> Tensor:
        if not value.dim() or value.shape[0] != self.count:
            return value
        self.done = True
        return value[: self.kept]


def _is_list_of_samples(part: Any, count: int) -> bool:
    if isinstance(part, dict):
        return any(_is_list_of_samples(one, count) for one in part.values())
    return isinstance(part, list) and len(part) == count and not _are_batches(part, count)


def _are_batches(values: Sequence[Any], count: int) -> bool:
    return all(_first_length(value) == count for value in values)


def _first_length(part: Any) -> int:
    if isinstance(part, Tensor):
        return part.shape[0] if part.dim() else 0
    if isinstance(part, Mapping):
        return next(filter(None, map(_first_length, part.values())), 0)
    if isinstance(part, list | tuple):
        return next(filter(None, map(_first_length, part)), len(part))
    return 0


def plain(tensor: Tensor) -> Tensor:
    """The tensor without what MONAI puts around it: metadata, which a checkpoint of a score must not bring along."""
    bare: Tensor = tensor if type(tensor) is Tensor or not hasattr(tensor, "as_tensor") else tensor.as_tensor()
    return bare


def is_on(batch: Any, device: torch.device) -> bool:
    """Whether a plain batch, a list or tuple of tensors, is known to be on the device."""
    return type(batch) in (list, tuple) and all(type(part) is Tensor and part.device == device for part in batch)
