"""Puts readable samples of a batch in the place of those that are not, before they are collated."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from torch.utils.data import default_collate

from lighter.errors import RunError
from lighter.training.unreadable.dataset import Unreadable
from lighter.training.unreadable.record import Record

SURE = 100  # samples, before a share of them says something
NAMED = 3


class ReplacingCollate:
    """A collate function that leaves out samples that are `Unreadable`, or None, and puts others in their place.

    `collate_fn`: the one that is to make the batch. The samples of the batch that can be read take the places in turn,
    so that its size stays and a run can be repeated. `replace=False` makes smaller batches instead: no sample counts
    twice in a metric or a table. `most`: the share of unreadable ones that is borne, of the samples that a process
    has seen, once there were a hundred.
    Raises RunError, with the first of them and their reasons, where there are more, or a batch has no other.
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
        self._seen += len(samples)
        bad = [_marked(sample) for sample in samples if sample is None or isinstance(sample, Unreadable)]
        if not bad:
            return self.collate_fn(list(samples))
        self._bad += len(bad)
        self.record.add(bad)
        good = [sample for sample in samples if not (sample is None or isinstance(sample, Unreadable))]
        self._judge(bad, len(good))
        if not self.replace:
            return self.collate_fn(good)
        others = itertools.cycle(good)
        return self.collate_fn(
            [next(others) if sample is None or isinstance(sample, Unreadable) else sample for sample in samples]
        )

    def _judge(self, bad: Sequence[Unreadable], good: int) -> None:
        if good and self._bad <= self.most * max(self._seen, SURE):
            return
        first = "; ".join(f"{one.index}: {one.reason}" for one in bad[:NAMED])
        if good:
            allowed = f"more than 'most: {self.most:g}' allows"
            what = f"{self._bad} of {self._seen} samples cannot be read, {allowed}; among them {first}"
        else:
            what = f"all {len(bad)} samples of a batch cannot be read, the first of them {first}"
        # The user's own exception stands above this one in the traceback.
        raise RunError(what) from bad[-1].error


def _marked(sample: Any) -> Unreadable:
    return sample if isinstance(sample, Unreadable) else Unreadable("one without index", "it is None")
