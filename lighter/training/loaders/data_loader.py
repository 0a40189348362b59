"""A DataLoader that resumes in mid-epoch with the batches that it would have given."""

import functools
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import torch
from torch import distributed
from torch.utils.data import IterableDataset
from typing_extensions import override

from lighter.training.loaders.fetching import START, IsolatedFetcher, SeededWorker, sources
from lighter.training.loaders.order import Order
from lighter.training.loaders.random_states import IsolatedRng, mixed, seed_all, state_of, with_state
from lighter.training.torch_internals import DataLoaderInSteps, T_co, without_label, wrap_fetcher

# What the state of a loader is made of.
SEED, EPOCH, BATCH, ORDER, SAMPLER_EPOCH, DATASET = "seed", "epoch", "batch", "order", "sampler_epoch", "dataset"
STATE, IS_OVER = "state", "is_over"  # of a data set, at a batch


class DataLoader(DataLoaderInSteps[T_co]):
    """torch's DataLoader, with the same arguments, that can be resumed in the middle of an epoch.

    After `load_state_dict()` the next iterator gives the batches that are left; the samples before them are not loaded.
    Random numbers in a batch (those that the dataset, its transforms and the collate function draw from Python's,
    NumPy's or torch's generators, or from their own) follow from the seed, the epoch, the rank and the number of the
    batch, for any number of workers, and training's own random state stays as it is. The seed is that of `generator`;
    without one it is drawn from torch's global generator when the loader is made. An epoch is an iterator from which a
    batch was taken.

    Raises:
        ValueError: `in_order=False`: batches without an order cannot be resumed.
    """

    _order: Order | None = None
    _epoch = _batch = 0
    _resumed: Mapping[str, Any] | None = None
    _fetcher: Any = None  # torch's, where this process reads

    @functools.wraps(torch.utils.data.DataLoader.__init__)  # type: ignore[misc]  # for its signature
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not getattr(self, "in_order", True):
            raise ValueError("DataLoader(in_order=False): batches without an order cannot be resumed; leave it out")
        if self.generator is None:
            # An argument of torch's, so that whoever makes the loader again (Lightning does, for several processes)
            # passes the seed on. The sampler has not got it, and draws from the global source.
            self.generator = torch.Generator().manual_seed(int(torch.empty((), dtype=torch.int64).random_()))

    def state_dict(self) -> dict[str, Any]:
        """Where the loader is: seed, epoch, number of the batch, and states of its generators, as plain data."""
        if self._resumed is not None:
            return dict(self._resumed)
        order = self.reading_order.states if self._batch else self._own_states()
        found = {SEED: self.generator.initial_seed(), EPOCH: self._epoch, BATCH: self._batch, ORDER: dict(order)}
        if (epoch := next((one.epoch for one in self._samplers if hasattr(one, "epoch")), None)) is not None:
            found[SAMPLER_EPOCH] = epoch
        if self._restores_itself and self._batch:
            state = self.dataset.state_dict()  # type: ignore[attr-defined]  # asked
            found[DATASET] = {BATCH: self._batch, STATE: state, IS_OVER: getattr(self._fetcher, "ended", False)}
        return found

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Lets the next iterator resume where another loader was; if that was at the end, with the epoch after it.

        Args:
            state: what `state_dict()` of a `lighter.DataLoader` has returned.

        Raises:
            ValueError: the state is not of this class.
        """
        if missing := {SEED, EPOCH, BATCH, ORDER} - state.keys():
            raise ValueError(f"this is not the state of a lighter.DataLoader: it has no {', '.join(sorted(missing))}")
        self._resumed = dict(state)
        self.generator.manual_seed(state[SEED])
        for path, source in self.reading_order.own.items():
            if path in state[ORDER]:
                with_state(source, state[ORDER][path])

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]  # torch names classes of its own
        # All this happens when the first batch is asked for: Lightning makes iterators that it asks for none, and sets
        # the epoch of samplers only after it has made the first.
        for epoch, start in self._begin():
            got = start
            for batch in self._read(epoch, start):
                got += 1
                self._batch = got
                if self._epoch != epoch or self._resumed is not None:  # torch looks at what is set, at length
                    self._epoch, self._resumed = epoch, None
                yield batch
            if got > start:
                return

    def _begin(self) -> list[tuple[int, int]]:
        """The epoch and the batch to begin with, and what to begin with if nothing is left there."""
        state = self._resumed
        if state is None:
            return [(self._epoch + bool(self._batch), 0)]
        places = [(state[EPOCH], state[BATCH]), (state[EPOCH] + 1, 0)]
        if self._can_restore(state):
            self.dataset.load_state_dict(state[DATASET][STATE])  # type: ignore[attr-defined]  # asked
            return places[1:] if state[DATASET][IS_OVER] and state[BATCH] else places
        if state[BATCH] and self._has_at_most(state[BATCH]):
            return places[1:]
        for sampler in self._samplers if state[BATCH] and SAMPLER_EPOCH in state else ():
            sampler.set_epoch(state[SAMPLER_EPOCH])
        return places

    def _has_at_most(self, count: int) -> bool:
        """Whether an epoch is known to have no more batches than this, so that no worker need be started to see it."""
        try:
            return not self._is_iterated and len(self.reading_order) <= count
        except (TypeError, NotImplementedError):
            return False

    def _can_restore(self, state: Mapping[str, Any]) -> bool:
        """Whether the data set can restore where it was; otherwise it is read from its beginning."""
        return self._restores_itself and DATASET in state and state[DATASET][BATCH] == state[BATCH]

    def _read(self, epoch: int, start: int) -> Iterator[Any]:
        order = self.reading_order
        order.seed, order.rank, order.epoch, order.start = self.generator.initial_seed(), _rank(), epoch, start
        order.states = self._own_states()
        order.reads_from_start = False
        if start and self._resumed is not None:
            order.states = self._resumed[ORDER]
            order.reads_from_start = self._is_iterated and not self._can_restore(self._resumed)
        batches: Iterator[Any] = super().__iter__()
        if order.reads_from_start:
            return islice(batches, start, None)
        return batches if self.num_workers or self._is_iterated else without_label(batches)

    def _own_states(self) -> dict[str, Any]:
        return {path: state_of(source) for path, source in self.reading_order.own.items()}

    @override
    def new_iterator(self) -> Any:
        """Torch's iterator, whose workers draw from sources of their own, and which leaves those of the run alone."""
        given = self.worker_init_fn, self.generator
        number = mixed(self.reading_order.seed, self.reading_order.rank, self.reading_order.epoch)
        try:
            # The workers' first seed must not come from a source of the run.
            self.generator = torch.Generator().manual_seed(number)
            if self.num_workers:
                self.worker_init_fn = SeededWorker(given[0])
                return super().new_iterator()
            readable = sources(self.dataset, self.collate_fn)
            with IsolatedRng():
                seed_all(readable, mixed(number, START))
                iterator: Any = super().new_iterator()
            self._fetcher = wrap_fetcher(iterator, lambda given: IsolatedFetcher(given, readable))
            return iterator
        finally:
            self.worker_init_fn, self.generator = given

    @property
    @override
    def reading_order(self) -> Order:
        if self._order is None:
            self._order = Order(self.given_order, self.dataset)
        return self._order

    @property
    def _samplers(self) -> list[Any]:
        """The samplers whose epoch can be set."""
        found = [self.sampler, self.batch_sampler, getattr(self.batch_sampler, "sampler", None)]
        return [one for one in found if callable(getattr(one, "set_epoch", None))]

    @property
    def _is_iterated(self) -> bool:
        return isinstance(self.dataset, IterableDataset)

    @property
    def _restores_itself(self) -> bool:
        """Whether the data set is iterated, and can itself resume in the middle: here, not in a worker."""
        can = hasattr(self.dataset, "state_dict") and hasattr(self.dataset, "load_state_dict")
        return can and self._is_iterated and not self.num_workers


def next_epoch(state: Mapping[str, Any]) -> dict[str, Any]:
    """The state of a loader whose epoch is over, though it may have batches left: the next iterator begins another."""
    found = {**state, EPOCH: state[EPOCH] + bool(state[BATCH]), BATCH: 0}
    found.pop(SAMPLER_EPOCH, None)
    if DATASET in state:
        found[DATASET] = {**state[DATASET], BATCH: 0}
    return found


def _rank() -> int:
    return distributed.get_rank() if distributed.is_available() and distributed.is_initialized() else 0
