"""A run that is stopped, in whichever way and place, and goes on ends as if nothing had been: same weights, same log.

Each setting is trained once without a stop, and once with a stop after the other, each time with all objects made anew.
"""

import gc
import os
import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from monai.data.dataset import Dataset as TransformedDataset
from monai.transforms.compose import Compose
from monai.transforms.intensity.array import RandGaussianNoise, RandScaleIntensity
from pytorch_lightning.callbacks import (
    EarlyStopping,
    EMAWeightAveraging,
    GradientAccumulationScheduler,
    ModelCheckpoint,
    StochasticWeightAveraging,
)
from pytorch_lightning.loggers.logger import Logger
from torch import Tensor, nn
from torch.optim.lr_scheduler import ReduceLROnPlateau, StepLR
from torch.utils.data import DataLoader, Dataset, IterableDataset
from torch.utils.data.dataloader import _MultiProcessingDataLoaderIter
from torchmetrics import MeanSquaredError

import lighter
from lighter.errors import Terminated
from lighter.runs.resume.checkpoint_boundaries import CheckpointBoundaries
from lighter.runs.resume.resume_point import KEY, ResumePoint
from lighter.training.optimizers.parameter_groups import grouped
from lighter.training.system import System

pytestmark = [
    pytest.mark.filterwarnings("ignore:You're resuming from a checkpoint that ended before the epoch"),
    pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists and is not empty"),
    pytest.mark.filterwarnings("ignore:.*smaller than the logging interval"),
]

ROWS, SIZE, EPOCHS = 22, 4, 4  # six batches an epoch, the last of them small


class Points(Dataset[Any]):
    """Samples with noise from each random source that there is, one of their own among them."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.R = np.random.RandomState(3)
        self.loaded: list[int] = []

    def __len__(self) -> int:
        return self.rows

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        self.loaded.append(index)
        noise = float(np.random.rand()) + random.random() + float(self.R.rand())  # noqa: NPY002  # as users do
        x = torch.full((4,), index / 10) + torch.randn(4) / 10 + noise / 10
        return x, x.sum(0, keepdim=True)


class Stream(IterableDataset[Any]):
    """Samples without a length."""

    def __init__(self, rows: int) -> None:
        self.rows = rows

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for index in range(self.rows):
            x = torch.full((4,), index / 10) + torch.randn(4) / 10
            yield x, x.sum(0, keepdim=True)


class Noisy(pl.LightningModule):
    """A module that owes nothing to System, with a step counter and a buffer of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = network()
        self.register_buffer("seen", torch.zeros(1))

    def training_step(self, batch: Any, index: int) -> Tensor:
        seen: Any = self.seen
        seen += 1
        loss = nn.functional.mse_loss(self.layers(batch[0]), batch[1])
        self.log("train/loss", loss, on_step=True, on_epoch=False)
        return loss

    def validation_step(self, batch: Any, index: int) -> None:
        self.log("val/loss/epoch", nn.functional.mse_loss(self.layers(batch[0]), batch[1]))

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.Adam(self.parameters(), lr=0.01)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 4, 0.8)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


class Estimating(System):
    """Asks for its number of steps, as a schedule does: so the data are set up before a checkpoint is restored."""

    def configure_optimizers(self) -> Any:
        assert self.trainer.estimated_stepping_batches
        return super().configure_optimizers()


class Module(pl.LightningDataModule):
    def train_dataloader(self) -> Any:
        return torch_loader(Points(ROWS), shuffle=True)

    def val_dataloader(self) -> Any:
        return torch_loader(Points(8))


class Gan(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.generator, self.discriminator = nn.Linear(4, 4), nn.Sequential(nn.Linear(4, 1), nn.Dropout(0.2))

    def forward(self, real: Tensor) -> dict[str, Tensor]:
        fake = self.generator(torch.randn_like(real))
        return {"of_fake": self.discriminator(fake), "of_real": self.discriminator(real)}


def losses(pred: dict[str, Tensor]) -> dict[str, Tensor]:
    soft = nn.functional.softplus
    both = soft(-pred["of_real"]).mean() + soft(pred["of_fake"]).mean()
    return {"discriminator": both, "generator": soft(-pred["of_fake"]).mean()}


def of(part: str) -> Any:
    return lambda parameters: torch.optim.Adam(grouped(parameters, names=f"model.{part}"), lr=0.01)


def network() -> nn.Module:
    return nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.3), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))


