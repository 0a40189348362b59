"""Padded samples: those that two ranks are given, so that all have as many, and which must count once.

A DistributedSampler gives every rank the same number of samples. Where that does not come out even, the last sample of
some ranks is one that another has as well; never more than one a rank, and none on the first.
"""

import logging
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from pytorch_lightning.utilities import CombinedLoader
from torch.utils.data import BatchSampler, DistributedSampler

from lighter.training.batches import first_samples
from lighter.training.lightning_internals import CARD_DEALERS

log = logging.getLogger("lighter")


class PaddedSample(NamedTuple):
    """The sample at the end of a loader's last batch on this rank that another rank has as well."""

    name: str  # of the loader
    batch: int  # its index
    items: int  # how many items of the data set are in it

    def without(self, data: Sequence[Any], count: int) -> tuple[tuple[Any, ...], int]:
        """The batch's (input, target, pred) without that sample, and how many of its `count` samples are left."""
        # An item of the data set may be several samples of the batch, such as patches of an image.
        kept, rest = divmod(count * (self.items - 1), self.items)
        if not kept and not rest:
            return (), 0
        found = None if rest else first_samples(data, count, kept)
        if found is None:
            _warn(self.name, f"the samples of its last batch, {count} by the first part of it, cannot be told apart")
            return tuple(data), count
        return found, kept


def loader_of_each(loaders: Any, names: Sequence[str]) -> list[Any]:
    """The loader of each of the `names` under which loaders are logged; None where several make one batch."""
    flat = CombinedLoader(loaders, "sequential").flattened if loaders is not None else []
    if len(flat) == len(names):
        return list(flat)
    if any(_is_uneven(_sampler(loader)) for loader in flat):
        _warn(names[0], "several loaders make one batch")
    return [None] * len(names)


def padded_sample(loader: Any, name: str) -> PaddedSample | None:
    """The padded sample of a loader on this rank, which is logged under this name."""
    sampler, batches = _sampler(loader), getattr(loader, "batch_sampler", None)
    if not _is_uneven(sampler):
        return None
    for one, known in ((sampler, CARD_DEALERS), (batches, (BatchSampler.__iter__,))):
        if one is not None and type(one).__iter__ not in known:
            _warn(name, f"{type(one).__name__} chooses the samples in a way of its own")
            return None
    if batches is None:
        return PaddedSample(name, sampler.num_samples - 1, 1)
    full, rest = divmod(sampler.num_samples, batches.batch_size)
    if not rest:
        return PaddedSample(name, full - 1, batches.batch_size)
    return None if batches.drop_last else PaddedSample(name, full, rest)


def _sampler(loader: Any) -> Any:
    # With a batch sampler of the user's, Lightning gives its own sampler to that one.
    return getattr(getattr(loader, "batch_sampler", None), "sampler", getattr(loader, "sampler", None))


def _is_uneven(sampler: Any) -> bool:
    if not isinstance(sampler, DistributedSampler):
        return False
    own = len(range(sampler.rank, len(sampler.dataset), sampler.num_replicas))  # type: ignore[arg-type]  # has a length, or the sampler had not been made
    return sampler.num_samples > own


@cache  # so that each epoch does not say it again
def _warn(name: str, why: str) -> None:
    log.warning("%s: this process repeats a sample of another, which counts twice in what is logged: %s", name, why)
