"""Samples that cannot be read: marked by their dataset, replaced in their batch, and noted for a report."""

import itertools
import json
import os
import tempfile
import traceback
import uuid
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch.utils.data import Dataset, IterableDataset, default_collate

from lighter.errors import RunError

SURE = 100  # samples, before a share of them says something
NAMED = 3


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What a dataset returns for a sample that could not be read: its index, why, and what was raised, if anything.

    The collate function of its DataLoader is to be a `lighter.training.unreadable.ReplacingCollate`.
    """

    index: Any
    reason: str
    error: Exception | None = None


class TolerantDataset(Dataset[Any]):
    """A dataset that marks a sample as unreadable where another one raises an error or returns None.

    The collate function of its DataLoader is a `ReplacingCollate`, which knows the mark.

    Args:
        dataset: any dataset with `__getitem__` and `__len__`. It stays available as the attribute `dataset`.

    Raises:
        TypeError: the dataset is iterated: it cannot continue after an error, and has to catch its own.
    """

    def __init__(self, dataset: Any) -> None:
        is_read_by_index = hasattr(dataset, "__getitem__") and hasattr(dataset, "__len__")
        if isinstance(dataset, IterableDataset) or not is_read_by_index:
            raise TypeError(
                f"TolerantDataset(dataset): one with __getitem__ and __len__ is wanted, not {type(dataset).__name__}; "
                "one that is iterated cannot continue after an error, and is to catch its own"
            )
        self.dataset: Any = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: Any) -> Any:
        try:
            sample = self.dataset[index]
        except Exception as error:  # noqa: BLE001  # whatever the user's code or its libraries raise, reported later
            what = " ".join("".join(traceback.format_exception_only(error)).split())
            *_, (frame, line) = traceback.walk_tb(error.__traceback__)
            return Unreadable(index, f"{what} ({frame.f_code.co_filename}:{line})", error)
        return Unreadable(index, "it is None") if sample is None else sample


class Record:
    """A file of lines, since worker processes share nothing else that survives every way to start them.

    There is none until the first sample is noted, and none after the process that made this object.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.gettempdir(), f"lighter-unreadable-{uuid.uuid4().hex}.jsonl")
        self._read = 0
        weakref.finalize(self, _remove, self.path, os.getpid())

    def add(self, samples: Iterable[Unreadable]) -> None:
        """Notes samples."""
        lines = "".join(json.dumps([str(one.index), one.reason]) + "\n" for one in samples)
        # One write at the end of the file: what several processes add does not mix.
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, lines.encode())
        finally:
            os.close(file)

    def new(self) -> list[tuple[str, str]]:
        """(index, reason) of those noted since this was asked last."""
        if not self.path.exists():
            return []
        with self.path.open("rb") as file:
            file.seek(self._read)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        return [(index, reason) for index, reason in map(json.loads, whole.splitlines())]


def _remove(path: Path, process: int) -> None:
    # A forked worker has a copy of the object, and lets go of it first.
    if os.getpid() == process:
        path.unlink(missing_ok=True)


class ReplacingCollate:
    """A collate function that leaves out samples that could not be read, or are None, and puts others in their place.

    Args:
        collate_fn: what makes the batch of the samples; torch's `default_collate` if it is left out.
        replace: whether the samples of the batch that can be read take the places in turn, so that its size stays. If
            false, the batch is smaller: no sample counts twice in a metric or a table.
        most: the share of unreadable samples that is accepted, of those that a process has seen, from the hundredth on.

    Raises:
        ValueError: `most` is not from 0 to 1.
        RunError: when called, more samples than that cannot be read, or none of a batch; the message has the first of
            them and their reasons.
    """

    def __init__(
        self, collate_fn: Callable[[list[Any]], Any] | None = None, replace: bool = True, most: float = 0.1
    ) -> None:
        if not 0 <= most <= 1:
            raise ValueError(f"ReplacingCollate(most): a share from 0 to 1 is wanted, not {most!r}")
        self.collate_fn = default_collate if collate_fn is None else collate_fn
        self.replace = replace
        self.most = most
        self.record = Record()
        self._seen = self._bad = 0

    def __call__(self, samples: Sequence[Any]) -> Any:
        """The batch."""
        marked = [Unreadable("one without index", "it is None") if sample is None else sample for sample in samples]
        bad = [sample for sample in marked if isinstance(sample, Unreadable)]
        good = [sample for sample in marked if not isinstance(sample, Unreadable)]
        self._seen += len(samples)
        if bad:
            self._bad += len(bad)
            self.record.add(bad)
            self._judge(bad, len(good))
        if not (bad and self.replace):
            return self.collate_fn(good)
        others = itertools.cycle(good)
        return self.collate_fn([next(others) if isinstance(sample, Unreadable) else sample for sample in marked])

    def _judge(self, bad: Sequence[Unreadable], good: int) -> None:
        if good and self._bad <= self.most * max(self._seen, SURE):
            return
        first = "; ".join(f"{one.index}: {one.reason}" for one in bad[:NAMED])
        if good:
            allowed = f"more than 'most: {self.most:g}' allows"
            what = f"{self._bad} of {self._seen} samples cannot be read, {allowed}; among them {first}"
        else:
            what = f"all {len(bad)} samples of a batch cannot be read, the first of them {first}"
        # The user's own exception comes before this one in the traceback.
        raise RunError(what) from bad[-1].error
