"""Processes that are killed go on with the batches that they would have given; alone, and two under Lightning."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

KILLED = '''
import json
import os
import random
import signal
import sys

import numpy as np
import torch
from monai.data import Dataset as Transformed
from monai.transforms import Compose, RandFlip, RandGaussianNoise
from torch.utils.data import Dataset, Sampler

import lighter

torch.set_num_threads(1)


class Noise(Dataset):
    def __init__(self):
        self.state = np.random.RandomState(1)

    def __len__(self):
        return 11

    def __getitem__(self, index):
        drawn = [random.random(), np.random.randn(), torch.rand(()), self.state.randn()]
        return torch.tensor([index, *drawn], dtype=torch.float64)


class Own(Sampler):
    """Not even seeded."""

    def __init__(self):
        self.state = np.random.RandomState()

    def __len__(self):
        return 11

    def __iter__(self):
        return (int(abs(self.state.randn() + np.random.randn()) * 1000) % 11 for _ in range(11))


def loader(kind, workers):
    if kind == "own sampler":
        return lighter.DataLoader(Noise(), 3, sampler=Own(), num_workers=workers)
    data = Noise()
    if kind == "monai":
        images = [torch.full((1, 3, 3), float(number)) for number in range(11)]
        data = Transformed(images, Compose([RandFlip(prob=0.5), RandGaussianNoise(prob=0.7)]))
    return lighter.DataLoader(data, 3, shuffle=True, num_workers=workers)


def train(kind, workers, file, killed_at=None):
    """Two epochs; each batch is written down, and with it where the loader is. Training draws as well."""
    loading = loader(kind, workers)
    if os.path.exists(f"{file}.pt"):
        loading.load_state_dict(torch.load(f"{file}.pt", weights_only=True))
    seen = len(open(file).readlines()) if os.path.exists(file) else 0
    while seen < 8:
        for batch in loading:
            random.random(), np.random.randn(), torch.rand(3)
            with open(file, "a") as lines:
                lines.write(json.dumps(batch.tolist()) + "\\n")
            torch.save(loading.state_dict(), f"{file}.pt")
            seen += 1
            if seen == killed_at:
                os.kill(os.getpid(), signal.SIGKILL)


def process(*arguments):
    """A process of its own, forked before anything was drawn, and seeded by nobody."""
    child = os.fork()
    if not child:
        try:
            train(*arguments)
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def told(kind, workers, places):
    """Of each place to be killed at, whether the run that went on is the whole one."""
    torch.manual_seed(workers)
    # All begin as one loader does, also where nobody has seeded a source.
    start = loader(kind, workers).state_dict()
    whole = f"{kind}-{workers}"
    for file in (whole, *(f"{whole}-{place}" for place in places)):
        torch.save(start, f"{file}.pt")
    assert process(kind, workers, whole) == 0
    batches = open(whole).readlines()
    for place in places:
        file = f"{whole}-{place}"
        assert process(kind, workers, file, place) == -9
        assert process(kind, workers, file) == 0
        yield file, open(file).readlines() == batches, len(set(batches))


for kind in sys.argv[1:]:
    for workers, places in ((0, range(1, 8)), (2, (1, 3, 4, 7) if kind == "noise" else (2, 6))):
        for line in told(kind, workers, places):
            print(json.dumps(line))
'''


def run(folder: Path, script: str, *arguments: str, **environment: str) -> list[Any]:
    """What a script prints, a value a line."""
    (folder / "run.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "run.py", *arguments]
    ran = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("[")]


def test_a_process_killed_after_any_batch(tmp_path: Path) -> None:
    told = run(tmp_path, KILLED, "noise", "own sampler", "monai", PYTHONWARNINGS="ignore")
    assert len(told) == (7 + 4) + 2 * (7 + 2)
    assert [name for name, is_equal, batches in told if not is_equal or batches != 8] == []


TRAINED = """
import json
import warnings

import pytorch_lightning as pl
import torch
from torch.utils.data import Dataset

import lighter

warnings.simplefilter("ignore")


class Noise(Dataset):
    def __len__(self):
        return 22

    def __getitem__(self, index):
        return torch.cat([torch.tensor([float(index)]), torch.randn(4)])


class Model(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(5, 1)
        self.seen = []

    def training_step(self, batch, index):
        self.seen.append([self.current_epoch, index, *batch.flatten().tolist()])
        return self.layer(batch).square().mean()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 1e-3)


class Save(pl.Callback):
    def __init__(self, at):
        self.at = at

    def on_train_batch_end(self, trainer, *_):
        if trainer.global_step == self.at:
            trainer.save_checkpoint(f"{self.at}.ckpt")


def fit(workers, at=None, checkpoint=None):
    pl.seed_everything(1, workers=True, verbose=False)
    model, loader = Model(), lighter.DataLoader(Noise(), 4, shuffle=True, num_workers=workers)
    trainer = pl.Trainer(
        max_epochs=2, accelerator="cpu", devices=2, strategy="ddp", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, callbacks=[] if at is None else [Save(at)],
    )
    trainer.fit(model, loader, ckpt_path=checkpoint)
    return model


whole, resumed = fit(1, 4), fit(1, checkpoint="4.ckpt")
is_equal = whole.seen[4:] == resumed.seen and torch.equal(whole.layer.weight, resumed.layer.weight)
told = [None, None]
torch.distributed.all_gather_object(told, [is_equal, len(resumed.seen)])
if torch.distributed.get_rank() == 0:
    print(json.dumps(told))
"""


def test_two_processes_under_lightning_go_on_in_mid_epoch(tmp_path: Path) -> None:
    (told,) = run(tmp_path, TRAINED)
    # The second batch of the second epoch is next, on both.
    assert told == [[True, 2], [True, 2]]