def torch_loader(dataset: Any, **options: Any) -> DataLoader[Any]:
    return DataLoader(dataset, SIZE, **options)


def own_loader(dataset: Any, **options: Any) -> Any:
    return lighter.DataLoader(dataset, SIZE, **options)


def system(scheduler: Any = None, loaders: Any = None, adapters: Any = None, kind: type[System] = System) -> System:
    return kind(
        network(),
        loaders or {"train": torch_loader(Points(ROWS), shuffle=True), "val": torch_loader(Points(8))},
        lambda parameters: torch.optim.Adam(parameters, lr=0.01),
        scheduler=scheduler,
        criterion=nn.MSELoss(),
        adapters=adapters,
        metrics={"train": MeanSquaredError(), "val": MeanSquaredError()},
    )


def loading(loader: Any = torch_loader, kind: type[System] = System, **options: Any) -> Callable[[], System]:
    """A system with both loaders of one kind."""

    def made() -> System:
        train, val = loader(Points(ROWS), shuffle=True, **options), loader(Points(8), **options)
        return system(loaders={"train": train, "val": val}, kind=kind)

    return made


def streaming() -> System:
    return system(loaders={"train": torch_loader(Stream(ROWS)), "val": torch_loader(Stream(8))})


def of_several(loader: Callable[..., DataLoader[Any]] = torch_loader) -> System:
    """Two loaders of different lengths, the shorter of which begins again."""
    several = {"a": loader(Points(ROWS), shuffle=True), "b": loader(Points(10), shuffle=True)}
    adapters = {
        "train": {
            "batch": {
                "input": lambda batch: batch["a"][0] + batch["b"][0].mean(),
                "target": lambda batch: batch["a"][1],
            }
        }
    }
    return system(loaders={"train": several, "val": torch_loader(Points(8))}, adapters=adapters)


def transformed() -> System:
    noisy = Compose([lambda index: torch.full((1, 4), index / 10), RandScaleIntensity(0.5), RandGaussianNoise()])
    noisy.set_random_state(5)

    def pair(index: int) -> tuple[Tensor, Tensor]:
        x = noisy(index)[0]
        return torch.as_tensor(x), torch.as_tensor(x).sum(0, keepdim=True)

    data = TransformedDataset(list(range(ROWS)), pair)
    return system(loaders={"train": torch_loader(data, shuffle=True), "val": torch_loader(Points(8))})


def in_turns() -> System:
    optimizers = {
        "discriminator": {"optimizer": of("discriminator"), "accumulate_grad_batches": 2},
        "generator": {"optimizer": of("generator"), "every": 2},
    }
    loaders = {"train": torch_loader(Points(ROWS), shuffle=True), "val": torch_loader(Points(8))}
    adapters = {"batch": {"input": 0}, "criterion": {"arguments": ["pred"]}}
    return System(Gan(), loaders, optimizers, criterion=losses, adapters=adapters)


class Rows(Logger):
    """What a run has logged, by step and name; what is logged again replaces what was."""

    def __init__(self, found: dict[tuple[int, str], float]) -> None:
        super().__init__()
        self.found = found

    name = version = "rows"  # type: ignore[assignment]  # properties there

    def log_hyperparams(self, *arguments: Any, **options: Any) -> None: ...

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        self.found |= {(step or 0, name): float(value) for name, value in metrics.items()}


@dataclass(frozen=True)
class Stop:
    """Where a run is stopped, and how: by a signal that it sends itself, in training or validation, or by an error."""

    how: str
    epoch: int
    batch: int


