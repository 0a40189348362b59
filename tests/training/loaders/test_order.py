"""The order of an epoch follows from seed and epoch, and can be begun in the middle."""

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import (
    BatchSampler,
    DistributedSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    WeightedRandomSampler,
)

from lighter.training.loaders.generators import NUMPY
from lighter.training.loaders.order import AHEAD, Order
from lighter.training.loaders.random_states import restore, states

DATA: Any = range(30)


class Own(Sampler[int]):
    """Draws from all that one can draw from, one by one, normal numbers in odd counts."""

    def __init__(self, data: Any = None) -> None:
        self.state = np.random.RandomState()
        self.data = data

    def __len__(self) -> int:
        return 30

    def __iter__(self) -> Iterator[int]:
        for _ in range(30):
            torch.rand(())
            yield int(1000 * (NUMPY.randn() + random.random() + self.state.randn()))


SAMPLERS = {
    "random": lambda: RandomSampler(DATA),
    "with replacement": lambda: RandomSampler(DATA, replacement=True, num_samples=30),
    "with a generator": lambda: RandomSampler(DATA, generator=torch.Generator().manual_seed(2)),
    "weighted": lambda: WeightedRandomSampler([1.0] * 30, 30),
    "distributed": lambda: DistributedSampler(DATA, 1, 0),
    "batches": lambda: BatchSampler(RandomSampler(DATA), 4, drop_last=True),
    "own": Own,
    "batches of own": lambda: BatchSampler(Own(), 4, drop_last=False),
}


def begun(sampler: Any, seed: int, epoch: int, start: int = 0) -> Order:
    """An order at a place."""
    order = Order(sampler, DATA)
    order.seed, order.epoch, order.start, order.states = seed, epoch, start, states(sampler)
    return order


def given(order: Order) -> list[Any]:
    """The indices of an epoch."""
    return [task.index for task in order]


def key(source: Any) -> list[int]:
    """What the state of one of NumPy's sources is made of."""
    found: list[int] = source.get_state()[1].tolist()
    return found


@pytest.mark.parametrize("make", SAMPLERS.values(), ids=SAMPLERS)
def test_it_can_be_begun_anywhere(make: Any) -> None:
    sampler, kept = make(), None
    kept = states(sampler)
    whole = given(begun(sampler, 3, 1))
    assert given(begun(sampler, 3, 1)) == whole
    for start in range(len(whole) + 1):
        other = make()
        restore(other, kept)
        torch.rand(start)  # what else the process draws is of no account
        assert given(begun(other, 3, 1, start)) == whole[start:]
    if not isinstance(sampler, DistributedSampler):  # which is told its epoch
        assert given(begun(sampler, 3, 2)) != whole


def test_tasks_tell_number_seed_and_what_nobody_wants() -> None:
    order = begun(SequentialSampler(DATA), 3, 1, 28)
    order.rank = 1
    (first, last) = order
    assert (first.number, first.is_wanted, first.index, last.number) == (28, True, 28, 29)
    assert first.seed == last.seed
    order.reads_from_start = True
    assert [task.is_wanted for task in order] == [False] * 28 + [True] * 2
    order.rank = 2
    assert {task.seed for task in order}.isdisjoint({first.seed})
    assert len(order) == 30


def test_ranks_have_one_order() -> None:
    order = begun(RandomSampler(DATA), 3, 1)
    first = given(order)
    order.rank = 1
    assert given(order) == first


def test_the_process_draws_as_if_there_were_no_sampler() -> None:
    sampler = Own()
    before, own = key(NUMPY), key(sampler.state)
    given(begun(sampler, 3, 1))
    assert key(NUMPY) == before
    assert key(sampler.state) == own


def test_a_sampler_of_ones_own_is_asked_for_one_at_a_time() -> None:
    # Such a one may choose by what has been learned since, and may have no end.
    class Endless(Sampler[int]):
        asked = 0

        def __iter__(self) -> Iterator[int]:
            while True:
                self.asked += 1
                yield self.asked

    sampler = Endless()
    tasks = iter(begun(sampler, 3, 1, 5))
    assert [next(tasks).index for _ in range(3)] == [6, 7, 8]
    assert sampler.asked == 8


def test_more_than_is_asked_for_at_once() -> None:
    sampler = RandomSampler(range(4), replacement=True, num_samples=2 * AHEAD + 3)
    whole = given(begun(sampler, 3, 1))
    assert len(whole) == 2 * AHEAD + 3
    assert given(begun(sampler, 3, 1, AHEAD - 2)) == whole[AHEAD - 2 :]


def test_sources_of_the_dataset_are_none_of_the_samplers() -> None:
    assert Order(Own(DATA), DATA).own.keys() == {"state"}
    data: Any = [np.random.RandomState()]
    assert Order(RandomSampler(data), data).own == {}
