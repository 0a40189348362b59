"""What is logged of losses and metrics: means over an epoch, and the values of a step now and then.

Logging through Lightning at every step costs more than the whole step of a small model. So epoch means are summed in
tensors on the device and logged once, and a step's values are read only on the steps that the trainer logs.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, TypeAlias

import pytorch_lightning as pl
import torch
from lightning_utilities.core.apply_func import apply_to_collection
from torch import Tensor

from lighter.training.batches import plain
from lighter.training.lightning_internals import log_step_values
from lighter.training.logged_name import Kind, LoggedName, Unit
from lighter.training.metrics.mode_metrics import MetricsOfAdapter, ModeMetrics
from lighter.training.metrics.states import State
from lighter.training.padded_samples import PaddedSample
from lighter.training.ranks import gathered, rank_count
from lighter.training.stages import Mode

Sums: TypeAlias = dict[str, tuple[Tensor, int]]  # of values, each weighted by its samples, and the sum of these weights
Added: TypeAlias = tuple[int, Sums, list[State]]  # samples, losses, metrics of a rank


class Totals:
    """Sums of named values over an epoch, weighted by samples, on the device that the values are on."""

    def __init__(self, samples: int = 0, sums: Sums | None = None) -> None:
        self.samples = samples
        self._sums = {name: total for name, (total, _) in (sums or {}).items()}
        self._weights = {name: weight for name, (_, weight) in (sums or {}).items()}

    def add(self, values: Mapping[str, Tensor], samples: int) -> None:
        """Adds the values of a batch, each a mean over its samples."""
        self.samples += samples
        for name, value in values.items():
            mean = plain(value.detach().mean() if value.dim() else value.detach())
            total = self._sums.get(name)
            if total is None:
                self._sums[name] = mean.to(_wide(mean.device)) * samples
                self._weights[name] = samples
            else:
                total.add_(mean, alpha=samples)
                self._weights[name] += samples

    @property
    def sums(self) -> Sums:
        """The sum and the weight of each name."""
        return {name: (total, self._weights[name]) for name, total in self._sums.items()}


def added(parts: Iterable[Sums]) -> Sums:
    """Sums of several ranks or loaders as one."""
    found: Sums = {}
    for part in parts:
        for name, (total, weight) in part.items():
            before = found.get(name)
            found[name] = (total, weight) if before is None else (before[0] + total, before[1] + weight)
    return found


class EpochRecord:
    """What one loader of a mode adds up over an epoch, and that loader's name where there are several."""

    def __init__(self, metrics: ModeMetrics | None, mode: Mode) -> None:
        self.mode = mode
        self.loader = ""
        self.padded: PaddedSample | None = None
        self._dealt = (0, 0)
        self.totals = Totals()
        self.metrics = metrics
        self._step_metrics = metrics.alone() if metrics is not None and mode is Mode.TRAIN else None
        self._both = tuple(one for one in (metrics, self._step_metrics) if one is not None)

    def restart(self, loader: str, padded: PaddedSample | None, dealt: tuple[int, int], device: torch.device) -> None:
        """Starts an epoch, at whose end there may be a padded sample, which another rank counts.

        `dealt`: how many samples a sampler deals to a batch and to all, or zeros.
        """
        self.loader, self.padded, self._dealt, self.totals = loader, padded, dealt, Totals()
        for metrics in self._both:
            metrics.restart(device)

    def dealt_to(self, batch: int) -> int:
        """How many samples the sampler deals to a batch; 0 where that is not known."""
        each, samples = self._dealt
        return max(min(each, samples - batch * each), 0)

    def state(self) -> Added:
        """What this rank has added."""
        metrics = self.metrics.states() if self.metrics is not None and rank_count() > 1 else []
        return self.totals.samples, self.totals.sums, metrics

    def saved(self) -> dict[str, Any]:
        """What this rank has added, as a checkpoint holds it."""
        metrics = self.metrics.states() if self.metrics is not None else []
        return {
            "samples": self.totals.samples,
            "sums": self.totals.sums,
            "metrics": apply_to_collection(metrics, Tensor, plain),
            "kept": self.kept(),
        }

    def kept(self) -> list[Any]:
        """What metrics have beside their states, such as the best value of all epochs."""
        return [metrics.kept() for metrics in self._both]

    def keep(self, found: Sequence[Any], device: torch.device) -> None:
        """Continues with what `kept` returned before."""
        for metrics, values in zip(self._both, found, strict=False):
            metrics.keep(values, device)

    def restore(self, saved: Mapping[str, Any], device: torch.device) -> None:
        """Continues with what was added before."""
        sums = {name: (total.to(device), weight) for name, (total, weight) in saved["sums"].items()}
        self.totals = Totals(saved["samples"], sums)
        if self.metrics is not None:
            self.metrics.restore(saved["metrics"])
        self.keep(saved.get("kept", ()), device)

    def update(self, data: Sequence[Any], with_step: bool = False) -> None:
        """Adds a batch's (input, target, pred) to the metrics of the epoch, and to those of this step alone."""
        both = self._both if with_step else self._both[:1]
        for parts in zip(*(metrics.parts for metrics in both), strict=True):
            parts[0].adapter(partial(_update, parts), *data)

    def step_values(self, losses: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The values of the step just made, by the names under which they are logged."""
        values = {self.step_name(name): value for name, value in losses.items()}
        if self._step_metrics is not None:
            for name, value in self._step_metrics.values().items():
                values[self.step_name(f"{Kind.METRICS}/{name}")] = value
            self._step_metrics.reset()
        return values

    def step_name(self, value: str) -> str:
        """The logged name of a step's `loss`, `loss/dice` or `metrics/F1`."""
        return _step_name(self.mode, value, self.loader)


def renewed(records: list[EpochRecord], own: ModeMetrics | None, count: int, in_passing: bool) -> list[EpochRecord]:
    """The records, as many as there are loaders; the first has the mode's `own` metrics, each other a copy.

    What runs in passing, as the sanity check does, has only copies: a metric may remember more than an epoch.
    """
    mode = records[0].mode
    if in_passing or records[0].metrics is not own:
        records.clear()
    while len(records) < count:
        records.append(EpochRecord(own.copy(in_passing) if own is not None and (in_passing or records) else own, mode))
    del records[count:]
    return records


def kept_by(records: list[EpochRecord], own: ModeMetrics) -> list[Any]:
    """What the metrics of each loader keep over several epochs; the `own` ones, where only a sanity check has run."""
    return [record.kept() for record in records] if records[0].metrics is own else [[own.kept()]]


def epoch_values(records: Sequence[EpochRecord], mode: Mode) -> dict[LoggedName, Tensor]:
    """The values of an epoch over all ranks, by the names under which they are logged. A collective call.

    With several loaders the losses over all of them come too, under the names they have with one.
    """
    ranks: list[list[Added]] = gathered([record.state() for record in records])
    values: dict[LoggedName, Tensor] = {}
    whole: list[Sums] = []
    for record, found in zip(records, zip(*ranks, strict=True), strict=True):
        samples, losses, metrics = zip(*found, strict=True)
        whole.append(added(losses))
        values |= _means(whole[-1], mode, record.loader)
        if record.metrics is not None and any(samples):
            named = record.metrics.values(metrics)
            values |= {LoggedName(mode, Kind.METRICS, name, loader=record.loader): one for name, one in named.items()}
    return _means(added(whole), mode) | values


def log_epoch(module: pl.LightningModule, values: Mapping[str, Tensor], bar: Collection[str]) -> None:
    """Gives the values of an epoch to loggers and callbacks, and those named in `bar` to the progress bar."""
    if module.trainer.barebones:
        return
    for name, value in values.items():
        # The values are those of all ranks already: the last two arguments keep Lightning from gathering them again,
        # and from its advice to do so.
        module.log(name, value, prog_bar=name in bar, batch_size=1, sync_dist=True, rank_zero_only=True)


def log_step(trainer: pl.Trainer, values: Mapping[str, Tensor], shown: Iterable[str]) -> None:
    """Gives the values of a training step to loggers and callbacks, and those `shown` to the progress bar."""
    numbers = torch.stack([plain(value.detach()).float().mean() for value in values.values()]).cpu()
    named = dict(zip(values, numbers.unbind(), strict=True))
    log_step_values(trainer, named)
    trainer.logged_metrics.update(named)
    trainer.callback_metrics.update(named)
    trainer.progress_bar_metrics.update({name: named[name].item() for name in shown})


def loader_names(loaders: Any, count: int) -> list[str]:
    """The name or index of each of several loaders; one alone has none."""
    if count <= 1:
        return [""]
    names: Iterable[Any] = loaders if isinstance(loaders, Mapping) and len(loaders) == count else range(count)
    return [str(name) for name in names]


def _update(parts: Sequence[MetricsOfAdapter], *args: Any, **kwargs: Any) -> None:
    for metrics in parts:
        metrics.update(*args, **kwargs)


@lru_cache(maxsize=4096)  # each step that is logged asks for the same names again
def _step_name(mode: Mode, value: str, loader: str) -> str:
    kind, _, name = value.partition("/")
    return str(LoggedName(mode, Kind(kind), name, Unit.STEP, loader))


def _means(sums: Sums, mode: Mode, loader: str = "") -> dict[LoggedName, Tensor]:
    parts = ((*name.partition("/"), total / weight) for name, (total, weight) in sums.items())
    return {LoggedName(mode, Kind(kind), name, loader=loader): mean for kind, _, name, mean in parts}


def _wide(device: torch.device) -> torch.dtype:
    return torch.float32 if device.type == "mps" else torch.float64
