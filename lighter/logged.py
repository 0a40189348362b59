"""What is logged of losses and metrics: means over an epoch, and the values of a step now and then.

Logging through Lightning at every step costs more than the whole step of a small model. So epoch means are summed in
tensors on the device and logged once, and a step's values are read only on the steps that the trainer logs.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytorch_lightning as pl
import torch
import torch.distributed as dist
from torch import Tensor

from lighter.metrics import ModeMetrics

__all__ = ["EpochRecord", "Totals", "epoch_values", "log_step", "logs_step", "prefixes", "sample_count"]


class Totals:
    """Sums of named values over an epoch, weighted by samples, on the device that the values are on."""

    def __init__(self) -> None:
        self.samples = 0
        self._sums: dict[str, Tensor] = {}
        self._weights: dict[str, int] = {}

    def add(self, values: Mapping[str, Tensor], samples: int) -> None:
        """Adds the values of a batch, each a mean over its samples."""
        self.samples += samples
        for name, value in values.items():
            mean = value.detach().mean() if value.dim() else value.detach()
            total = self._sums.get(name)
            if total is None:
                self._sums[name] = mean.to(_wide(mean.device)) * samples
                self._weights[name] = samples
            else:
                total.add_(mean, alpha=samples)
                self._weights[name] += samples

    def over_ranks(self, device: torch.device) -> tuple[dict[str, tuple[Tensor, Tensor]], int]:
        """The (sum, weight) of each name, and the number of samples, over all ranks. A collective call."""
        names = _over_ranks(self._sums)
        zero = torch.zeros((), dtype=_wide(device), device=device)
        sums = [self._sums.get(name, zero).to(device) for name in names]
        weights = [self._weights.get(name, 0) for name in names]
        packed = torch.stack([*sums, *torch.tensor([*weights, self.samples]).to(zero)])
        if _ranks() > 1:
            dist.all_reduce(packed)
        pairs = zip(packed[: len(names)], packed[len(names) : -1], strict=True)
        return dict(zip(names, pairs, strict=True)), int(packed[-1])


class EpochRecord:
    """What one loader of a mode adds up over an epoch, and the prefix of the names under which it is logged."""

    def __init__(self, metrics: ModeMetrics | None, has_steps: bool = False) -> None:
        self.prefix = ""
        self.totals = Totals()
        self.metrics = metrics
        self._step_metrics = metrics.alone() if metrics is not None and has_steps else None

    def restart(self, prefix: str, device: torch.device) -> None:
        """Starts an epoch."""
        self.prefix, self.totals = prefix, Totals()
        for metrics in (self.metrics, self._step_metrics):
            if metrics is not None:
                metrics.restart(device)

    def update_with_step(self, *args: Any, **kwargs: Any) -> None:
        """Updates the metrics of the epoch, and those of this step alone."""
        for metrics in (self.metrics, self._step_metrics):
            if metrics is not None:
                metrics.update(*args, **kwargs)

    def step_values(self, losses: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The values of the step just made, by the names under which they are logged."""
        values = {f"{self.prefix}/{name}/step": value for name, value in losses.items()}
        if self._step_metrics is not None:
            for name, value in self._step_metrics.values().items():
                values[f"{self.prefix}/metrics/{name}/step"] = value
            self._step_metrics.reset()
        return values


def epoch_values(records: Sequence[EpochRecord], mode: str, device: torch.device) -> dict[str, Tensor]:
    """The values of an epoch over all ranks, by the names under which they are logged. A collective call.

    With several loaders the losses over all of them come too, under the names they have with one.
    """
    values: dict[str, Tensor] = {}
    pairs: dict[str, list[tuple[Tensor, Tensor]]] = {}
    for record in records:
        totals, samples = record.totals.over_ranks(device)
        for name, pair in totals.items():
            values[f"{record.prefix}/{name}/epoch"] = pair[0] / pair[1]
            pairs.setdefault(f"{mode}/{name}/epoch", []).append(pair)
        if samples and record.metrics is not None:
            found = record.metrics.values().items()
            values.update({f"{record.prefix}/metrics/{name}/epoch": value for name, value in found})
    whole = {name: torch.stack([torch.stack(pair) for pair in found]).sum(0) for name, found in pairs.items()}
    return {name: total / weight for name, (total, weight) in whole.items()} | values


def logs_step(trainer: pl.Trainer) -> bool:
    """Whether the trainer logs the values of the training step it is making."""
    # Lightning's own answer: it counts batches and optimizer steps as loggers see them, and knows accumulation.
    due = trainer._logger_connector.should_update_logs  # noqa: SLF001  # as above
    always = bool(trainer.fast_dev_run)  # type: ignore[attr-defined]  # Lightning sets it outside of its class
    return (due or always) and not trainer.fit_loop._should_accumulate()  # noqa: SLF001  # as above


def log_step(trainer: pl.Trainer, values: Mapping[str, Tensor], shown: Iterable[str]) -> None:
    """Gives the values of a training step to loggers and callbacks, and those `shown` to the progress bar."""
    numbers = torch.stack([value.detach().float().mean() for value in values.values()]).cpu()
    named = dict(zip(values, numbers.unbind(), strict=True))
    # What LightningModule.log is given once, Lightning reads from the device again at each later step.
    trainer._logger_connector.log_metrics(named)  # noqa: SLF001  # as Lightning writes the steps itself
    trainer.logged_metrics.update(named)
    trainer.callback_metrics.update(named)
    trainer.progress_bar_metrics.update({name: named[name].item() for name in shown})


def prefixes(mode: str, loaders: Any, count: int) -> list[str]:
    """The prefix of each loader's names: the mode, and with several loaders the loader's name or index."""
    if count <= 1:
        return [mode]
    names: Iterable[Any] = loaders if isinstance(loaders, Mapping) and len(loaders) == count else range(count)
    return [f"{mode}/{name}" for name in names]


def sample_count(input: Any, target: Any, identifier: Any) -> int:
    """How many samples a batch has: the length of the first of its parts that tells; else 1."""
    for part in (input, target):
        if isinstance(part, Tensor) and part.dim():
            return part.shape[0]
    if isinstance(identifier, list | tuple | Tensor):
        return len(identifier)
    if isinstance(input, list) and isinstance(target, list) and len(input) == len(target):
        return len(input)  # a list with one entry a sample, as detection has it
    return next(filter(None, map(_first_length, (input, target))), 1)


def _first_length(part: Any) -> int:
    if isinstance(part, Tensor):
        return part.shape[0] if part.dim() else 0
    if isinstance(part, Mapping):
        return next(filter(None, map(_first_length, part.values())), 0)
    if isinstance(part, list | tuple):
        return next(filter(None, map(_first_length, part)), len(part))
    return 0


def _ranks() -> int:
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def _over_ranks(names: Iterable[str]) -> list[str]:
    """The names that any rank has, in the same order on each."""
    if _ranks() == 1:
        return list(names)
    gathered: list[Any] = [None] * _ranks()
    dist.all_gather_object(gathered, list(names))
    return sorted({name for found in gathered for name in found})


def _wide(device: torch.device) -> torch.dtype:
    return torch.float32 if device.type == "mps" else torch.float64
