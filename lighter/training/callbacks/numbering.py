"""Which samples of the data a batch holds."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from pytorch_lightning.overrides.distributed import UnrepeatedDistributedSampler
from torch.utils.data import DistributedSampler, RandomSampler, SequentialSampler

from lighter.training.lightning_internals import CARD_DEALERS, noted_indices, sampler_of_batches, wrapped_sampler

Numbers: TypeAlias = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Numbered:
    """The samples of a batch: their numbers in the data, and which of them are no repetition.

    `are_known` is false where a number only gives the order: the batch lacks some of its samples.
    """

    numbers: Numbers
    kept: Numbers | None = None
    are_known: bool = True


class Numbering:
    """Follows a rank through its loaders.

    The number of a sample is its index in the data set, where Lightning notes it (in predict) or the sampler gives it
    away. Else it is a running number; several ranks then count as if samples were dealt like cards.
    """

    def __init__(self, loaders: Sequence[Any], rank: int, ranks: int) -> None:
        self._loaders = loaders
        self._rank, self._ranks = rank, ranks
        self._seen: defaultdict[int, int] = defaultdict(int)

    @property
    def is_ordered(self) -> bool:
        """Whether numbers surely go up, batch by batch."""
        return all(noted_indices(loader) is None or _is_plain(loader, SequentialSampler) for loader in self._loaders)

    @property
    def repeats_unseen(self) -> bool:
        """Whether another rank may have a sample too, which is not known before the end."""
        return self._ranks > 1 and not all(
            (_is_plain(loader, UnrepeatedDistributedSampler) and not _is_shuffled_by_rank(loader))
            or _places(loader, 0) is not None
            for loader in self._loaders
        )

    def warnings(self) -> list[str]:
        """What the user should know of samples that ranks may share, or lack."""
        if self._ranks == 1:
            return []
        found = []
        for index, loader in enumerate(self._loaders):
            place = f"loader {index}" if len(self._loaders) > 1 else "the loader"
            if noted_indices(loader) is None and not _is_plain(loader, DistributedSampler):
                found.append(
                    f"{place} has no sampler that could deal its samples to {self._ranks} ranks; "
                    "unless the data does it, each rank has them all, and all are written"
                )
            elif _is_shuffled_by_rank(loader):
                found.append(
                    f"{place} is shuffled, and {self._ranks} ranks that do not share a seed miss samples; "
                    "write shuffle: false"
                )
        return found

    def count_noted(self, loader: int, batch: int) -> int | None:
        """How many samples the sampler gave for a batch, if that is known."""
        noted = noted_indices(self._loaders[loader])
        return None if noted is None or batch >= len(noted) else len(noted[batch])

    def of(self, loader: int, batch: int, count: int) -> Numbered:
        """The samples of the batch at this place of a loader, with `count` predictions. Once for each batch."""
        start = self._seen[loader]
        self._seen[loader] += count
        places = _places(self._loaders[loader], batch)
        indices = self._indices(loader, batch)
        if indices is None:
            indices = places
        if indices is None or not len(indices):
            return Numbered(np.arange(start, start + count) * self._ranks + self._rank)
        each, rest = divmod(count, len(indices))  # several predictions of one sample, such as of patches
        if rest:
            return Numbered(indices[np.arange(count) * len(indices) // count], are_known=False)
        kept = None
        if places is not None and len(places) == len(indices):
            kept = np.repeat(places < len(sampler_of_batches(self._loaders[loader]).dataset), each)
        return Numbered(np.repeat(indices, each), None if kept is None or kept.all() else kept)

    def _indices(self, loader: int, batch: int) -> Numbers | None:
        noted = noted_indices(self._loaders[loader])
        if noted is None or batch >= len(noted):
            return None
        indices = noted[batch]
        if batch:
            noted[batch - 1] = []  # Lightning keeps those of all batches; each is asked for once, by all who write
        if len(indices) and not isinstance(indices[0], int | np.integer):
            return None  # the keys of a data set that is a mapping
        return np.asarray(indices, dtype=np.int64)


def _places(loader: Any, batch: int) -> Numbers | None:
    """The places, in the order of the whole data, of what a sampler deals to this rank; those past the end repeat."""
    sampler = sampler_of_batches(loader)
    if not isinstance(sampler, DistributedSampler) or type(sampler).__iter__ not in CARD_DEALERS:
        return None
    size = loader.batch_sampler.batch_size
    own = np.arange(batch * size, min((batch + 1) * size, sampler.num_samples))
    places: Numbers = own * sampler.num_replicas + sampler.rank
    return places


def _is_plain(loader: Any, kind: type) -> bool:
    return isinstance(sampler_of_batches(loader), kind)


def _is_shuffled_by_rank(loader: Any) -> bool:
    """Whether each rank draws an order of its own, and takes its share of that."""
    sampler = sampler_of_batches(loader)
    return isinstance(sampler, UnrepeatedDistributedSampler) and isinstance(wrapped_sampler(sampler), RandomSampler)
