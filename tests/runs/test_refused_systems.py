"""Where a system stands that Lightning does not take."""

from pathlib import Path

import pytest

from lighter import Runner
from lighter.runs.refused_systems import noting_system

OLD = """
import {package} as pl
import torch


class Old(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def training_step(self, batch, batch_idx):
        return self.layer(batch).sum()

    def train_dataloader(self):
        return torch.utils.data.DataLoader(torch.ones(2, 1))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def training_epoch_end(self, outputs): ...


class Idle(pl.LightningModule):
    def train_dataloader(self):
        return torch.utils.data.DataLoader(torch.ones(2, 1))


class Failing(Old):
    training_epoch_end = None

    def training_step(self, batch, batch_idx):
        raise NotImplementedError("mine")
"""
CONFIG = """project: old
trainer: {_target_: PACKAGE.Trainer, max_epochs: 1, accelerator: cpu, logger: false, enable_progress_bar: false}
system: {_target_: old.lit.Old}
"""


@pytest.fixture(params=["pytorch_lightning", "lightning.pytorch"])
def config(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("old").mkdir()
    Path("old/lit.py").write_text(OLD.replace("{package}", request.param))
    Path("config.yaml").write_text(CONFIG.replace("PACKAGE", request.param))
    return "config.yaml"


@pytest.mark.filterwarnings("ignore:`training_step` returned `None`")
def test_lightning_s_own_words_with_the_line_they_are_about(config):
    with pytest.raises(NotImplementedError, match="`training_epoch_end` has been removed") as raised:
        Runner(config).fit()
    file = Path("old/lit.py").resolve()
    assert raised.value.__notes__ == [
        f"'Old.training_epoch_end' is defined in {file}:20; 'system' is written at config.yaml:3:20"
    ]


def test_a_system_that_lacks_something(config):
    with pytest.raises(Exception, match="training_step") as raised:
        Runner(config, "system::_target_=old.lit.Idle").fit()
    file = Path("old/lit.py").resolve()
    assert raised.value.__notes__[0].startswith(
        f"'Idle' is defined in {file}:23; 'system' is written at command line: "
    )


def test_what_the_system_itself_raises_is_left_alone(config):
    with pytest.raises(NotImplementedError, match="mine") as raised:
        Runner(config, "system::_target_=old.lit.Failing").fit()
    assert not hasattr(raised.value, "__notes__")


def test_other_failures_are_left_alone():
    with pytest.raises(ValueError, match="mine") as raised, noting_system(object(), None):
        raise ValueError("mine")
    assert not hasattr(raised.value, "__notes__")
