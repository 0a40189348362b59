from collections.abc import Callable
from pathlib import Path

import pytest

# A repository laid out as lightning-hydra-template lays its own out: configs in groups, all built by src/train.py.
TEMPLATE = {
    ".project-root": "",
    "src/__init__.py": "",
    "src/lit.py": """
import torch
from pytorch_lightning import LightningDataModule, LightningModule
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self, width, outputs):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, outputs))

    def forward(self, x):
        return self.layers(x)


class Lit(LightningModule):
    def __init__(self, net, optimizer, scheduler=None):
        super().__init__()
        self.net, self.optimizer, self.scheduler = net, optimizer, scheduler

    def training_step(self, batch, index):
        loss = nn.functional.mse_loss(self.net(batch[0]), batch[1])
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch, index):
        self.log("val/loss", nn.functional.mse_loss(self.net(batch[0]), batch[1]))

    def configure_optimizers(self):
        optimizer = self.optimizer(params=self.parameters())
        return [optimizer], [] if self.scheduler is None else [self.scheduler(optimizer=optimizer)]


class Points(LightningDataModule):
    def __init__(self, folder, batch_size, outputs):
        super().__init__()
        self.folder, self.batch_size = folder, batch_size
        points = torch.rand(16, 2, generator=torch.Generator().manual_seed(0))
        self.points = TensorDataset(points, points.sum(1, keepdim=True).expand(-1, outputs))

    def train_dataloader(self):
        return DataLoader(self.points, batch_size=self.batch_size, shuffle=True)

    def val_dataloader(self):
        return DataLoader(self.points, batch_size=self.batch_size)
""",
    "configs/train.yaml": """\
# @package _global_

# the order of the groups
defaults:
  - _self_
  - data: points
  - model: lit
  - callbacks: default
  - logger: null  # or csv
  - trainer: default
  - paths: default
  - extras: default
  - hydra: default
  - experiment: null
  - hparams_search: null
  - optional local: default

# names the folder
task_name: train
train: True  # or not
test: True
ckpt_path: null
seed: null
""",
    "configs/data/points.yaml": """\
_target_: src.lit.Points
folder: ${paths.data_dir}  # where they lie
batch_size: 4
outputs: ${model.net.outputs}
""",
    "configs/model/lit.yaml": """\
_target_: src.lit.Lit
optimizer:
  _target_: torch.optim.Adam
  _partial_: true
  lr: 1e-3  # the rate
net:
  _target_: src.lit.Net
  width: 8
  outputs: 1
""",
    "configs/model/wide.yaml": """\
defaults:
  - lit
  - _self_
net:
  width: 32
""",
    "configs/callbacks/default.yaml": """\
defaults:
  - checkpoint
  - stopping
  - _self_
checkpoint:
  dirpath: ${paths.output_dir}/checkpoints
  save_last: True
""",
    "configs/callbacks/checkpoint.yaml": """\
# keeps the best
checkpoint:
  _target_: pytorch_lightning.callbacks.ModelCheckpoint
  dirpath: null
  monitor: val/loss
""",
    "configs/callbacks/stopping.yaml": """\
stopping:
  _target_: pytorch_lightning.callbacks.EarlyStopping
  monitor: ???
  patience: 3
""",
    "configs/logger/csv.yaml": """\
csv:
  _target_: pytorch_lightning.loggers.CSVLogger
  save_dir: ${paths.output_dir}
""",
    "configs/trainer/default.yaml": """\
_target_: pytorch_lightning.Trainer
default_root_dir: ${paths.output_dir}
max_epochs: 3
accelerator: cpu
log_every_n_steps: 1
enable_progress_bar: False
""",
    "configs/paths/default.yaml": """\
root_dir: ${oc.env:PROJECT_ROOT}
data_dir: ${paths.root_dir}/data/
output_dir: ${hydra:runtime.output_dir}
work_dir: ${hydra:runtime.cwd}
""",
    "configs/extras/default.yaml": "print_config: True\n",
    "configs/hydra/default.yaml": """\
defaults:
  - override hydra_logging: colorlog
job_logging: {level: INFO}
""",
    "configs/experiment/wide.yaml": """\
# @package _global_
defaults:
  - override /model: wide
seed: 12345
trainer:
  max_epochs: 1
callbacks:
  stopping: {monitor: val/loss}
logger:
  wandb:
    group: wide
""",
    "configs/hparams_search/optuna.yaml": """\
# @package _global_
defaults:
  - override /hydra/sweeper: optuna
optimized_metric: val/loss
hydra:
  mode: "MULTIRUN"
  sweeper:
    _target_: hydra_plugins.hydra_optuna_sweeper.optuna_sweeper.OptunaSweeper
    storage: null
    study_name: lit
    n_jobs: 1
    direction: minimize
    # how many
    n_trials: 3
    sampler:
      _target_: optuna.samplers.TPESampler
      seed: 1234
    params:
      model.optimizer.lr: tag(log, interval(0.0001, 0.1))
      data.batch_size: choice(2, 4)
      model.net.width: range(4, 10, 2)
      model.net.depth: choice(1, 2)
""",
}  # fmt: skip


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: Callable[..., Path]) -> Path:
    """A small repository of the layout of lightning-hydra-template, and the current folder."""
    monkeypatch.delenv("PROJECT_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    return written(tmp_path, TEMPLATE)


@pytest.fixture
def written() -> Callable[[Path, dict[str, str]], Path]:
    """Writes files by their names into a folder."""

    def write(folder: Path, files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return folder

    return write
