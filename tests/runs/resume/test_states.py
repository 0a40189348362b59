"""All that is random in a run, captured and put back."""

import random
from io import BytesIO
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

import lighter
from lighter.runs.resume.states import captured, put_back


class Points(Dataset[Tensor]):
    def __init__(self) -> None:
        self.R = np.random.RandomState(54321)

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> Tensor:
        return torch.tensor([float(self.R.rand())])


class Module(pl.LightningModule):
    """Notes what is drawn, and in the middle of the epoch goes back to its start."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 1)
        self.drawn: list[tuple[float, ...]] = []
        self.states: dict[str, Any] = {}

    def draw(self, dataset: Any) -> tuple[float, ...]:
        return random.random(), float(np.random.rand()), float(torch.rand(())), float(dataset.R.rand())  # noqa: NPY002

    def training_step(self, batch: Any, index: int) -> Tensor:
        if index == 0:
            saved = BytesIO()
            torch.save(captured(self.trainer), saved)
            saved.seek(0)
            self.states = torch.load(saved, weights_only=True)
        if index in {0, 2}:
            put_back(self.trainer, self.states)
            train: Any = self.trainer.train_dataloader
            loaders: Any = train["a"][0], self.trainer.val_dataloaders
            self.drawn.append(tuple(value for one in loaders for value in self.draw(one.dataset)))
        loss: Tensor = self.layer(batch["a"][0]).sum()
        return loss

    def validation_step(self, batch: Tensor, index: int) -> None: ...

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def train_dataloader(self) -> Any:
        return {"a": [DataLoader(Points())]}

    def val_dataloader(self) -> Any:
        return lighter.DataLoader(Points())


def test_all_sources_of_a_run_go_back() -> None:
    module = Module()
    quiet: Any = {"enable_progress_bar": False, "enable_model_summary": False, "logger": False}
    pl.Trainer(accelerator="cpu", max_epochs=1, enable_checkpointing=False, **quiet).fit(module)
    first, second = module.drawn
    assert first == second
    assert len({*first}) == len(first) == 8
