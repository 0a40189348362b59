"""What compiling, channels-last and bf16 bring under Lighter, beside Lightning with the same by hand.

python benchmarks/variants.py --rounds=5 --batches=60 [--device=cuda]

A small convolutional network on made-up images of 64 by 64, in one process and in turn; milliseconds a batch.
"""

import argparse
import statistics
import sys
from typing import Any

import pytorch_lightning as pl
import torch
from step import WARM, Clock, quieten  # type: ignore[import-not-found]  # beside this file
from torch import nn
from torch.utils.data import DataLoader

from lighter import System

BATCH = 64
# Arguments of the System, of the Trainer, and what is written by hand.
VARIANTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "plain": ({}, {}),
    "bf16": ({}, {"precision": "bf16-mixed"}),
    "channels-last": ({"memory_format": "channels_last"}, {}),
    "compiled": ({"compile": True}, {}),
    "all three": ({"memory_format": "channels_last", "compile": True}, {"precision": "bf16-mixed"}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each runs, after one round to warm up")
    parser.add_argument("--batches", type=int, default=60, help="how many batches of a run are timed")
    parser.add_argument("--device", default="cpu", help="cpu, with one thread, or cuda")
    given = parser.parse_args()
    quieten()
    loader = images(given.batches + WARM)
    times: dict[tuple[str, str], list[float]] = {(v, side): [] for v in VARIANTS for side in ("Lighter", "Lightning")}
    for number in range(given.rounds + 1):
        for variant, side in times if number % 2 else reversed(times):
            taken = timed(variant, side, loader, given.device)
            times[variant, side] += [taken] if number else []
        print(f"round {number} of {given.rounds}", end="\r", file=sys.stderr, flush=True)
    print(
        f"{given.device}; {given.rounds} rounds of {given.batches} batches of {BATCH}; milliseconds a batch, medians\n"
    )
    print("| | Lightning by hand | Lighter | Lighter / Lightning |\n| --- | ---: | ---: | ---: |")
    for variant in VARIANTS:
        by_hand, ours = (statistics.median(times[variant, side]) for side in ("Lightning", "Lighter"))
        print(f"| {variant} | {by_hand:.2f} | {ours:.2f} | {ours / by_hand:.3f} |")


def timed(variant: str, side: str, loader: DataLoader[Any], device: str) -> float:
    """Milliseconds a batch; what is compiled is compiled while it warms up."""
    torch.manual_seed(0)
    options, more = VARIANTS[variant]
    clock = Clock(device)
    trainer = pl.Trainer(
        max_epochs=1, accelerator="gpu" if device == "cuda" else "cpu", devices=1, logger=False, callbacks=[clock],
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False, **more,
    )  # fmt: skip
    trainer.fit(system(options) if side == "Lighter" else ByHand(options), loader)
    return float(clock.microseconds / 1000)


def system(options: dict[str, Any]) -> System:
    def sgd(parameters: Any) -> torch.optim.Optimizer:
        return torch.optim.SGD(parameters, lr=0.01)

    return System(network(), optimizer=sgd, criterion=nn.CrossEntropyLoss(), **options)


class ByHand(pl.LightningModule):
    """The same as one writes it."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__()
        self.is_last = "memory_format" in options
        model: Any = network()
        if self.is_last:
            model = model.to(memory_format=torch.channels_last)
        if "compile" in options:
            model.compile()
        self.model = model

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        inputs, targets = batch
        inputs = inputs.to(memory_format=torch.channels_last) if self.is_last else inputs
        return nn.functional.cross_entropy(self.model(inputs), targets)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.01)


def network() -> nn.Sequential:
    def block(channels: int, more: int) -> list[nn.Module]:
        return [nn.Conv2d(channels, more, 3, padding=1, bias=False), nn.BatchNorm2d(more), nn.ReLU(), nn.MaxPool2d(2)]

    return nn.Sequential(
        *block(3, 32), *block(32, 64), *block(64, 128), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10)
    )


def images(count: int) -> DataLoader[Any]:
    generator = torch.Generator().manual_seed(0)
    batch = torch.randn(BATCH, 3, 64, 64, generator=generator), torch.randint(10, (BATCH,), generator=generator)
    return DataLoader([batch] * count, batch_size=None)  # type: ignore[arg-type]  # a list is a dataset, too


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
