"""A batch is the same wherever it is read."""

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, get_worker_info

from lighter.training.loaders.fetching import FetchingApart, SeededWorker, Task, sources
from lighter.training.loaders.generators import NUMPY, PYTHON


class Noise(Dataset[Any]):
    """Draws from all that one can draw from."""

    def __init__(self) -> None:
        self.state = np.random.RandomState(1)

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> Any:
        return [index, random.random(), NUMPY.rand(), torch.rand(()).item(), self.state.rand()]


class Stream(IterableDataset[Any]):
    """Draws when it begins and for each item, and tells the worker's seed."""

    def __iter__(self) -> Iterator[Any]:
        start, info = random.random(), get_worker_info()
        assert info is not None
        return ([start, NUMPY.rand(), info.seed, info.id] for _ in range(4))


class Tasks:
    """A batch sampler that gives tasks, as an Order does."""

    def __init__(self, tasks: list[Task]) -> None:
        self.tasks = tasks

    def __iter__(self) -> Iterator[Task]:
        return iter(self.tasks)


TASKS = [Task(5, number, number != 1, [2 * number, 2 * number + 1]) for number in range(4)]


def read(tasks: list[Task], workers: int, data: Any = None) -> list[Any]:
    """The batches of workers."""
    sampler: Any = Tasks(tasks)
    options: Any = {"num_workers": workers, "worker_init_fn": SeededWorker(None), "collate_fn": list}
    if data is None:
        return list(DataLoader(Noise(), batch_sampler=sampler, **options))
    loader = DataLoader(data, batch_size=2, **options)
    object.__setattr__(loader, "batch_sampler", sampler)
    return list(loader)


def test_in_workers_and_in_this_process() -> None:
    class Fetcher:
        def fetch(self, index: list[int]) -> Any:
            return [data[one] for one in index]

    data = Noise()
    here = FetchingApart(Fetcher(), sources(data, list))
    before = PYTHON.getstate()
    expected = [here.fetch(task) for task in TASKS]
    assert PYTHON.getstate() == before
    assert here.fetch(TASKS[2]) == expected[2]
    assert len({number for batch in expected for sample in batch for number in sample[1:]}) == 32
    assert read(TASKS, 1) == [expected[0], None, *expected[2:]]  # nobody wants the second
    assert read(TASKS[2:], 2) == expected[2:]


def test_a_dataset_that_is_iterated_begins_with_the_epoch() -> None:
    first, again, other = (read([Task(seed, *task[1:]) for task in TASKS], 2, Stream()) for seed in (5, 5, 6))
    assert first == again
    flat = [sample for batch in first if batch is not None for sample in batch]
    assert [sample[3] for sample in flat] == [0, 0, 0, 0, 1, 1]
    assert len({sample[1] for sample in flat}) == 6
    assert len({(sample[0], sample[2]) for sample in flat}) == 2
    assert first != other


def test_the_init_function_of_the_user_is_run_in_each_worker() -> None:
    def fail(worker: int) -> None:
        raise KeyError(f"of worker {worker}")

    loader = DataLoader(Noise(), num_workers=1, worker_init_fn=SeededWorker(fail))
    with pytest.raises(KeyError, match="of worker 0"):
        next(iter(loader))
