"""Configs of Lighter 0.1: the module at `system`, the loaders as arguments of the Trainer's methods."""

from pathlib import Path

import pytest
import torch

from lighter import Config, Runner
from lighter.cli.converting.conversion import Request, conversion
from lighter.cli.converting.writing import written

CODE = """
import torch
from pytorch_lightning import LightningModule
from torch.utils.data import TensorDataset

LighterModule = LightningModule


class Points(TensorDataset):
    def __init__(self, count):
        x = torch.arange(count * 2.0).view(count, 2) / count
        super().__init__(x, x.sum(1, keepdim=True))


class Model(LightningModule):
    def __init__(self, network, optimizer=None, rate=0.1):
        super().__init__()
        self.network, self.optimizer, self.rate = network, optimizer, rate

    def training_step(self, batch):
        return torch.nn.functional.mse_loss(self.network(batch[0]), batch[1])

    def validation_step(self, batch):
        self.log("val/loss", self.training_step(batch))

    def configure_optimizers(self):
        return self.optimizer


class Own(LighterModule): ...
"""
OLD = """\
trainer: {_target_: pytorch_lightning.Trainer, max_epochs: 2, accelerator: cpu, logger: false}
# The network.
model:
  _target_: model.Model
  network: {_target_: torch.nn.Linear, in_features: 2, out_features: 1}
  optimizer:
    _target_: torch.optim.SGD
    params: "$@model::network.parameters()"
    lr: "%model::rate"
  rate: 0.1
data:
  _target_: lighter.LighterDataModule
  train_dataloader:
    _target_: torch.utils.data.DataLoader
    batch_size: 4  # small
    dataset: {_target_: model.Points, count: 12}
  val_dataloader:
    _target_: torch.utils.data.DataLoader
    batch_size: "%::::train_dataloader::batch_size"
    dataset: "%data::train_dataloader::dataset"
"""
NEW = """\
project: .
trainer: {max_epochs: 2, accelerator: cpu, logger: false}
# The network.
system:
  _target_: project.model.Model
  network: {_target_: torch.nn.Linear, in_features: 2, out_features: 1}
  optimizer:
    _target_: torch.optim.SGD
    params: $@system::network.parameters()
    lr: '%system::rate'
  rate: 0.1
args:
  fit:
    train_dataloaders:
      _target_: torch.utils.data.DataLoader
      batch_size: 4  # small
      dataset: {_target_: project.model.Points, count: 12}
    val_dataloaders:
      _target_: torch.utils.data.DataLoader
      batch_size: '%args::fit::train_dataloaders::batch_size'
      dataset: '%args::fit::train_dataloaders::dataset'
  validate:
    dataloaders: '%args::fit::val_dataloaders'
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model.py").write_text(CODE, encoding="utf-8")


def converted(text: str) -> tuple[str, list[str]]:
    Path("old.yaml").write_text(text, encoding="utf-8")
    _, made = conversion(Request((Path("old.yaml"),), (), Path("config.yaml")), "lighter")
    return written(made.root), made.left


def test_a_module_of_ones_own_trains() -> None:
    assert converted(OLD) == (NEW, [])
    Path("config.yaml").write_text(NEW, encoding="utf-8")
    assert Config.load("config.yaml").check("fit") == []
    runner = Runner("config.yaml", "seed=1")
    runner.fit()
    made = runner.system.network.weight.tolist()

    # The same by hand, as LighterDataModule hands its loaders to the Trainer.
    torch.manual_seed(1)
    network = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    points = torch.arange(24.0).view(12, 2) / 12
    for _ in range(2):
        for batch in points.split(4):
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(network(batch), batch.sum(1, keepdim=True)).backward()
            optimizer.step()
    assert made[0] == pytest.approx(network.weight.tolist()[0])


@pytest.mark.parametrize("target", ["model.Own", "lighter.LighterModule"])
def test_what_derives_from_a_class_that_is_gone_is_told(target: str) -> None:
    _, (left,) = converted(OLD.replace("model.Model", target))
    assert left.startswith(f"{target} derives from lighter.LighterModule, which there is not")


def test_data_of_ones_own_stays() -> None:
    text, _ = converted("model: {_target_: model.Model}\ndata: {_target_: model.Data, size: '@model::rate'}\n")
    assert "data: {_target_: project.model.Data, size: '@system::rate'}" in text
