"""What metrics have added up, put together over all ranks.

torchmetrics gathers state by state, tensor by tensor. That takes several collective calls a tensor, and waits forever
where a rank has fewer of them than another, as it has with a list of one entry a sample. Here the states of all metrics
are gathered at once, whatever a rank has of them, and a rank whose metric was never updated adds nothing.
"""

# ruff: noqa: SLF001  # torchmetrics has no other way to its states

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

import torch
from lightning_utilities.core.apply_func import apply_to_collection
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.metric import jit_distributed_available
from torchmetrics.utilities import dim_zero_cat

from lighter.training.metrics.cumulative_metric import CumulativeMetric

BUFFERS = "buffers_of_samples"

State: TypeAlias = tuple[int, dict[str, Any]] | None  # how many updates, and the value of each of its states


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
    if not metric.update_called:
        return None
    return metric.update_count, {name: _packed(value, metric._reductions.get(name)) for name, value in _held(metric)}


def put(metric: Metric, found: State) -> None:
    """Gives a metric what `state` has told of it, on its device."""
    if found is not None:
        there = partial(Tensor.to, device=metric.device)
        _put(metric, found[0], apply_to_collection(found[1], Tensor, there))


@contextmanager
def over_ranks(metrics: Sequence[Metric], ranks: Sequence[Sequence[State]]) -> Iterator[None]:
    """Lets the metrics hold meanwhile what all ranks have added; `ranks` are the states of each, in this order."""
    kept = [(metric, metric.update_count, list(_held(metric))) for metric in metrics]
    try:
        for metric, found in zip(metrics, zip(*ranks, strict=True), strict=True):
            if states := [one for one in found if one is not None]:
                _put(metric, sum(updates for updates, _ in states), _merged(metric, [values for _, values in states]))
        yield
    finally:
        for metric, updates, values in kept:
            _put(metric, updates, dict(values))


def _held(metric: Metric) -> Iterator[tuple[str, Any]]:
    names = [BUFFERS] if isinstance(metric, CumulativeMetric) else metric._reductions
    return ((name, getattr(metric, name)) for name in names)


def _put(metric: Metric, updates: int, values: dict[str, Any]) -> None:
    metric._update_count, metric._computed = updates, None
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
