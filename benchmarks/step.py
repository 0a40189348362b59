"""What a batch costs: a bare PyTorch loop, Lightning that logs nothing, Lightning by its manual, and Lighter.

python benchmarks/step.py --rounds=7 --batches=300 [--device=cuda]

A small model (64-64-10, batches of 32), whose own work is so short that the loops around it show. All run in one
process, in turn, so that whatever else the machine does meets them alike; times are microseconds of CPU time a batch
(on a GPU, of the clock), from the twentieth of an epoch to its end, with what is logged there.
"""

import argparse
import logging
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchmetrics import MetricCollection
from torchmetrics.classification import (
    MulticlassAccuracy,
    MulticlassF1Score,
    MulticlassPrecision,
    MulticlassRecall,
    MulticlassSpecificity,
)

from lighter import Config
from lighter.training.stages import Stage

WIDTH, CLASSES, BATCH = 64, 10, 32
WARM = 20  # batches before the clock starts
STAGES = {"train": "fit", "val": "validate", "predict": "predict"}
QUIET = {"val": {"verbose": False}, "predict": {"return_predictions": False}}
METRICS = (0, 1, 5)
SIDES = ("PyTorch", "Lightning, nothing logged", "Lightning by its manual", "Lighter")
TARGETS = {
    "train, 5 metrics: by its manual / Lighter": ">= 3.3",
    "train, 5 metrics: Lighter / (nothing logged + bare updates)": "<= 0.90",
    "train, loss: Lighter / nothing logged": "<= 0.88",
    "val, 5 metrics: by its manual / Lighter": ">= 6",
    "val, 5 metrics: Lighter / (nothing logged + bare updates)": "<= 0.90",
    "val, loss: Lighter / nothing logged": "<= 0.90",
    "predict: Lighter / nothing logged": "<= 0.90",
}
CELLS = (*((mode, count) for mode in ("train", "val") for count in METRICS), ("predict", 0))

Cell = tuple[str, str, int]  # side, mode, how many metrics

CONFIG = """
system:
  _target_: lighter.System
  model: {{_target_: torch.nn.Sequential, _args_: [
    {{_target_: torch.nn.Linear, in_features: 64, out_features: 64}}, {{_target_: torch.nn.ReLU}},
    {{_target_: torch.nn.Linear, in_features: 64, out_features: 10}}]}}
  criterion: {{_target_: torch.nn.CrossEntropyLoss}}
  optimizer: {{_target_: torch.optim.SGD, lr: 0.01}}
  metrics: {{train: {metrics}, val: {metrics}}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="how often each runs, after one round to warm up")
    parser.add_argument("--batches", type=int, default=300, help="how many batches of a run are timed")
    parser.add_argument("--device", default="cpu", help="cpu, with one thread, or cuda")
    given = parser.parse_args()
    quieten()
    torch.set_num_threads(1)
    times: dict[Cell, list[float]] = {(side, *cell): [] for cell in CELLS for side in SIDES}
    for number in range(given.rounds + 1):
        for cell in CELLS:
            for side in SIDES if number % 2 else reversed(SIDES):
                taken = timed(side, *cell, batches(given.batches + WARM), given.device)
                times[side, *cell] += [taken] if number else []
        print(f"round {number} of {given.rounds}", end="\r", file=sys.stderr, flush=True)
    kind = torch.cuda.get_device_name() if given.device == "cuda" else "one thread of a CPU"
    print(f"{kind}; {given.rounds} rounds of {given.batches} batches; microseconds a batch: median (lowest)\n")
    print(table(times))
    print("\n" + "\n".join(verdicts(times)))


def timed(side: str, mode: str, count: int, loader: DataLoader[Any], device: str) -> float:
    """Microseconds a batch."""
    torch.manual_seed(0)
    if side == "PyTorch":
        return bare(mode, count, loader, device)
    clock = Clock(device)
    trainer = pl.Trainer(
        max_epochs=1, accelerator="gpu" if device == "cuda" else "cpu", devices=1, logger=False, callbacks=[clock],
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    module = by_config(count) if side == "Lighter" else MODULES[side](count)
    getattr(trainer, STAGES[mode])(module, loader, **QUIET.get(mode, {}))
    return clock.microseconds


class Clock(pl.Callback):
    """The time from the end of the last warm batch to the end of the epoch."""

    def __init__(self, device: str) -> None:
        self.device, self.ends = device, 0
        self.start = self.end = 0.0

    def on_train_batch_end(  # noqa: PLR0917  # Lightning's own
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        self.ends += 1
        if self.ends == WARM:
            self.start = now(self.device)

    on_validation_batch_end = on_predict_batch_end = on_train_batch_end

    # After those at which a module logs its epoch.
    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.end = now(self.device)

    on_validation_end = on_predict_end = on_train_end

    @property
    def microseconds(self) -> float:
        return (self.end - self.start) / (self.ends - WARM) * 1e6


def now(device: str) -> float:
    """Seconds of the process itself, which the others on the machine do not lengthen; of the clock on a GPU."""
    if device != "cuda":
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


def bare(mode: str, count: int, loader: DataLoader[Any], device: str) -> float:
    """A loop as one writes it without any framework; metrics by `update`."""
    model, used = network().to(device).train(mode == "train"), metrics(count).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    start = 0.0
    with torch.set_grad_enabled(mode == "train"):
        for index, batch in enumerate(loader):
            inputs, targets = (part.to(device) for part in batch)
            pred = model(inputs)
            if mode != "predict":
                loss = nn.functional.cross_entropy(pred, targets)
                if count:
                    used.update(pred.detach(), targets)
            if mode == "train":
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]  # torch has no types for it
                optimizer.step()
            if index + 1 == WARM:
                start = now(device)
    return (now(device) - start) / (index + 1 - WARM) * 1e6


class Silent(pl.LightningModule):
    """Nothing is logged; metrics are not used, so what it costs is Lightning's own."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.model = network()
        self.criterion = nn.CrossEntropyLoss()

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        return self.criterion(self.model(batch[0]), batch[1])

    def validation_step(self, batch: Any, batch_idx: int) -> Any:
        return self.criterion(self.model(batch[0]), batch[1])

    def predict_step(self, batch: Any, batch_idx: int) -> Any:
        return self.model(batch[0])

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.01)


