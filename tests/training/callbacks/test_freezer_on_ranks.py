"""Two real processes: what is frozen does not move, and the weights equal those of one process on the same data."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Warm = Callable[..., subprocess.CompletedProcess[str]]
SCRIPT = """
import json
import os
import sys

import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler

from lighter.callbacks import Freezer
from lighter.training.system import System

ranks, strategy, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
inputs = torch.linspace(-1, 1, 12).reshape(12, 1)
torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.own, self.head = nn.Linear(1, 4), nn.Linear(4, 4), nn.Linear(4, 1)
        self.own.requires_grad_(False)

    def forward(self, x):
        return self.head(self.own(self.body(x).tanh()))


class Watcher(pl.Callback):
    def __init__(self):
        self.moved = []

    def on_train_batch_start(self, trainer, module, batch, batch_idx):
        self.before = {name: one.detach().clone() for name, one in module.named_parameters()}

    def on_train_batch_end(self, trainer, module, *_):
        after = dict(module.named_parameters())
        self.moved.append(sorted(name for name, one in self.before.items() if not torch.equal(one, after[name])))


data = TensorDataset(inputs, 3 * inputs**2)
sampler = DistributedSampler(data, ranks, int(os.environ.get("LOCAL_RANK", 0)), shuffle=False)
system = System(
    Net(),
    {"train": DataLoader(data, batch_size=4 // ranks, sampler=sampler)},
    lambda parameters: torch.optim.AdamW(parameters, lr=0.1),
    criterion=nn.MSELoss(),
)
watcher = Watcher()
trainer = pl.Trainer(
    accelerator="cpu", devices=ranks, strategy=strategy, max_epochs=3, logger=False, enable_checkpointing=False,
    enable_progress_bar=False, enable_model_summary=False, default_root_dir=folder,
    callbacks=[Freezer("model.body", steps=[[0, 2], [4, 6]]), Freezer("*.bias", epochs=[1, 2]), watcher],
)
trainer.fit(system)
with open(f"{folder}/told{trainer.global_rank}.json", "w") as file:
    weights = {name: one.tolist() for name, one in system.model.state_dict().items()}
    json.dump({"moved": watcher.moved, "weights": weights}, file)
if ranks > 1:
    torch.distributed.destroy_process_group()  # its threads are not to outlive the interpreter
"""


def run(warm: Warm, folder: Path, ranks: int, strategy: str) -> list[Any]:
    """What each rank tells."""
    folder.mkdir()
    script = folder / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = warm(script, ranks, strategy, folder, folder=folder, ranks=ranks)
    assert done.returncode == 0, done.stderr
    return [json.loads((folder / f"told{rank}.json").read_text()) for rank in range(ranks)]


def test_two_processes_train_what_one_trains(warm: Warm, tmp_path: Path) -> None:
    (one,) = run(warm, tmp_path / "one", 1, "auto")
    first, second = run(warm, tmp_path / "two", 2, "ddp")
    weights, body, head = (
        ["model.head.weight"],
        ["model.body.bias", "model.body.weight"],
        ["model.head.bias", "model.head.weight"],
    )
    assert one["moved"] == [
        *[head] * 2, sorted([*body, *head]),
        sorted(["model.body.weight", *weights]), *[weights] * 2,
        *[sorted([*body, *head])] * 3,
    ]  # fmt: skip
    assert first["moved"] == second["moved"] == one["moved"]
    assert first["weights"] == second["weights"]
    for name, values in one["weights"].items():
        flat = [value for row in values for value in (row if isinstance(row, list) else [row])]
        theirs = [value for row in first["weights"][name] for value in (row if isinstance(row, list) else [row])]
        assert theirs == pytest.approx(flat, abs=1e-6), name
