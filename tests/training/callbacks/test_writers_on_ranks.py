"""Two real processes write what one writes, of a data set that two do not divide."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Warm = Callable[..., subprocess.CompletedProcess[str]]
SCRIPT = """
import json
import os
import sys
import warnings

import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, Dataset, IterableDataset, SequentialSampler, get_worker_info
from torch.utils.data.distributed import DistributedSampler

from lighter.callbacks import FileWriter, TableWriter
from lighter.training.system import System

ranks, folder = int(sys.argv[1]), sys.argv[2]
rank = int(os.environ.get("LOCAL_RANK", 0))
COUNT = 11


class Named(Dataset):
    def __init__(self, named=True):
        self.named = named

    def __len__(self):
        return COUNT

    def __getitem__(self, index):
        sample = {"input": torch.tensor([index / 7, float(index)]), "target": index}
        return {**sample, "identifier": f"s{index}"} if self.named else sample


class Stream(IterableDataset):
    def __iter__(self):
        return (sample for index, sample in enumerate(Named(False)[i] for i in range(COUNT)) if index % ranks == rank)


class Backwards(BatchSampler):
    # Batches of its own, whose order nobody knows.
    def __iter__(self):
        return reversed(list(super().__iter__()))


class Padded(torch.utils.data.Sampler):
    # Deals blocks, and fills up the last one; no kind of PyTorch's.
    def __iter__(self):
        size = -(-COUNT // ranks)
        return iter(index % COUNT for index in range(rank * size, (rank + 1) * size))

    def __len__(self):
        return -(-COUNT // ranks)


class Model(nn.Module):
    def forward(self, x):
        return {"numbers": x.half() * 3, "more": ({"wide": x.repeat(1, 40)},)}


CASES = {
    "named": (lambda: DataLoader(Named(), 2), {}),
    "numbered": (lambda: DataLoader(Named(False), 2), {}),
    "several": (lambda: {"a": DataLoader(Named(False), 2), "b": DataLoader(Named(False), 3)}, {}),
    "shuffled": (lambda: DataLoader(Named(False), 2, shuffle=True), {}),
    "own_batches": (lambda: DataLoader(Named(), batch_sampler=Backwards(SequentialSampler(Named()), 2, False)), {}),
    "own_sampler": (
        lambda: DataLoader(Named(), 2, sampler=DistributedSampler(Named(), ranks, rank, shuffle=False)), {}
    ),
    "own_padding": (lambda: DataLoader(Named(), 2, sampler=Padded()), {"use_distributed_sampler": False}),
    "stream": (lambda: DataLoader(Stream(), 2), {}),
    "test": (lambda: DataLoader(Named(), 2), {}),
}
warnings.filterwarnings("error", ".*sync_dist.*")
told = {}
for case, (loader, options) in CASES.items():
    pl.seed_everything(3, verbose=False)
    stage = "test" if case == "test" else "predict"
    writers = [
        TableWriter(f"{case}.csv", stages=[stage]),
        TableWriter(f"{case}.parquet", {"truth": "target", "numbers": "pred::numbers"}, stages=[stage]),
        FileWriter(case, ["pred::numbers"], "npy", stages=[stage]),
    ]
    trainer = pl.Trainer(
        accelerator="cpu", devices=ranks, strategy="ddp" if ranks > 1 else "auto", logger=False,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False, default_root_dir=folder,
        callbacks=list(writers), **options,
    )
    system = System(Model(), {stage: loader()})
    getattr(trainer, stage)(system, **({"verbose": False} if stage == "test" else {"return_predictions": False}))
    told[case] = [str(writer.path_written) for writer in writers]
with open(f"{folder}/told{rank}.json", "w") as file:
    json.dump(told, file)
if ranks > 1:
    torch.distributed.destroy_process_group()  # its threads are not to outlive the interpreter
"""

# Whose order a second process does not change; with loaders of a user's own each process is told its samples.
CASES = (
    "named",
    "numbered",
    "several",
    "shuffled",
    "own_batches",
    "own_sampler",
    "own_padding",
    "stream",
    "test",
)


def run(warm: Warm, folder: Path, ranks: int) -> Path:
    folder.mkdir()
    script = folder / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = warm(script, ranks, folder, folder=folder, ranks=ranks)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def folders(warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("runs")
    return run(warm, folder / "one", 1), run(warm, folder / "two", 2)


def content(folder: Path, case: str) -> dict[str, bytes]:
    paths = [*folder.glob(f"{case}.*"), *(folder / case).rglob("*.npy")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.mark.parametrize("case", CASES)
def test_two_processes_write_what_one_writes(folders: tuple[Path, Path], case: str) -> None:
    one, two = (content(folder, case) for folder in folders)
    assert sorted(two) == sorted(one)
    assert [name for name in one if one[name] != two[name]] == []
    count = 22 if case == "several" else 11
    assert len([name for name in two if name.endswith(".npy")]) == count
    rows = two[f"{case}.csv"].decode().splitlines()[1:]
    numbers = [row.split(",")[1 if case == "several" else 0].removeprefix("s") for row in rows]
    assert numbers == [str(number) for number in range(11)] * (count // 11)


def test_nothing_else_is_left_and_each_process_knows_what_was_written(folders: tuple[Path, Path]) -> None:
    for folder in folders:
        assert not list(folder.rglob("*part*"))
    told = [(folders[1] / f"told{rank}.json").read_text() for rank in range(2)]
    assert told[0] == told[1]
    assert "None" not in told[0]
