"""A batch is the same wherever it is read."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, get_worker_info

from lighter.training.loaders.fetching import IsolatedFetcher, SeededWorker, Task, seed_by_epoch, sources
from lighter.training.loaders.generators import NUMPY, PYTHON

SCRIPT = '''
import json
import random
import sys

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, get_worker_info

from lighter.training.loaders.fetching import seed_by_epoch
from lighter.training.loaders.random_states import global_states, restore_global


class Noise(Dataset):
    """Draws from all that one can draw from."""

    def __init__(self):
        self.state = np.random.RandomState(1)
        self.generator = np.random.default_rng(1)

    def __len__(self):
        return 12

    def __getitem__(self, index):
        drawn = [random.random(), np.random.rand(), torch.rand(()), self.state.rand(), self.generator.random()]
        seed = get_worker_info().seed % 2**32
        return torch.tensor([index, get_worker_info().id, seed, *drawn], dtype=torch.float64)


def once(worker):
    with open(f"{sys.argv[2]}-{worker}", "a") as file:
        file.write(".")


def epochs(method, first, states):
    torch.manual_seed(first)
    options = {"persistent_workers": True, "multiprocessing_context": method, "worker_init_fn": once}
    loader = DataLoader(Noise(), 3, shuffle=True, num_workers=2, **options)
    for _ in range(2):  # as where a run is set up twice
        assert seed_by_epoch(loader, 7, 1, first)
    if states is not None:
        restore_global(states)
    for epoch in range(first, 4):
        yield global_states(), [batch.tolist() for batch in loader]


if __name__ == "__main__":
    method, name, first = sys.argv[1], sys.argv[2], int(sys.argv[3])
    told = list(epochs(method, first, torch.load(f"{name}.pt", weights_only=True) if first else None))
    if not first:
        torch.save(told[2][0], f"{name}.pt")
    print(json.dumps([batches for _, batches in told]))
'''


def epochs(folder: Path, method: str, name: str, first: int) -> list[list[list[list[float]]]]:
    """The batches of each epoch from one on, of a process of its own."""
    command = [sys.executable, "run.py", method, name, str(first)]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    found: list[list[list[list[float]]]] = json.loads(ran.stdout)
    return found


def test_a_run_that_goes_on_after_an_epoch_gives_the_same_batches(tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text(SCRIPT, encoding="utf-8")
    whole = epochs(tmp_path, "fork", "a", 0)
    # The first seed that torch gives to workers differs between the two runs, the ways to start them differ too.
    assert epochs(tmp_path, "forkserver", "a", 2) == whole[2:]
    assert epochs(tmp_path, "spawn", "a", 2) == whole[2:]
    samples = [sample for epoch in whole for batch in epoch for sample in batch]
    assert [sorted(sample[0] for batch in epoch for sample in batch) for epoch in whole] == [list(range(12))] * 4
    for place in range(3, 8):  # no worker, and no epoch, repeats what another has drawn
        assert len({sample[place] for sample in samples}) == 48
    assert len({(sample[1], sample[2]) for sample in samples}) == 8
    assert [(tmp_path / f"a-{worker}").read_text() for worker in (0, 1)] == ["...", "..."]  # once a process


def test_other_loaders_are_left_as_they_are() -> None:
    data: Any = [1, 2]
    loaders: list[DataLoader[Any]] = [DataLoader(data), DataLoader(data, num_workers=1)]
    for loader in loaders:
        before = dict(vars(loader))
        assert not seed_by_epoch(loader, 1, 0, 0)
        assert vars(loader) == before
    assert not seed_by_epoch([torch.ones(1)], 1, 0, 0)  # Lightning takes any iterable


def test_what_is_said_last_counts() -> None:
    data: Any = [1, 2]
    loader: DataLoader[Any] = DataLoader(data, num_workers=1, persistent_workers=True, worker_init_fn=print)
    assert seed_by_epoch(loader, 1, 0, 0)
    first = loader.worker_init_fn
    assert seed_by_epoch(loader, 1, 0, 3)
    assert vars(loader.worker_init_fn) != vars(first)
    assert seed_by_epoch(loader, 1, 0, 0)
    assert vars(loader.worker_init_fn) == vars(first)


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
    here = IsolatedFetcher(Fetcher(), sources(data, list))
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
