"""Schedulers whose arguments depend on the length of a training, which a resumed run may change."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from torch import nn
from torch.optim import SGD
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    CosineAnnealingLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    OneCycleLR,
    ReduceLROnPlateau,
    SequentialLR,
)
from torch.utils.data import DataLoader, TensorDataset

from lighter.runs.resume.checkpoint_boundaries import CheckpointBoundaries
from lighter.runs.resume.resume_point import ResumePoint
from lighter.training.system import System


def cosine(optimizer: Any, epochs: int) -> LRScheduler:
    return CosineAnnealingLR(optimizer, epochs)


def cycle(optimizer: Any, epochs: int) -> LRScheduler:
    return OneCycleLR(optimizer, 1.0, epochs + 1)


def warm(optimizer: Any, epochs: int) -> LRScheduler:
    parts = [LinearLR(optimizer, 0.5, total_iters=2), CosineAnnealingLR(optimizer, epochs - 1)]
    return SequentialLR(optimizer, parts, [1])


def falling(optimizer: Any, epochs: int) -> LRScheduler:
    return LambdaLR(optimizer, lambda step: 1 - step / epochs)


def fitted(folder: Path, scheduler: Any, epochs: int) -> list[float]:
    """The rates of the epochs of a training, which resumes the one before in this folder."""
    rates: list[float] = []

    class Rates(pl.Callback):
        def on_train_batch_start(self, trainer: Any, *rest: Any) -> None:
            rates.append(float(trainer.optimizers[0].param_groups[0]["lr"]))

    rows = TensorDataset(torch.ones(2, 1), torch.ones(2, 1))
    data = {name: DataLoader(rows, batch_size=2) for name in ("train", "val")}
    schedule = {"scheduler": scheduler, "interval": "step", "monitor": "val/loss/epoch"}
    system = System(nn.Linear(1, 1), data, partial(SGD, lr=1.0, momentum=0.9), schedule, criterion=nn.MSELoss())
    point = ResumePoint(folder)
    quiet: Any = dict.fromkeys(("logger", "enable_progress_bar", "enable_model_summary"), False)
    callbacks = [point, Rates(), CheckpointBoundaries(point)]
    trainer = pl.Trainer(accelerator="cpu", max_epochs=epochs, callbacks=callbacks, **quiet)
    trainer.fit(system, ckpt_path=str(point.path) if point.path.exists() else None)
    return rates


def alone(scheduler: Any, epochs: int) -> list[float]:
    """The same rates in a loop."""
    optimizer = SGD([nn.Parameter(torch.zeros(1))], lr=1.0, momentum=0.9)
    made, rates = scheduler(optimizer), []
    for _ in range(epochs):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        made.step()
    return rates


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


@pytest.mark.parametrize(
    ("made", "changed"),
    [
        (cosine, "CosineAnnealingLR is another by this config (T_max: 3 -> 6)"),
        (cycle, "OneCycleLR is another by this config (total_steps: 4 -> 7)"),
        (warm, "SequentialLR is another by this config (_schedulers::1::T_max: 2 -> 5)"),
        (falling, "LambdaLR is another by this config (lr_lambda)"),
    ],
)
def test_a_longer_training_has_the_rates_of_its_whole_length(
    made: Callable[..., LRScheduler], changed: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    short, long = partial(made, epochs=3), partial(made, epochs=6)
    first = fitted(tmp_path, short, 3)
    assert not warned(caplog)
    rest = fitted(tmp_path, long, 6)
    assert first == pytest.approx(alone(short, 3))
    assert rest == pytest.approx(alone(long, 6)[3:])
    (told,) = warned(caplog)
    assert told.startswith(f"scheduler: {changed}")
    assert f"continues at step 3 of the new schedule, at a rate of {rest[0]:.4g} in place of " in told
    caplog.clear()
    fitted(tmp_path, long, 7)
    assert not warned(caplog)


@pytest.mark.parametrize(
    ("made", "changed"),
    [
        (lambda optimizer, epochs: ReduceLROnPlateau(optimizer, patience=epochs), "patience: 1 -> 2"),
        (
            lambda optimizer, epochs: ChainedScheduler([CosineAnnealingLR(optimizer, epochs)]),
            "_schedulers::0::T_max: 1 -> 2",
        ),
    ],
)
def test_one_whose_steps_say_not_where_it_is_stays(
    made: Any, changed: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fitted(tmp_path, partial(made, epochs=1), 1)
    fitted(tmp_path, partial(made, epochs=2), 2)
    (told,) = warned(caplog)
    assert told.endswith(f"is another by this config ({changed}); it stays as the checkpoint has it")
