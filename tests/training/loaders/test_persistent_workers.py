"""Workers that live for several epochs, in a run that goes on in another process."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader

from lighter.training.loaders.persistent_workers import seed_by_epoch

SCRIPT = '''
import json
import random
import sys

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, get_worker_info

from lighter.training.loaders.persistent_workers import seed_by_epoch
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
    assert loader.worker_init_fn != first
    assert seed_by_epoch(loader, 1, 0, 0)
    assert loader.worker_init_fn == first
