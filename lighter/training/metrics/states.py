"""What metrics have added up: their states and MONAI's buffers, taken out, put in, and put together over all ranks.

torchmetrics gathers state by state, tensor by tensor. That takes several collective calls a tensor, and waits forever
where a rank has fewer of them than another, as it has with a list of one entry a sample. Here the states of all metrics
are gathered at once, whatever a rank has of them, and a rank whose metric was never updated adds nothing.

All that Lighter uses of torchmetrics and MONAI that these do not promise is in this file;
tests/training/test_internals.py asks the installed releases for each name, so that a new one breaks there, loudly.
"""

# ruff: noqa: SLF001  # there is no other way to the states, and to MONAI's buffers only after waiting for all ranks

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from typing import Any, TypeAlias

import torch
from lightning_utilities.core.apply_func import apply_to_collection
from torch import Tensor
from torchmetrics import Metric, MetricCollection
from torchmetrics.metric import jit_distributed_available
from torchmetrics.utilities import dim_zero_cat
from torchmetrics.wrappers import Running

BUFFERS = "buffers_of_samples"
_OWN = ("_update_count", "_num_vals_seen", "_computed", "_forward_cache", "_is_synced", "training")

Buffers: TypeAlias = list[list[Tensor]]
State: TypeAlias = tuple[int, dict[str, Any]] | None  # how many updates, and the value of each of its states


class CumulativeMetric(Metric):
    """A cumulative metric of MONAI (Dice, Hausdorff, ...) with the interface of torchmetrics.

    MONAI keeps values of each sample in buffers, and aggregates them when asked.
    """

    full_state_update = True

    def __init__(self, metric: Any) -> None:
        super().__init__()
        self.metric = metric

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Adds the samples of a batch, with the arguments of MONAI's metric: (y_pred, y)."""
        self.metric(*args, **kwargs)

    def compute(self) -> Any:
        """The metric over all samples since the last reset; several of them by the names that MONAI has for them."""
        if self.metric._buffers and not self._asks_ranks():
            # Buffers that count as gathered: MONAI would wait for all ranks.
            self.metric._synced_tensors = [torch.stack(buffer) for buffer in self.metric._buffers]
            self.metric._synced = True
        value = self.metric.aggregate()
        names = getattr(self.metric, "metric_name", None)
        if not isinstance(value, list) or not isinstance(names, list | tuple) or len(value) != len(names):
            return value
        named = {str(name).replace(" ", "_"): one for name, one in zip(names, value, strict=True)}
        return named if len(named) > 1 else value[0]

    def reset(self) -> None:
        """Forgets all samples."""
        super().reset()
        self.metric.reset()

    @property
    def buffers_of_samples(self) -> Buffers:
        """What MONAI keeps: one or more lists with an entry for each sample."""
        return self.metric._buffers or []

    @buffers_of_samples.setter
    def buffers_of_samples(self, buffers: Buffers) -> None:
        self.metric.reset()
        self.metric._buffers = buffers or None

    def _asks_ranks(self) -> bool:
        return self.distributed_available_fn is not None and bool(self.distributed_available_fn())


def gathers_as_usual(metric: Metric) -> bool:
    """Whether nobody has asked for a way of its own to gather this metric's states, or for none."""
    return (
        metric.dist_sync_fn is None
        and metric.process_group is None
        and metric.sync_on_compute
        and metric.distributed_available_fn is jit_distributed_available
        and type(metric)._sync_dist.__module__.startswith("torchmetrics.")
    )


def state(metric: Metric) -> State:
    """What this rank has added; None if nothing."""
    updates: int = getattr(metric, _counter(metric))
    if not updates:
        return None
    return updates, {name: _packed(value, metric._reductions.get(name)) for name, value in _held(metric)}


def put(metric: Metric, found: State) -> None:
    """Gives a metric what `state` has returned of it, on its device."""
    if found is not None:
        there = partial(Tensor.to, device=metric.device)
        _put(metric, found[0], apply_to_collection(found[1], Tensor, there))


@contextmanager
def over_ranks(metrics: Sequence[Metric], ranks: Sequence[Sequence[State]]) -> Iterator[None]:
    """Lets metrics that gather as usual hold what all ranks have added; `ranks`: the states of each, in this order."""
    kept = [(metric, getattr(metric, _counter(metric)), list(_held(metric))) for metric in metrics]
    try:
        for metric, found in zip(metrics, zip(*ranks, strict=True), strict=True):
            if gathers_as_usual(metric) and (states := [one for one in found if one is not None]):
                _put(metric, sum(updates for updates, _ in states), _merged(metric, [values for _, values in states]))
        yield
    finally:
        for metric, updates, values in kept:
            _put(metric, updates, dict(values))


def kept_values(metric: Metric) -> dict[str, Any]:
    """A copy of the numbers, tensors and lists that a metric has beside its states, such as the best of all epochs."""
    return {
        name: deepcopy(value)
        for name, value in vars(metric).items()
        if isinstance(value, Tensor | int | float | list) and name not in (*metric._reductions, *_OWN)
    }


def keep_values(metric: Metric, found: Mapping[str, Any], device: torch.device) -> None:
    """Gives a metric such values."""
    for name, value in apply_to_collection(dict(found), Tensor, partial(Tensor.to, device=device)).items():
        setattr(metric, name, value)


def share_states(metrics: MetricCollection) -> None:
    """Lets the metrics of a group have one state again: someone's look into the collection leaves them copies."""
    metrics._state_is_copy = False


def _held(metric: Metric) -> Iterator[tuple[str, Any]]:
    names = [BUFFERS] if isinstance(metric, CumulativeMetric) else metric._reductions
    return ((name, getattr(metric, name)) for name in names)


def _counter(metric: Metric) -> str:
    return "_num_vals_seen" if isinstance(metric, Running) else "_update_count"  # wrappers count no updates


def _put(metric: Metric, updates: int, values: dict[str, Any]) -> None:
    setattr(metric, _counter(metric), updates)
    metric._computed = None  # a value of other states must not be given again
    for name, value in values.items():
        setattr(metric, name, value)


def _packed(value: Any, reduction: Any) -> Any:
    return [dim_zero_cat(value)] if reduction is dim_zero_cat and isinstance(value, list) and value else value


def _merged(metric: Metric, states: Sequence[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in states[0]:
        values = [values[name] for values in states]
        on_cpu = metric.compute_on_cpu and isinstance(values[0], list)
        there = partial(Tensor.to, device="cpu" if on_cpu else metric.device)
        found[name] = _reduced(name, apply_to_collection(values, Tensor, there), metric)
    return found


def _reduced(name: str, values: list[Any], metric: Metric) -> Any:
    if name == BUFFERS:
        return [[entry for part in buffer for entry in part] for buffer in zip(*values, strict=True)]
    if len(values) == 1:  # as one process has it: a stack of one would be something else
        return values[0]
    together = torch.stack(values) if isinstance(values[0], Tensor) else [entry for part in values for entry in part]
    reduction: Any = metric._reductions[name]
    return together if reduction is None or not len(together) else reduction(together)
