"""Reads a batch with random sources that follow from its number, wherever and by whomever it is read."""

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from lighter.training.loaders.generators import Source, generators
from lighter.training.loaders.random_states import GLOBAL, IsolatedRng, mixed, seed_all, seed_each, seeder
from lighter.training.torch_internals import replace_fetchers, set_worker_seed

START = -1  # in the place of a batch's number: what is drawn before the first


class Task(NamedTuple):
    """One batch to read, as it travels to whoever reads it: with the seed of its epoch, and whether it is wanted."""

    seed: int
    number: int
    is_wanted: bool
    index: Any  # of one sample, or of all of the batch


def sources(dataset: Any, collate_fn: Any) -> tuple[Source, ...]:
    """What can be drawn from while a batch is read, in an order that each process has."""
    return (*GLOBAL, *generators([dataset, collate_fn]).values())


class IsolatedFetcher:
    """Reads batches in the training process, and leaves its random streams as they are. `fetcher`: torch's own."""

    def __init__(self, fetcher: Any, sources: tuple[Source, ...]) -> None:
        self.fetcher = fetcher
        self._seeders = tuple(map(seeder, sources))
        self._isolated = IsolatedRng()

    def fetch(self, task: Task) -> Any:
        """The batch."""
        with self._isolated:
            seed_each(self._seeders, mixed(task.seed, task.number))
            return self.fetcher.fetch(task.index)


class SeededWorker:
    """A `worker_init_fn`, around the given one, that has the worker read each batch with random sources of its own."""

    def __init__(self, worker_init_fn: Callable[[int], Any] | None) -> None:
        self.worker_init_fn = worker_init_fn

    def __call__(self, worker: int) -> None:
        """Called by torch in the worker, before it reads."""
        if self.worker_init_fn is not None:
            self.worker_init_fn(worker)
        replace_fetchers(_WorkerFetcher)


class _WorkerFetcher:
    """Reads batches of one epoch in a worker. `create`: what makes torch's fetcher of the arguments."""

    def __init__(
        self, create: Callable[..., Any], kind: int, dataset: Any, collates: bool, collate: Any, *rest: Any
    ) -> None:
        self._create = partial(create, kind, dataset, collates, collate, *rest)
        self._sources = sources(dataset, collate)
        self._is_iterated = isinstance(dataset, IterableDataset)
        self._fetcher: Any = None
        self._count = 0

    def fetch(self, task: Task) -> Any:
        """The batch, or None for one that is not wanted."""
        worker = _worker_id() if self._is_iterated else 0
        if self._fetcher is None:  # only now the epoch is known
            number = mixed(task.seed, START, worker)
            set_worker_seed(number)
            seed_all(self._sources, number)
            self._fetcher = self._create()
        # Which worker reads how many batches of an iterable data set is not known before.
        number = mixed(task.seed, self._count, worker) if self._is_iterated else mixed(task.seed, task.number)
        self._count += 1
        seed_all(self._sources, number)
        batch = self._fetcher.fetch(task.index)
        return batch if task.is_wanted else None


def _worker_id() -> int:
    info = get_worker_info()
    return info.id if info is not None else 0


def seed_by_epoch(loader: Any, seed: int, rank: int, epoch: int) -> bool:
    """Makes the random state of persistent workers a function of seed, rank, worker and epoch; whether it had to.

    What they draw continues from epoch to epoch in processes of their own, where nothing can save it. `epoch`: the
    number of the one that the loader's next new iterator is for; each further one counts as the next. Python's, NumPy's
    and torch's sources are seeded again, and those of the data set and the collate function. The loader's
    `worker_init_fn` is run as before, and its sampler draws what it would: the workers' first seed alone comes from a
    generator of its own. Loaders without persistent workers are left as they are, as is any other iterable.
    """
    if not isinstance(loader, DataLoader) or hasattr(loader, "load_state_dict"):
        return False
    if not (loader.num_workers and loader.persistent_workers):
        return False
    given = loader.worker_init_fn
    given = given.worker_init_fn if isinstance(given, _ByEpoch) else given
    loader.worker_init_fn = _ByEpoch(given, mixed(seed, rank), epoch)
    # Workers are started once in a run, and again when it is resumed: a draw of their seed from a source of the run
    # would shift all that is drawn after it.
    loader.generator = torch.Generator().manual_seed(mixed(seed, rank))
    return True


class _ByEpoch:
    """A `worker_init_fn` that seeds the random sources again whenever the worker begins an epoch."""

    def __init__(self, worker_init_fn: Callable[[int], Any] | None, seed: int, epoch: int) -> None:
        self.worker_init_fn = worker_init_fn
        self.seed = seed
        self.epoch = epoch

    def __call__(self, worker: int) -> None:
        if self.worker_init_fn is not None:
            self.worker_init_fn(worker)
        epochs = itertools.count(self.epoch)

        def made(create: Callable[..., Any], kind: int, dataset: Any, collates: bool, collate: Any, *rest: Any) -> Any:
            number = mixed(self.seed, worker, next(epochs))
            set_worker_seed(number)
            seed_all(sources(dataset, collate), number)
            return create(kind, dataset, collates, collate, *rest)

        replace_fetchers(made)
