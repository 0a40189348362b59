"""What is logged: the right numbers, under their names, on their steps, at no cost in between."""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch
from monai.data import DataLoader as MetaLoader
from monai.data import MetaTensor
from monai.metrics.regression import MAEMetric
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.loggers import CSVLogger
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.data import DataLoader, TensorDataset, default_collate
from torchmetrics import MeanAbsoluteError, MeanSquaredError, Metric, R2Score
from torchmetrics.wrappers import MinMaxMetric

from lighter import Runner
from lighter.training.adapters import BatchAdapter
from lighter.training.epoch_values import EpochRecord, Totals, added, loader_names
from lighter.training.metrics.mode_metrics import mode_metrics
from lighter.training.stages import Mode
from lighter.training.system import System

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*does not have many workers"),
    pytest.mark.filterwarnings("ignore:.*smaller than the logging interval"),
]

INPUTS = torch.linspace(-1, 1, 10).reshape(10, 1)
TARGETS = 3 * INPUTS**2
CPU = torch.device("cpu")


def loader(rows: int = 10, size: int = 4) -> DataLoader[Any]:
    """Ten samples in batches of 4, 4 and 2."""
    return DataLoader(TensorDataset(INPUTS[:rows], TARGETS[:rows]), batch_size=size)


def line() -> nn.Linear:
    model = nn.Linear(1, 1)
    with torch.no_grad():
        model.weight.fill_(0.5)
        model.bias.fill_(0.1)
    return model


def system(rate: float = 0.1, **arguments: Any) -> System:
    given = {"dataloaders": {"train": loader(), "val": loader()}, "criterion": nn.MSELoss(), **arguments}
    return System(line(), optimizer=lambda parameters: torch.optim.SGD(parameters, lr=rate), **given)


def trainer(**options: Any) -> pl.Trainer:
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "enable_checkpointing": False}
    return pl.Trainer(
        **{"accelerator": "cpu", "logger": False, "max_epochs": 1, "log_every_n_steps": 1, **quiet, **options}
    )


def fitted(module: pl.LightningModule, **options: Any) -> pl.Trainer:
    made = trainer(**options)
    made.fit(module)
    return made