class Stopping(pl.Callback):
    """Stops at the place, and notes the weights after each batch."""

    def __init__(self, stop: Stop | None, weights: dict[tuple[int, int], Tensor]) -> None:
        self.stop, self.weights = stop, weights

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, index: int) -> None:
        self.weights[trainer.current_epoch, index] = torch.cat([one.flatten() for one in module.state_dict().values()])
        if self.stop == Stop("error", trainer.current_epoch, index):
            raise RuntimeError("stopped")
        if self.stop == Stop("training", trainer.current_epoch, index):
            os.kill(os.getpid(), signal.SIGTERM)

    def on_validation_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, index: int, *_: Any) -> None:
        if self.stop == Stop("validation", trainer.current_epoch, index) and not trainer.sanity_checking:
            os.kill(os.getpid(), signal.SIGTERM)


@dataclass
class Setting:
    """What is trained, and how."""

    name: str
    module: Callable[[], pl.LightningModule] = system
    options: dict[str, Any] = field(default_factory=dict)
    callbacks: Callable[[Path], list[pl.Callback]] = lambda folder: []
    data: Callable[[], pl.LightningDataModule | None] = lambda: None
    is_exact_within: bool = True  # also in the middle of an epoch

    def __str__(self) -> str:
        return self.name


@dataclass
class Run:
    """What has come of a run: weights by epoch and batch, logged values by step and name."""

    folder: Path
    weights: dict[tuple[int, int], Tensor] = field(default_factory=dict)
    logged: dict[tuple[int, str], float] = field(default_factory=dict)
    module: Any = None

    def go(self, setting: Setting, stop: Stop | None = None, start: Path | None = None, **when: Any) -> None:
        """Trains until it is stopped, from a checkpoint if one is given."""
        pl.seed_everything(1, workers=True, verbose=False)
        point = ResumePoint(self.folder, 1, **when)
        callbacks = [point, *setting.callbacks(self.folder), Stopping(stop, self.weights), CheckpointBoundaries(point)]
        quiet = {"accelerator": "cpu", "enable_progress_bar": False, "enable_model_summary": False}
        options = {
            "max_epochs": EPOCHS,
            "logger": Rows(self.logged),
            "log_every_n_steps": 1,
            **quiet,
            **setting.options,
        }
        trainer = pl.Trainer(callbacks=callbacks, default_root_dir=self.folder, **options)
        self.module = setting.module()
        path = str(start) if start is not None else None
        if stop is None:
            trainer.fit(self.module, datamodule=setting.data(), ckpt_path=path, weights_only=True)
            return
        with pytest.raises(RuntimeError if stop.how == "error" else Terminated):
            trainer.fit(self.module, datamodule=setting.data(), ckpt_path=path, weights_only=True)
        # Those that are left to the garbage collector lose their queues first, and then wait for their workers.
        for one in gc.get_objects() if "workers" in setting.name else ():
            if type(one) is _MultiProcessingDataLoaderIter:
                one._shutdown_workers()

    @property
    def last(self) -> Path | None:
        path = self.folder / "last.ckpt"
        return path if path.exists() else None


def require_same(found: Run, wanted: Run) -> None:
    assert found.weights.keys() == wanted.weights.keys()
    places = [place for place in sorted(wanted.weights) if not torch.equal(found.weights[place], wanted.weights[place])]
    assert not places, f"weights differ from epoch {places[0][0]}, batch {places[0][1]} on"
    own = {key: value for key, value in found.logged.items() if value != wanted.logged.get(key)}
    assert not own, f"logged otherwise: { {key: (value, wanted.logged.get(key)) for key, value in own.items()} }"
    assert found.logged.keys() == wanted.logged.keys()


