"""A project whose models take their inputs in every way, and the config of its runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from lighter import Config
from lighter.runs.folder import RunDirectory

CODE = """
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Rows(Dataset):
    def __init__(self, count, width=3):
        self.count, self.width = count, width

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        at = torch.Generator().manual_seed(index)
        left, right = torch.randn(self.width, generator=at), torch.randn(self.width, generator=at)
        return {"left": left, "right": {"deep": [right]}, "name": f"row {index}", "target": left.sum(0, keepdim=True)}


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 1)
        self.drop = nn.Dropout(0.5)

    def forward(self, input):
        return self.drop(self.layer(input))


class Two(Plain):
    def forward(self, left, *, right, epoch):
        mixed = self.layer(left + right["deep"][0])
        return {"score": mixed + epoch, "is": mixed > 0, "nothing": None, "pair": (mixed.sum(1), left)}


class Fixed(Plain):
    def forward(self, input):
        return self.layer(input.view(4, 3))


class Sized(Plain):
    def forward(self, input):
        return self.layer(input) if len(input) == 4 else -self.layer(input)


class One(Plain):
    def forward(self, input):
        if input.shape[0] != 1:
            raise ValueError("one at a time")
        return self.layer(input)


class Branching(Plain):
    def forward(self, input):
        return self.layer(input) if input.sum() > 0 else -self.layer(input)


class Random(Plain):
    def forward(self, input):
        return self.layer(input) + torch.randn(len(input), 1)


class Halves(Plain):
    def forward(self, input):
        assert len(input) == 2, "the inferer gives two rows at a time"
        return self.layer(input)


def halves(input, model, *more):
    return torch.cat([model(part) for part in input.split(2)])


class Module(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 1)

    def forward(self, input):
        return self.layer(input)

    def training_step(self, batch, batch_idx):
        return self(batch["left"]).square().mean()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


class Data(pl.LightningDataModule):
    def prepare_data(self):
        self.is_prepared = True

    def setup(self, stage):
        assert self.is_prepared
        self.rows = Rows(8)

    def train_dataloader(self):
        return DataLoader(self.rows, 4)

    def test_dataloader(self):
        return [DataLoader(self.rows, 2), DataLoader(self.rows, 4)]
"""

TRAINER = {
    "max_epochs": 1,
    "accelerator": "cpu",
    "enable_progress_bar": False,
    "enable_model_summary": False,
    "log_every_n_steps": 1,
}


def loader(count: int, size: int) -> dict[str, Any]:
    rows = {"_target_": "nets.parts.Rows", "count": count}
    return {"_target_": "torch.utils.data.DataLoader", "dataset": rows, "batch_size": size}


@pytest.fixture
def nets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with the project."""
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "parts.py").write_text(CODE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def config(nets: Path) -> Callable[..., dict[str, Any]]:
    """The config of a run of one of the models."""

    def make(model: str = "Plain", *, batch: Any = None, size: int = 4, **system: Any) -> dict[str, Any]:
        adapters = {"batch": batch or {"input": "left", "target": "target"}}
        return {
            "project": str(nets / "nets"),
            "seed": 1,
            "trainer": TRAINER,
            "system": {
                "model": {"_target_": f"nets.parts.{model}"},
                "optimizer": {"_target_": "torch.optim.SGD", "lr": 0.01},
                "criterion": {"_target_": "torch.nn.MSELoss"},
                "adapters": adapters,
                "dataloaders": {"train": loader(8, 4), "test": loader(8, size)},
                **system,
            },
        }

    return make


@pytest.fixture
def run(nets: Path) -> Callable[..., RunDirectory]:
    """A run folder as training leaves one, without the training."""

    def make(config: dict[str, Any]) -> RunDirectory:
        folder = RunDirectory(nets / "run")
        folder.checkpoints.mkdir(parents=True, exist_ok=True)
        made = Config.load(config)
        (folder.path / "config.yaml").write_text(made.dump())
        is_whole = "model" not in config["system"]
        built = made.resolve("system" if is_whole else "system::model")
        start = "" if is_whole else "model."
        torch.manual_seed(2)
        state = {f"{start}{name}": torch.randn_like(value) for name, value in built.state_dict().items()}
        torch.save({"state_dict": state}, folder.checkpoints / "best.ckpt")
        return folder

    return make