def by_hand(epochs: int, rate: float, accumulate: int = 1) -> list[float]:
    """The loss of each epoch, a mean over samples, of a loop in plain PyTorch."""
    model, means = line(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for _ in range(epochs):
        total = 0.0
        batches = list(loader())
        for index, (inputs, targets) in enumerate(batches):
            loss = nn.functional.mse_loss(model(inputs), targets)
            (loss / accumulate).backward()  # type: ignore[no-untyped-call]  # torch has no types for it
            total += loss.item() * len(inputs)
            if (index + 1) % accumulate == 0 or index + 1 == len(batches):
                optimizer.step()
                optimizer.zero_grad()
        means.append(total / 10)
    return means


class Seen(pl.Callback):
    """The values that callbacks see at the end of each epoch."""

    def __init__(self) -> None:
        self.train: list[dict[str, float]] = []
        self.val: list[dict[str, float]] = []

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.val.append({name: float(value) for name, value in trainer.callback_metrics.items()})

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.train.append({name: float(value) for name, value in trainer.callback_metrics.items()})


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open(encoding="utf-8") as file:
        return [{name: value for name, value in row.items() if value} for row in csv.DictReader(file)]


def logged(folder: Path, name: str) -> list[tuple[int, float]]:
    """The steps and values of a name."""
    return [(int(row["step"]), float(row[name])) for row in rows(folder) if name in row]


@pytest.mark.parametrize("accumulate", [1, 2])
def test_epoch_losses_are_means_over_samples(tmp_path: Path, accumulate: int) -> None:
    logger = CSVLogger(str(tmp_path), name=None, version="")
    fitted(system(), max_epochs=3, logger=logger, accumulate_grad_batches=accumulate)
    values = [value for _, value in logged(tmp_path, "train/loss/epoch")]
    assert values == pytest.approx(by_hand(3, 0.1, accumulate), abs=1e-6)


def test_epoch_losses_under_mixed_precision() -> None:
    found = fitted(system(), precision="bf16-mixed").callback_metrics
    assert float(found["train/loss/epoch"]) == pytest.approx(by_hand(1, 0.1)[0], rel=2e-2)


def test_validation_is_a_mean_over_samples_too() -> None:
    found = fitted(system(rate=0.0, metrics={"val": MeanAbsoluteError()})).callback_metrics
    with torch.no_grad():
        pred = line()(INPUTS)
    assert float(found["val/loss/epoch"]) == pytest.approx(nn.functional.mse_loss(pred, TARGETS).item(), abs=1e-6)
    expected = nn.functional.l1_loss(pred, TARGETS).item()
    assert float(found["val/metrics/MeanAbsoluteError/epoch"]) == pytest.approx(expected, abs=1e-6)


class Ready:
    """A loader of ready batches, of 4, 4 and 2 samples: two tokens each, all of a batch in one row."""

    def __iter__(self) -> Iterator[Any]:
        return ((inputs.repeat(2, 1), targets) for inputs, targets in loader())

    def __len__(self) -> int:
        return 3


def time_first(samples: list[Any]) -> Any:
    inputs, targets = default_collate(samples)
    return inputs.repeat(3, 1, 1), targets.repeat(3, 1, 1)


@pytest.mark.parametrize(
    ("data", "size", "said"),
    [
        (DataLoader(TensorDataset(INPUTS, TARGETS), 4, collate_fn=time_first), None, 0),
        (Ready(), 1, 0),
        (Ready(), lambda batch: len(batch[1]), 0),
        (Ready(), None, 1),
    ],
)
def test_a_mean_over_samples_whatever_a_batch_looks_like(
    data: Any, size: Any, said: int, caplog: pytest.LogCaptureFixture
) -> None:
    def mse(pred: Tensor, target: Tensor) -> Tensor:
        return nn.functional.mse_loss(pred[: len(target)], target)

    adapter = BatchAdapter(input=0, target=1, size=size)
    made = system(0.0, dataloaders={"train": data, "val": data}, criterion=mse, adapters={"batch": adapter})
    found = fitted(made, max_epochs=2).callback_metrics
    expected = nn.functional.mse_loss(line()(INPUTS), TARGETS).item()
    assert [float(found[f"{mode}/loss/epoch"]) for mode in ("train", "val")] == pytest.approx([expected] * 2)
    assert sum("how many samples a batch has is a guess" in text for text in caplog.messages) == 2 * said


def test_every_name() -> None:
    def both(pred: Tensor, target: Tensor) -> Mapping[str, Tensor]:
        mse = nn.functional.mse_loss(pred, target)
        return {"total": mse * 2, "mse": mse}

    metrics = {"train": {"mae": MeanAbsoluteError()}, "val": {"mae": MeanAbsoluteError()}}
    found = fitted(system(criterion=both, metrics=metrics)).callback_metrics
    names = ["loss", "loss/mse", "metrics/mae"]
    assert sorted(found) == sorted(
        ["train/lr", "train/momentum"]
        + [f"train/{name}/{level}" for name in names for level in ("epoch", "step")]
        + [f"val/{name}/epoch" for name in names]
    )
    assert float(found["train/loss/epoch"]) == pytest.approx(2 * float(found["train/loss/mse/epoch"]))


def test_test_has_a_loss_and_metrics() -> None:
    made = system(dataloaders={"test": loader()}, metrics={"test": MeanAbsoluteError()})
    (found,) = trainer().test(made, verbose=False)
    assert list(found) == ["test/loss/epoch", "test/metrics/MeanAbsoluteError/epoch"]


def test_validate_returns_the_values() -> None:
    (found,) = trainer().validate(system(), verbose=False)
    assert list(found) == ["val/loss/epoch"]


def test_the_rate_is_that_with_which_the_epoch_began(tmp_path: Path) -> None:
    halved = {"scheduler": lambda optimizer: torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5), "interval": "step"}
    logger = CSVLogger(str(tmp_path), name=None, version="")
    fitted(system(rate=0.8, scheduler=halved), max_epochs=2, logger=logger)
    assert [value for _, value in logged(tmp_path, "train/lr")] == pytest.approx([0.8, 0.1])
    assert [value for _, value in logged(tmp_path, "train/momentum")] == [0, 0]


