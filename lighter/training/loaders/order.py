"""The order in which a sampler gives the samples of an epoch, as a function of seed and epoch."""

import hashlib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import torch

from lighter.training.lightnings import TOP_LEVEL
from lighter.training.loaders.fetching import Task
from lighter.training.loaders.generators import generators
from lighter.training.loaders.random_states import GLOBAL, IsolatedRng, mixed, seed, seed_all

AHEAD = 65_536  # samples, whose indices may be asked for at once
# Samplers of these packages give the same whatever happens in between.
_INDEPENDENT = TOP_LEVEL | {"builtins", "monai", "torch"}


class Order:
    """The batches of an epoch, as tasks: of `epoch`, and beginning with its batch `start`.

    `sampler`: what gives indices, of samples or of batches; `dataset`: whose random sources are not the sampler's. What
    the sampler draws from the global sources follows from `seed` and `epoch`, and is the same on all ranks, as samplers
    expect that share data out among them. What it draws from sources of its own follows from `epoch` and from `states`,
    those that they had when the epoch began; they have them again after each draw.
    """

    def __init__(self, sampler: Any, dataset: Any) -> None:
        self.sampler = sampler
        self.seed = self.rank = self.epoch = self.start = 0
        # Where the data set cannot be told where to begin, batches are read that nobody wants.
        self.reads_from_start = False
        self.own = generators(sampler, without=[dataset])
        self.states: Mapping[str, Any] = {}

    def __len__(self) -> int:
        return len(self.sampler)

    def __iter__(self) -> Iterator[Task]:
        number, start = mixed(self.seed, self.rank, self.epoch), self.start
        if self.reads_from_start:
            for batch, index in enumerate(self.sampler):
                yield Task(number, batch, batch >= start, index)
        else:
            for batch, index in enumerate(self._indices(start), start):
                yield Task(number, batch, True, index)

    def _indices(self, start: int) -> Iterator[Any]:
        """What the sampler gives from `start` on: in pieces, each with the random states that the one before left."""
        isolated, ahead = IsolatedRng(tuple(self.own.values()), continues=True), _ahead(self.sampler)
        with isolated:
            seed_all(GLOBAL, mixed(self.seed, self.epoch))
            for path, source in self.own.items():
                seed(source, mixed(_hash(self.states.get(path)), self.epoch))
            indices = iter(self.sampler)
            next(islice(indices, start, start), None)
            piece = list(islice(indices, ahead))
        while piece:
            yield from piece
            if len(piece) < ahead:
                return
            with isolated:
                piece = list(islice(indices, ahead))


def _ahead(sampler: Any) -> int:
    inner = getattr(sampler, "sampler", None)
    if not all(type(one).__module__.partition(".")[0] in _INDEPENDENT for one in (sampler, inner)):
        return 1
    return max(AHEAD // (getattr(sampler, "batch_size", None) or 1), 1)


def _hash(state: Any) -> int:
    found = hashlib.blake2b(digest_size=8)
    for part in _parts(state):
        found.update(part)
    return int.from_bytes(found.digest(), "little")


def _parts(state: Any) -> Iterator[bytes]:
    if isinstance(state, torch.Tensor):
        yield state.numpy().tobytes()
    elif isinstance(state, Mapping | list):
        for part in state.values() if isinstance(state, Mapping) else state:
            yield from _parts(part)
    else:
        yield repr(state).encode()