SETTINGS = [
    Setting("plain"),
    Setting("plateau", lambda: system(lambda optimizer: ReduceLROnPlateau(optimizer, factor=0.5, patience=0))),
    Setting("scheduler", lambda: system(lambda optimizer: StepLR(optimizer, 1, 0.7))),
    Setting("often validated", options={"val_check_interval": 2}),
    Setting("rarely validated", options={"check_val_every_n_epoch": 2}),
    Setting("accumulating", callbacks=lambda folder: [GradientAccumulationScheduler({0: 2, 1: 1, 2: 3})]),
    Setting("by steps", options={"max_steps": 21, "max_epochs": -1}),
    Setting("workers", loading(num_workers=2), {"max_epochs": 3}),
    Setting("persistent workers", loading(num_workers=1, persistent_workers=True), {"max_epochs": 3}),
    Setting("own loader", loading(own_loader, Estimating)),
    Setting("own loader, workers", loading(own_loader, num_workers=1, persistent_workers=True), {"max_epochs": 3}),
    Setting("several loaders", of_several),
    Setting("several own loaders", lambda: of_several(own_loader)),
    Setting("stream", streaming, is_exact_within=False),  # Lightning reads it ahead, between steps that draw as well
    Setting("own stream", lambda: system(loaders={"train": own_loader(Stream(ROWS)), "val": torch_loader(Stream(8))})),
    Setting("transforms", transformed),
    Setting("in turns", in_turns),
    Setting("module", Noisy, data=Module),
    Setting("early stopping", callbacks=lambda folder: [EarlyStopping("val/loss/epoch", 0.05, patience=1)]),
    Setting("averaged", callbacks=lambda folder: [EMAWeightAveraging()]),
    Setting(  # it sets itself up at the start of an epoch alone
        "stochastic average",
        callbacks=lambda folder: [StochasticWeightAveraging(0.02, 1)],
        is_exact_within=False,
    ),
    Setting(
        "checkpoints of its own",
        callbacks=lambda folder: [
            ModelCheckpoint(folder, "best", monitor="val/loss/epoch"),
            ModelCheckpoint(folder, "{step}", every_n_train_steps=4, save_top_k=-1),
            ModelCheckpoint(folder, "end{epoch}", save_top_k=-1, save_on_train_epoch_end=True),
        ],
    ),
]


@pytest.fixture(scope="module")
def never_stopped(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Setting], Run]:
    """The run of a setting without a stop."""
    runs: dict[str, Run] = {}

    def run(setting: Setting) -> Run:
        if setting.name not in runs:
            runs[setting.name] = Run(tmp_path_factory.mktemp("never"))
            runs[setting.name].go(setting)
        return runs[setting.name]

    return run


@pytest.mark.parametrize("setting", [one for one in SETTINGS if one.is_exact_within], ids=str)
def test_a_run_goes_on_after_signals(never_stopped: Callable[[Setting], Run], setting: Setting, tmp_path: Path) -> None:
    run = Run(tmp_path)
    for stop in [Stop("training", 0, 2), Stop("validation", 1, 0), Stop("training", 2, 5), None]:
        run.go(setting, stop, start=run.last)
    require_same(run, never_stopped(setting))


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_a_run_goes_on_after_errors(never_stopped: Callable[[Setting], Run], setting: Setting, tmp_path: Path) -> None:
    """From the start of the epoch; then from the middle, where checkpoints are written at every step."""
    run, every = Run(tmp_path), 1 if setting.is_exact_within else None
    for stop in [Stop("error", 1, 2), Stop("error", 1, 3), Stop("error", 2, 0), None]:
        run.go(setting, stop, run.last, every_n_train_steps=None if run.last is None else every)
    require_same(run, never_stopped(setting))


@pytest.mark.parametrize("name", ["step=8", "step=12", "step=16", "endepoch=0", "best"])
def test_a_run_goes_on_from_checkpoints_of_the_config(
    never_stopped: Callable[[Setting], Run], name: str, tmp_path: Path
) -> None:
    setting = next(one for one in SETTINGS if one.name == "checkpoints of its own")
    wanted = never_stopped(setting)
    run = Run(wanted.folder, dict(wanted.weights), dict(wanted.logged))
    run.go(setting, start=wanted.folder / f"{name}.ckpt")
    require_same(run, wanted)


