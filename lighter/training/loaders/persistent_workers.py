"""Random states of workers that live for several epochs, made a function of the epoch."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import DataLoader

from lighter.training.loaders.generators import generators
from lighter.training.loaders.seeding import GLOBAL, mixed, seed_all
from lighter.training.torch_internals import replace_fetchers, set_worker_seed


def seed_by_epoch(loader: Any, seed: int, rank: int, epoch: int) -> bool:
    """Makes the random state of persistent workers a function of seed, rank, worker and epoch; tells whether it had to.

    What they draw goes on from epoch to epoch in processes of their own, where nothing can save it. `epoch`: the number
    of the one that the loader's next new iterator is for; each further one counts as the next. Python's, NumPy's and
    torch's sources begin anew, and those of the data set and the collate function. The loader's `worker_init_fn` is run
    as before, and its sampler draws what it would: the workers' first seed alone comes from a generator of its own.
    Loaders without persistent workers are left as they are, as is any other iterable.
    """
    if not isinstance(loader, DataLoader) or hasattr(loader, "load_state_dict"):
        return False
    if not (loader.num_workers and loader.persistent_workers):
        return False
    given = loader.worker_init_fn
    given = given.worker_init_fn if isinstance(given, _ByEpoch) else given
    loader.worker_init_fn = _ByEpoch(given, mixed(seed, rank), epoch)
    # Workers are started once in a run, and again in one that goes on: a draw of their seed from a source of the run
    # would shift all that is drawn after it.
    loader.generator = torch.Generator().manual_seed(mixed(seed, rank))
    return True


@dataclass(frozen=True)
class _ByEpoch:
    """A `worker_init_fn` that has the random sources begin anew whenever the worker begins an epoch."""

    worker_init_fn: Callable[[int], Any] | None
    seed: int
    epoch: int

    def __call__(self, worker: int) -> None:
        if self.worker_init_fn is not None:
            self.worker_init_fn(worker)
        epochs = itertools.count(self.epoch)

        def made(create: Callable[..., Any], kind: int, dataset: Any, collates: bool, collate: Any, *rest: Any) -> Any:
            number = mixed(self.seed, worker, next(epochs))
            set_worker_seed(number)
            seed_all((*GLOBAL, *generators([dataset, collate]).values()), number)
            return create(kind, dataset, collates, collate, *rest)

        replace_fetchers(made)
