"""What a stage runs on, and how large the model is: a line each."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytorch_lightning as pl

from lighter.runs.console.recording import attach, say
from lighter.runs.console.values import counted


class Overview(pl.Callback):
    """Says both once, and then leaves the Trainer: each of its callbacks costs a little at every batch."""

    def __init__(self, log: Path, secrets: Sequence[str] = (), *, counts_parameters: bool) -> None:
        self.path = log  # `log` is what Lightning gives each callback of its own
        self.secrets = secrets
        self.counts_parameters = counts_parameters

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Says what runs; in a process that was spawned, records from now on what it says."""
        attach(self.path, self.secrets)
        if trainer.is_global_zero:
            say(f"running on {_devices(trainer)}")
        if stage != "fit":
            self._leave(trainer)

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Says how large the model is, at the first batch: a Freezer has frozen by then what it does."""
        if self.counts_parameters and trainer.is_global_zero:
            say(_size(pl_module))
        self._leave(trainer)

    def _leave(self, trainer: Any) -> None:
        # A new list: Lightning goes through the old one at this moment.
        trainer.callbacks = [callback for callback in trainer.callbacks if callback is not self]


def _devices(trainer: Any) -> str:
    count, nodes = trainer.num_devices, trainer.num_nodes
    kind = _kind(trainer)
    told = f"{count} {kind} process{'es' if count > 1 else ''}" if kind == "CPU" else f"{count} x {kind}"
    parts = [f"{nodes} nodes of {told}" if nodes > 1 else told]
    if count * nodes > 1:
        parts.append(type(trainer.strategy).__name__.removesuffix("Strategy"))
    if trainer.precision not in ("32-true", "32"):
        parts.append(f"precision {trainer.precision}")
    return ", ".join(parts)


def _kind(trainer: Any) -> str:
    """The device's own name where it has one."""
    import torch

    device = trainer.strategy.root_device
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return "Apple GPU" if device.type == "mps" else str(device.type).upper()


def _size(module: Any) -> str:
    # Under DeepSpeed a rank holds a part, and knows the whole number; a lazy layer's is not known yet.
    sizes = [(_count(p), p.requires_grad) for p in module.parameters()]
    unknown = sum(size is None for size, _ in sizes)
    all, trained = (sum(size or 0 for size, is_trained in sizes if is_trained or every) for every in (True, False))
    lazy = f", and {unknown} of lazy layers" if unknown else ""
    return f"model: {counted(all)} parameters, {counted(trained)} trainable{lazy}"


def _count(parameter: Any) -> int | None:
    from torch.nn.parameter import is_lazy

    if is_lazy(parameter):
        return None
    return int(getattr(parameter, "ds_numel", parameter.numel()))
