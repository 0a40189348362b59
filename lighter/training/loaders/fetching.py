"""Reads a batch with random sources that follow from its number, wherever and by whomever it is read."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from torch.utils.data import IterableDataset, get_worker_info

from lighter.training.loaders.generators import Source, generators
from lighter.training.loaders.isolated_rng import Apart
from lighter.training.loaders.seeding import GLOBAL, mixed, seed_all
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


class FetchingApart:
    """Reads batches in the training process, and leaves its random streams as they are. `fetcher`: torch's own."""

    def __init__(self, fetcher: Any, sources: tuple[Source, ...]) -> None:
        self.fetcher = fetcher
        self.sources = sources
        self._apart = Apart()

    def fetch(self, task: Task) -> Any:
        """The batch."""
        with self._apart:
            seed_all(self.sources, mixed(task.seed, task.number))
            return self.fetcher.fetch(task.index)


@dataclass(frozen=True)
class SeededWorker:
    """A `worker_init_fn`, around the given one, that has the worker read each batch with random sources of its own."""

    worker_init_fn: Callable[[int], Any] | None

    def __call__(self, worker: int) -> None:
        """Called by torch in the worker, before it reads."""
        if self.worker_init_fn is not None:
            self.worker_init_fn(worker)
        replace_fetchers(_FetchingInWorker)


class _FetchingInWorker:
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