@pytest.mark.parametrize(
    ("options", "steps"),
    [
        ({"log_every_n_steps": 1}, [0, 1, 2, 3, 4, 5]),
        ({"log_every_n_steps": 2}, [1, 3, 5]),
        ({"log_every_n_steps": 2, "accumulate_grad_batches": 2}, [1, 3]),
        ({"log_every_n_steps": 1, "accumulate_grad_batches": 2}, [0, 1, 2, 3]),
        ({"log_every_n_steps": 9}, []),
        ({"log_every_n_steps": 0}, []),
    ],
)
def test_steps_are_logged_when_the_trainer_logs(tmp_path: Path, options: dict[str, int], steps: list[int]) -> None:
    class Reference(pl.LightningModule):
        """Logs as Lightning's manual shows."""

        def __init__(self) -> None:
            super().__init__()
            self.model = line()

        def training_step(self, batch: Any, batch_idx: int) -> Tensor:
            loss = nn.functional.mse_loss(self.model(batch[0]), batch[1])
            self.log("train/loss/step", loss)
            return loss

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), lr=0.1)

        def train_dataloader(self) -> DataLoader[Any]:
            return loader()

    found = []
    modules = {"ours": system(dataloaders={"train": loader()}), "theirs": Reference()}
    for name, module in modules.items():
        logger = CSVLogger(str(tmp_path / name), name=None, version="")
        fitted(module, max_epochs=2, logger=logger, **options)
        found.append(logged(tmp_path / name, "train/loss/step") if (tmp_path / name / "metrics.csv").exists() else [])
    assert [step for step, _ in found[0]] == steps
    assert [step for step, _ in found[1]] == steps
    assert [value for _, value in found[0]] == pytest.approx([value for _, value in found[1]])


class CountedError(MeanSquaredError):
    computed: list[str] = []  # noqa: RUF012  # what all copies count together

    def compute(self) -> Tensor:
        self.computed.append("compute")
        return super().compute()


@pytest.mark.parametrize(("every", "count"), [(1, 6 + 2), (2, 3 + 2), (9, 2)])
def test_a_metric_is_computed_on_logged_steps_and_once_an_epoch(
    monkeypatch: pytest.MonkeyPatch, every: int, count: int
) -> None:
    monkeypatch.setattr(CountedError, "computed", [])
    made = system(dataloaders={"train": loader()}, metrics={"train": CountedError()})
    fitted(made, max_epochs=2, log_every_n_steps=every)
    assert len(CountedError.computed) == count


def test_the_step_value_of_a_metric_is_that_of_its_batch(tmp_path: Path) -> None:
    logger = CSVLogger(str(tmp_path), name=None, version="")
    metrics = {"train": {"mse": MeanSquaredError(), "rmse": MeanSquaredError(squared=False)}}
    fitted(system(metrics=metrics), logger=logger, log_every_n_steps=2, max_epochs=2)
    losses, mse = logged(tmp_path, "train/loss/step"), logged(tmp_path, "train/metrics/mse/step")
    assert [step for step, _ in mse] == [step for step, _ in losses] == [1, 3, 5]
    assert [value for _, value in mse] == pytest.approx([value for _, value in losses])
    rmse = logged(tmp_path, "train/metrics/rmse/step")
    assert [value**2 for _, value in rmse] == pytest.approx([value for _, value in mse])
    # The steps in between count for the epoch as well.
    assert [value for _, value in logged(tmp_path, "train/metrics/mse/epoch")] == pytest.approx(by_hand(2, 0.1))