class Manual(Silent):
    """Logs loss and metrics as the manuals of Lightning and torchmetrics show it."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        collection = metrics(count)
        self.train_metrics = collection.clone(prefix="train_")
        self.val_metrics = collection.clone(prefix="val_")

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        return self._logged(batch, "train_loss", self.train_metrics, on_step=True)

    def validation_step(self, batch: Any, batch_idx: int) -> Any:
        return self._logged(batch, "val_loss", self.val_metrics, on_step=False)

    def _logged(self, batch: Any, name: str, used: MetricCollection, on_step: bool) -> Tensor:
        pred = self.model(batch[0])
        loss: Tensor = self.criterion(pred, batch[1])
        self.log(name, loss, on_step=on_step, on_epoch=True)
        if len(used):
            self.log_dict(used(pred, batch[1]), on_step=on_step, on_epoch=True)
        return loss


MODULES: Mapping[str, Callable[[int], pl.LightningModule]] = {
    "Lightning, nothing logged": Silent,
    "Lightning by its manual": Manual,
}


def by_config(count: int) -> pl.LightningModule:
    used = ", ".join(f"{{_target_: {type(one).__module__}.{type(one).__name__}, num_classes: {CLASSES}}}"
                     for one in metrics(count).values(copy_state=False))  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(CONFIG.format(metrics=f"[{used}]"), encoding="utf-8")
        system: pl.LightningModule = Config.load(str(path)).builder(Stage.FIT).build(("system",))
        return system


def network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, CLASSES))


def metrics(count: int) -> MetricCollection:
    kinds = (MulticlassF1Score, MulticlassPrecision, MulticlassRecall, MulticlassSpecificity, MulticlassAccuracy)
    return MetricCollection([kind(num_classes=CLASSES) for kind in kinds[:count]])


def batches(count: int) -> DataLoader[Any]:
    """Batches made beforehand, so that no time is spent on putting them together."""
    generator = torch.Generator().manual_seed(0)
    made = [
        (torch.randn(BATCH, WIDTH, generator=generator), torch.randint(CLASSES, (BATCH,), generator=generator))
        for _ in range(count)
    ]
    return DataLoader(made, batch_size=None)  # type: ignore[arg-type]  # a list is a dataset, too


def table(times: Mapping[Cell, list[float]]) -> str:
    heads = [mode if mode == "predict" else f"{mode}, {count or 'loss'}{' metrics'[: 8 - (count == 1)] * bool(count)}"
             for mode, count in CELLS]  # fmt: skip
    lines = ["| | " + " | ".join(heads) + " |", "| --- |" + " ---: |" * len(heads)]
    for side in SIDES:
        row = [f"{statistics.median(times[side, *cell]):.0f} ({min(times[side, *cell]):.0f})" for cell in CELLS]
        lines.append(f"| {side} | " + " | ".join(row) + " |")
    return "\n".join(lines)


def verdicts(times: Mapping[Cell, list[float]]) -> list[str]:
    """Each target beside what was reached, of the medians and of the lowest."""
    medians = ratios({cell: statistics.median(taken) for cell, taken in times.items()})
    lowest = ratios({cell: min(taken) for cell, taken in times.items()})
    return [f"{what}: {medians[what]:.3f} of the medians, {lowest[what]:.3f} of the lowest (target {target})"
            for what, target in TARGETS.items()]  # fmt: skip


def ratios(at: Mapping[Cell, float]) -> dict[str, float]:
    bare, silent, manual, ours = SIDES
    found = []
    for mode in ("train", "val"):
        updates = at[bare, mode, 5] - at[bare, mode, 0]
        found += [
            at[manual, mode, 5] / at[ours, mode, 5],
            at[ours, mode, 5] / (at[silent, mode, 5] + updates),
            at[ours, mode, 0] / at[silent, mode, 0],
        ]
    found.append(at[ours, "predict", 0] / at[silent, "predict", 0])
    return dict(zip(TARGETS, found, strict=True))


def quieten() -> None:
    warnings.simplefilter("ignore")
    for name in ("pytorch_lightning", "lightning.pytorch", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)


if __name__ == "__main__":
    main()
