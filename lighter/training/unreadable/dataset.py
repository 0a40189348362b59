"""A dataset that gives a mark in place of a sample that cannot be read."""

import traceback
from dataclasses import dataclass
from typing import Any

from torch.utils.data import Dataset, IterableDataset


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What stands for a sample that could not be read: its index, why, and what its dataset raised, if anything.

    The collate function of its DataLoader is to be a `lighter.training.unreadable.ReplacingCollate`.
    """

    index: Any
    reason: str
    error: Exception | None = None


class TolerantDataset(Dataset[Any]):
    """A dataset in whose place of an error, or of None, stands an `Unreadable`.

    `dataset`: any with `__getitem__` and `__len__`; it stays to be had as `dataset`.
    """

    def __init__(self, dataset: Any) -> None:
        is_read_by_index = hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__")
        if isinstance(dataset, IterableDataset) or not is_read_by_index:
            raise TypeError(
                f"TolerantDataset(dataset): one with __getitem__ and __len__ is wanted, not {type(dataset).__name__}; "
                "one that is iterated cannot go on after an error, and is to catch its own"
            )
        self.dataset: Any = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: Any) -> Any:
        try:
            sample = self.dataset[index]
        except Exception as error:  # noqa: BLE001  # whatever the user's code or its libraries raise, told later
            return Unreadable(index, _reason(error), error)
        return Unreadable(index, "it is None") if sample is None else sample


def _reason(error: Exception) -> str:
    """The exception in a line, with the place that raised it."""
    what = " ".join("".join(traceback.format_exception_only(error)).split())
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    return f"{what} ({frame.f_code.co_filename}:{line})"
