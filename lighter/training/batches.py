"""The samples of a batch: how many they are, and the batch without the last of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from lightning_utilities.core.apply_func import apply_to_collection
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence
from torch.utils.data import BatchSampler

from lighter.training.adapters import Keywords, Positional


def dealt(loader: Any) -> tuple[int, int]:
    """How many samples a loader's sampler deals to a batch, and to all; zeros where that is not known."""
    batches = getattr(loader, "batch_sampler", None)
    if batches is None or type(batches).__iter__ is not BatchSampler.__iter__:
        return 0, 0
    try:
        return batches.batch_size, len(batches.sampler)
    except (TypeError, NotImplementedError):  # as of a data set that is only iterated
        return 0, 0


def sample_count(input: Any, target: Any, identifier: Any, dealt: int = 0) -> tuple[int, bool]:
    """How many samples a batch has, and whether that is sure.

    It is as many as the sampler has `dealt`, unless nothing in the batch has this length, nor all in their second
    dimension, but all parts one other, such as that of patches.
    """
    if isinstance(input, Tensor) and input.dim() and input.shape[0] == dealt:
        return dealt, True
    parts = [found for part in (target, input) if (found := _lengths(part))]
    named = _lengths(identifier)[-1:]
    if dealt and (any(dealt in found for found in (named, *parts)) or _have_second(dealt, (input, target))):
        return dealt, True
    common = [length for length in parts[0] if all(length in found for found in parts)] if parts else named
    if len(common) == 1 or dealt:
        return common[0] if len(common) == 1 else dealt, True
    guess = next(iter([*named, *common, *(parts[0] if parts else ()), 1]))
    return guess, bool(named) and guess in common


def first_samples(data: Sequence[Any], count: int, kept: int) -> tuple[Any, ...] | None:
    """The first `kept` of the `count` samples in (input, target, pred); None where pred or target tell none apart."""
    lists = any(_is_list_of_samples(part, count) for part in data)
    cuts = [_Cut(count, kept, lists) for _ in data]
    found = tuple(cut(part) for cut, part in zip(cuts, data, strict=True))
    _, target, pred = cuts
    return found if pred.done and (target.done or data[1] is None) else None


class _Cut:
    """Takes the first samples of a value, and notes whether it had any.

    `lists`: whether a list with as many entries as there are samples has one for each, if it leaves that open.
    """

    def __init__(self, count: int, kept: int, lists: bool) -> None:
        self.count = count
        self.kept = kept
        self.lists = lists
        self.done = False

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
    return all(_lengths(value)[:1] == [count] for value in values)


def _lengths(part: Any) -> list[int]:
    """The lengths that may be the number of samples: of a list its own, and that of its entries."""
    if isinstance(part, Tensor):
        return [part.shape[0]] if part.dim() else []
    if isinstance(part, PackedSequence):
        return [int(part.batch_sizes[0])]  # always on the CPU
    if isinstance(part, Mapping | Positional):
        values = part.values() if isinstance(part, Mapping) else part
        return list(dict.fromkeys(length for one in values for length in _lengths(one)))
    if not isinstance(part, list | tuple) or not part:
        return []
    inner = [tuple(_lengths(one)) for one in part]
    return list(dict.fromkeys([*(inner[0] if len(set(inner)) == 1 else ()), len(part)]))


def _have_second(length: int, parts: Sequence[Any]) -> bool:
    """Whether all tensors have this length in their second dimension, as sequences have with time first."""
    tensors = [part for part in parts if isinstance(part, Tensor)]
    return bool(tensors) and all(part.dim() > 1 and part.shape[1] == length for part in tensors)


def plain(tensor: Tensor) -> Tensor:
    """The tensor without what MONAI puts around it: metadata, which a checkpoint of a score must not bring along."""
    bare: Tensor = tensor if type(tensor) is Tensor or not hasattr(tensor, "as_tensor") else tensor.as_tensor()
    return bare


def is_on(batch: Any, device: torch.device) -> bool:
    """Whether a plain batch, a list or tuple of tensors, is known to be on the device."""
    return type(batch) in (list, tuple) and all(type(part) is Tensor and part.device == device for part in batch)