def test_a_step_or_sanity_check_has_no_value_of_a_metric_that_wants_more_samples(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logger = CSVLogger(str(tmp_path), name=None, version="")
    loaders = {"train": loader(size=9), "val": loader(size=1)}
    made = system(0.0, dataloaders=loaders, metrics={mode: R2Score() for mode in loaders})
    found = fitted(made, logger=logger, num_sanity_val_steps=1, max_epochs=2).callback_metrics
    with torch.no_grad():
        pred = line()(INPUTS)
    expected = 1 - ((pred - TARGETS) ** 2).sum().item() / ((TARGETS - TARGETS.mean()) ** 2).sum().item()
    assert [float(found[f"{mode}/metrics/R2Score/epoch"]) for mode in loaders] == pytest.approx([expected] * 2)
    assert [step for step, _ in logged(tmp_path, "train/metrics/R2Score/step")] == [0, 2]
    says = "the metric 'R2Score' has no value for so little data as a step or the sanity check has: Needs at least two"
    assert sum(text.startswith(says) for text in caplog.messages) == 2
    with pytest.raises(ValueError, match="Needs at least two samples"):
        trainer(limit_val_batches=1).validate(made, verbose=False)


class Reads(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch has no types for it
    """Counts the times that a number is read out of a tensor, for which a device must be waited for."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch has no types for it
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += func is torch.ops.aten._local_scalar_dense.default
        return func(*args, **(kwargs or {}))


class CountsReads(pl.Callback):
    """Counts the reads between the starts of two batches, so those of one batch and all its hooks."""

    def __init__(self) -> None:
        self.found: list[int] = []
        self.reads = Reads()

    def _next(self) -> None:
        self.found.append(self.reads.count)
        self.reads.count = 0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.reads.__enter__()  # type: ignore[no-untyped-call]  # torch has no types for it

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *_: Any) -> None:
        self._next()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._next()
        self.reads.__exit__(None, None, None)  # type: ignore[no-untyped-call]  # torch has no types for it


class Count(Metric):
    total: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("total", torch.tensor(0.0), "sum")

    def update(self, preds: Tensor, target: Tensor) -> None:
        self.total += preds.sum()

    def compute(self) -> Tensor:
        return self.total


def test_nothing_is_read_from_the_device_on_steps_that_are_not_logged() -> None:
    counts = CountsReads()
    made = system(dataloaders={"train": loader(size=1)}, metrics={"train": Count()})
    fitted(made, log_every_n_steps=4, callbacks=[counts], enable_progress_bar=True)
    _, *batches = counts.found
    assert [index for index, count in enumerate(batches) if count] == [3, 7]


WATCHED = """
import json
from pathlib import Path

import torch
from torch.utils.data import Dataset

from tests.training.test_epoch_values import CountsReads


class Watch(CountsReads):
    def on_train_epoch_end(self, trainer, pl_module):
        super().on_train_epoch_end(trainer, pl_module)
        Path("reads.json").write_text(json.dumps(self.found))


class Points(Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        return torch.tensor([index / 8]), torch.tensor([1.0])


class Two(torch.nn.Module):
    def forward(self, pred, target):
        loss = torch.nn.functional.mse_loss(pred, target)
        return {"bias": loss, "weight": loss}
"""


@pytest.mark.parametrize("several", [False, True])
def test_nothing_is_read_by_all_that_a_run_has_around_its_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, several: bool
) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "watched.py").write_text(WATCHED)
    monkeypatch.chdir(tmp_path)
    sgd = {"_target_": "torch.optim.SGD", "lr": 0.1}
    optimizers = {name: {**sgd, "params": f"model.{name}"} for name in ("bias", "weight")}
    data = {"_target_": "shop.watched.Points"}
    system = {
        "model": {"_target_": "torch.nn.Linear", "in_features": 1, "out_features": 1},
        "criterion": {"_target_": "shop.watched.Two" if several else "torch.nn.MSELoss"},
        "dataloaders": {"train": {"_target_": "lighter.DataLoader", "dataset": data}},
        "metrics": {"train": {"_target_": "torchmetrics.MeanSquaredError"}},
        "optimizer": optimizers if several else sgd,
    }
    callbacks = [{"_target_": "shop.watched.Watch"}]
    trainer = {"max_epochs": 1, "accelerator": "cpu", "log_every_n_steps": 4, "callbacks": callbacks}
    Runner({"project": "shop", "system": system, "trainer": trainer}, run_dir="run").fit()
    _, *batches = json.loads(Path("reads.json").read_text())
    assert [index for index, count in enumerate(batches) if count] == [3, 7]


def test_nothing_is_read_from_the_device_while_validating() -> None:
    class OfVal(CountsReads):
        def on_validation_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
            self.on_train_epoch_start(trainer, pl_module)

        def on_validation_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *_: Any) -> None:
            self._next()

        def on_validation_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
            self.on_train_epoch_end(trainer, pl_module)

    def both(pred: Tensor, target: Tensor) -> Mapping[str, Tensor]:
        mse = nn.functional.mse_loss(pred, target)
        return {"total": mse * 2, "mse": mse}

    counts = OfVal()
    made = system(criterion=both, metrics={"val": [Count(), MeanSquaredError()]})
    trainer(callbacks=[counts]).validate(made, verbose=False)
    assert len(counts.found) == 4
    assert counts.found[:3] == [0, 0, 0]


def test_a_metric_that_remembers_knows_nothing_of_the_sanity_check() -> None:
    made = system(metrics={"val": {"range": MinMaxMetric(MeanSquaredError())}})
    found = fitted(made, num_sanity_val_steps=1, max_epochs=3).callback_metrics
    alone = fitted(system(metrics={"val": {"range": MinMaxMetric(MeanSquaredError())}}),
                   num_sanity_val_steps=0, max_epochs=3).callback_metrics  # fmt: skip
    assert float(found["val/metrics/range/max/epoch"]) == float(alone["val/metrics/range/max/epoch"])
    assert float(found["val/metrics/range/min/epoch"]) < float(found["val/metrics/range/max/epoch"])


class MemorableError(MeanSquaredError):
    """Keeps lists beside its states: one for an epoch, one for all."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: list[int] = []
        self.errors: list[Tensor] = []

    def update(self, preds: Tensor, target: Tensor) -> None:
        super().update(preds, target)
        self.counts.append(len(preds))

    def reset(self) -> None:
        super().reset()
        self.counts = []

    def compute(self) -> Any:
        self.errors.append(super().compute())
        return {"samples": sum(self.counts), "worst": max(self.errors), "epochs": len(self.errors)}


@pytest.mark.parametrize("loaders", [loader(), [loader(), loader(5)]])
def test_what_metrics_keep_over_several_epochs_is_in_a_checkpoint(tmp_path: Path, loaders: Any) -> None:
    def found(epochs: int, **options: Any) -> dict[str, float]:
        given = {"train": loader(), "val": loaders}
        metrics = {mode: {"range": MinMaxMetric(MeanSquaredError()), "all": MemorableError()} for mode in given}
        made = trainer(max_epochs=epochs)
        made.fit(system(dataloaders=given, metrics=metrics), **options)
        made.save_checkpoint(tmp_path / f"{epochs}.ckpt")
        return {name: float(value) for name, value in made.callback_metrics.items() if "metrics" in name}

    found(2)
    again = found(4, ckpt_path=tmp_path / "2.ckpt", weights_only=True)
    assert again == found(4)
    assert {value for name, value in again.items() if name.endswith("epochs/epoch")} == {4}


def test_the_sanity_check_leaves_nothing_behind() -> None:
    class Far(nn.Module):
        def forward(self, pred: Tensor, target: Tensor) -> Tensor:
            return (pred - target).abs().mean() + (100 if sanity.trainer.sanity_checking else 0)

    sanity = system(rate=0.0, criterion=Far(), metrics={"val": {"mse": MeanSquaredError()}})
    found = fitted(sanity, num_sanity_val_steps=2).callback_metrics
    assert float(found["val/loss/epoch"]) < 10
    with torch.no_grad():
        expected = nn.functional.mse_loss(line()(INPUTS), TARGETS).item()
    assert float(found["val/metrics/mse/epoch"]) == pytest.approx(expected)


def test_values_are_there_for_callbacks_at_every_validation() -> None:
    seen = Seen()
    fitted(system(), callbacks=[seen], max_epochs=2, val_check_interval=1, num_sanity_val_steps=0)
    losses = [found["val/loss/epoch"] for found in seen.val]
    assert len(losses) == 6
    assert len(set(losses)) == 6
    model = line()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for (inputs, targets), found in zip([*loader(), *loader()], losses, strict=True):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(inputs), targets).backward()  # type: ignore[no-untyped-call]  # torch has no types for it
        optimizer.step()
        assert found == pytest.approx(nn.functional.mse_loss(model(INPUTS), TARGETS).item(), abs=1e-6)


def test_validation_in_mid_epoch_leaves_the_training_sums_alone() -> None:
    found = fitted(system(), val_check_interval=1, num_sanity_val_steps=0).callback_metrics
    assert float(found["train/loss/epoch"]) == pytest.approx(by_hand(1, 0.1)[0], abs=1e-6)


@pytest.mark.parametrize("loaders", [[loader(), loader(5)], {"all": loader(), "some": loader(5)}])
def test_several_loaders_have_their_own_names_and_a_common_loss(loaders: Any) -> None:
    names = list(loaders) if isinstance(loaders, dict) else [0, 1]
    made = system(
        rate=0.0, dataloaders={"train": loader(), "val": loaders}, metrics={"val": {"mse": MeanSquaredError()}}
    )
    found = {name: float(value) for name, value in fitted(made).callback_metrics.items() if name.startswith("val")}
    with torch.no_grad():
        error = (line()(INPUTS) - TARGETS) ** 2
    whole, part = error.mean().item(), error[:5].mean().item()
    assert found == pytest.approx(
        {
            f"val/{names[0]}/loss/epoch": whole,
            f"val/{names[1]}/loss/epoch": part,
            f"val/{names[0]}/metrics/mse/epoch": whole,
            f"val/{names[1]}/metrics/mse/epoch": part,
            "val/loss/epoch": (whole * 10 + part * 5) / 15,
        }
    )


def test_another_number_of_loaders_the_next_time() -> None:
    made, runs = system(), trainer()
    names = [list(runs.validate(made, loaders, verbose=False)[0]) for loaders in ([loader(), loader()], loader())]
    assert names == [["val/loss/epoch", "val/0/loss/epoch", "val/1/loss/epoch"], ["val/loss/epoch"]]


class Vector(Count):
    def compute(self) -> Tensor:
        return self.total.expand(3)


def test_the_progress_bar_shows_losses_and_single_values() -> None:
    made = system(metrics={"val": {"each": Vector(), "mse": MeanSquaredError()}, "train": MeanSquaredError()})
    found = fitted(made)
    assert sorted(found.progress_bar_metrics) == ["train/loss/step", "val/loss/epoch", "val/metrics/mse/epoch"]
    assert found.progress_bar_metrics["train/loss/step"] == pytest.approx(
        float(found.callback_metrics["train/loss/step"])
    )
    assert {"val/metrics/each/0/epoch", "val/metrics/each/2/epoch"} < found.callback_metrics.keys()


class ByHand(pl.LightningModule):
    """Logs as the manuals of Lightning and torchmetrics show."""

    def __init__(self) -> None:
        super().__init__()
        self.model = line()
        self.train_mse, self.val_mse = MeanSquaredError(), MeanSquaredError()

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        pred = self.model(batch[0])
        loss = nn.functional.mse_loss(pred, batch[1])
        self.log("train/loss", loss, on_step=True, on_epoch=True, prog_bar=True, batch_size=len(pred))
        self.train_mse(pred, batch[1])
        self.log("train/metrics/mse", self.train_mse, on_step=True, on_epoch=True)
        return loss

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        pred = self.model(batch[0])
        loss = nn.functional.mse_loss(pred, batch[1])
        self.log("val/loss/epoch", loss, prog_bar=True, batch_size=len(pred))
        self.val_mse(pred, batch[1])
        self.log("val/metrics/mse/epoch", self.val_mse, prog_bar=True)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def train_dataloader(self) -> DataLoader[Any]:
        return loader()

    def val_dataloader(self) -> DataLoader[Any]:
        return loader()


class Shown(pl.Callback):
    """What the progress bar and the callbacks could show, whenever a bar is drawn anew."""

    def __init__(self) -> None:
        self.bar: list[dict[str, float]] = []
        self.callbacks: list[dict[str, float]] = []

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *_: Any) -> None:
        def floats(values: Mapping[str, Any]) -> dict[str, float]:
            known = {name.replace("_step", "/step").replace("_epoch", "/epoch"): float(values[name]) for name in values}
            return {name: value for name, value in known.items() if name.count("/") > 1}

        self.bar.append(floats(trainer.progress_bar_metrics))
        self.callbacks.append(floats(trainer.callback_metrics))

    on_validation_epoch_end = on_validation_end = on_train_epoch_end = on_train_end = on_train_batch_end


def test_bar_and_callbacks_see_what_a_module_written_by_hand_shows_them(tmp_path: Path) -> None:
    ours, theirs = Shown(), Shown()
    metrics = {mode: {"mse": MeanSquaredError()} for mode in ("train", "val")}
    scores = []
    for seen, module in ((ours, system(metrics=metrics)), (theirs, ByHand())):
        best = ModelCheckpoint(tmp_path / type(module).__name__, monitor="val/metrics/mse/epoch")
        fitted(module, callbacks=[seen, best], max_epochs=3, enable_checkpointing=True, val_check_interval=2)
        scores.append(float(best.best_model_score or 0))
    assert scores[0] == pytest.approx(scores[1])
    # Batches, ends of an epoch and of its validation, of the sanity check, and of the training.
    assert len(ours.bar) == len(theirs.bar) == 3 * (3 + 1 + 2) + 2 + 1
    for kind in ("bar", "callbacks"):
        for mine, others in zip(getattr(ours, kind), getattr(theirs, kind), strict=True):
            assert mine == pytest.approx({name: others[name] for name in mine})
            assert mine.keys() >= {name for name in others if not name.startswith("train") or name in ours.bar[-1]}


def test_a_run_without_logging_is_quiet() -> None:
    fitted(system(), barebones=True, logger=None, log_every_n_steps=None, enable_progress_bar=None,
           enable_model_summary=None, enable_checkpointing=None)  # fmt: skip
    fitted(system(metrics={"train": MeanSquaredError()}), fast_dev_run=True)


def test_totals_weigh_each_value_by_its_samples() -> None:
    totals = Totals()
    totals.add({"loss": torch.tensor(1.0, dtype=torch.bfloat16)}, 3)
    totals.add({"loss": torch.tensor([2.0, 4.0]), "now_and_then": torch.tensor(7.0)}, 1)
    totals.add({}, 2)
    assert {name: float(total / weight) for name, (total, weight) in totals.sums.items()} == {
        "loss": 1.5,
        "now_and_then": 7,
    }
    assert totals.samples == 6
    assert Totals().sums == {}


def test_sums_of_several_ranks() -> None:
    one, two = torch.tensor(1.0), torch.tensor(2.0)
    assert added([{"a": (one, 3)}, {}, {"b": (two, 1), "a": (two, 4)}]) == {"a": (torch.tensor(3.0), 7), "b": (two, 1)}


def test_totals_keep_no_graph() -> None:
    totals = Totals()
    for _ in range(2):
        totals.add({"loss": torch.ones((), requires_grad=True) * 2}, 1)
    assert not totals.sums["loss"][0].requires_grad


def test_loaders_have_names_where_there_are_several() -> None:
    assert loader_names(loader(), 1) == [""]
    assert loader_names({"a": 1}, 1) == [""]
    assert loader_names({"a": 1, "b": 2}, 2) == ["a", "b"]
    assert loader_names([1, 2], 2) == ["0", "1"]
    assert loader_names({"a": [1, 2]}, 2) == ["0", "1"]


def test_values_are_plain_tensors_though_the_data_brings_metadata(tmp_path: Path) -> None:
    data = [(MetaTensor(torch.ones(4)), torch.ones(1)) for _ in range(4)]
    loader: Any = MetaLoader(data, batch_size=2)  # type: ignore[arg-type]  # a list is a data set too
    system = System(
        nn.Linear(4, 1),
        {"train": loader, "val": loader},
        lambda parameters: torch.optim.SGD(parameters, lr=0.1),
        criterion=nn.MSELoss(),
        metrics={"val": MAEMetric()},
    )
    best = ModelCheckpoint(tmp_path, monitor="val/loss/epoch")
    trainer = pl.Trainer(
        max_epochs=1, accelerator="cpu", logger=False, callbacks=[best], enable_progress_bar=False, log_every_n_steps=1
    )
    trainer.fit(system)
    assert {type(value) for value in trainer.callback_metrics.values()} == {Tensor}
    assert torch.load(best.best_model_path, weights_only=True)["epoch"] == 0


def test_an_epoch_goes_on_with_what_was_added_before() -> None:
    whole, again = (EpochRecord(mode_metrics(MeanSquaredError(), "m"), Mode.TRAIN) for _ in range(2))
    for record in (whole, again):
        record.restart("train", None, (0, 0), CPU)
    for index in range(3):
        loss, pair = torch.tensor(float(index)), (INPUTS[index : index + 2], TARGETS[index : index + 2])
        whole.totals.add({"loss": loss, **({"rare": loss} if index == 1 else {})}, index + 1)
        whole.update((None, *reversed(pair)), with_step=True)
        if index == 1:
            again.restore(whole.saved(), CPU)
            assert again.saved() == whole.saved()
            again.totals.add({"loss": torch.tensor(2.0)}, 3)
            again.update((None, TARGETS[2:4], INPUTS[2:4]), with_step=True)
    assert again.totals.samples == whole.totals.samples == 6
    assert again.totals.sums == whole.totals.sums
    assert again.metrics is not None
    assert whole.metrics is not None
    assert again.metrics.values() == whole.metrics.values()