@pytest.mark.parametrize(("name", "again"), [("plain", ROWS), ("own loader", ROWS - 3 * SIZE)])
def test_only_loaders_of_torch_load_again_what_was_seen(name: str, again: int, tmp_path: Path) -> None:
    setting = next(one for one in SETTINGS if one.name == name)
    run = Run(tmp_path)
    run.go(setting, Stop("training", 0, 2))
    run.go(replace(setting, options={"max_epochs": 1}), start=run.last)
    assert len(run.module.dataloaders["train"].dataset.loaded) == again


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, ("epoch", 0)),
        ({"every_n_train_steps": 1}, ("batch", 3)),
        ({"every_n_train_steps": 2}, ("batch", 2)),
        ({"every_n_minutes": 1e-9}, ("batch", 3)),
        ({"every_n_minutes": 60}, ("epoch", 0)),
    ],
)
def test_a_checkpoint_is_written_when_it_is_due(
    options: dict[str, Any], found: tuple[str, int], tmp_path: Path
) -> None:
    run = Run(tmp_path)
    run.go(SETTINGS[0], Stop("error", 1, 3), **options)
    where = torch.load(tmp_path / "last.ckpt", weights_only=True)[KEY]["position"]
    assert (where["phase"], where["batch"]) == found
    kept = torch.load(tmp_path / "exception.ckpt", weights_only=True)  # of the error itself
    assert kept["global_step"] == EPOCHS + 6


@pytest.mark.parametrize(("name", "shorter"), [("plain", {"max_epochs": 2}), ("by steps", {"max_steps": 9})])
def test_a_run_that_has_ended_goes_on_for_longer(
    never_stopped: Callable[[Setting], Run], name: str, shorter: dict[str, int], tmp_path: Path
) -> None:
    """From where it was: the rest of an epoch that `max_steps` has broken off comes too."""
    setting, run = next(one for one in SETTINGS if one.name == name), Run(tmp_path)
    run.go(replace(setting, options={**setting.options, **shorter}))
    logged = torch.load(run.folder / "last.ckpt", weights_only=True)[KEY]["position"]["logged"]
    own = [(step, name) for step, name in run.logged if step >= logged and "/" in name and not name.endswith("/step")]
    for key in own:
        del run.logged[key]  # as the rows of metrics.csv
    run.go(setting, start=run.last)
    require_same(run, never_stopped(setting))


def test_an_epoch_that_a_callback_has_ended_goes_on(tmp_path: Path) -> None:
    class Ending(pl.Callback):
        def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, index: int) -> None:
            trainer.should_stop = (trainer.current_epoch, index) == (1, 2)

    run = Run(tmp_path)
    run.go(replace(SETTINGS[0], callbacks=lambda folder: [Ending()]))
    assert max(run.weights) == (1, 2)
    run.go(SETTINGS[0], start=run.last)
    assert list(run.weights) == [(epoch, batch) for epoch in range(EPOCHS) for batch in range(6)]


def test_a_checkpoint_that_lighter_has_not_written_is_gone_on_from(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.go(SETTINGS[0], Stop("error", 2, 0))
    content = torch.load(tmp_path / "last.ckpt", weights_only=True)
    del content[KEY]
    torch.save(content, tmp_path / "other.ckpt")
    run.go(SETTINGS[0], start=tmp_path / "other.ckpt")
    assert max(run.weights) == (EPOCHS - 1, 5)


def test_a_failure_is_not_hidden_by_one_of_saving(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Failing(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(1, 1)

        def training_step(self, batch: Any, index: int) -> Any:
            if index == 3:
                raise KeyError("first")
            self.trainer.callback_metrics["mine"] = 1.0  # type: ignore[assignment]  # as people do
            return self.layer(batch[0]).sum()

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.1)

        def on_save_checkpoint(self, checkpoint: Any) -> None:
            if self.trainer.state.status == "interrupted":
                raise OSError("second")

    rows = torch.utils.data.TensorDataset(torch.ones(4, 1))
    point = ResumePoint(tmp_path, every_n_train_steps=2)
    quiet: Any = dict.fromkeys(("logger", "enable_progress_bar", "enable_model_summary"), False)
    trainer = pl.Trainer(accelerator="cpu", max_epochs=1, callbacks=[point, CheckpointBoundaries(point)], **quiet)
    with pytest.raises(KeyError, match="first"):
        trainer.fit(Failing(), torch.utils.data.DataLoader(rows))
    assert "exception.ckpt' could not be written: second" in caplog.text
    assert point.path.exists()
