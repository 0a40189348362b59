"""Metrics of a mode, in any form they are given: updated cheaply, computed when asked."""

import inspect
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torchmetrics import Metric, MetricCollection
from torchmetrics.wrappers import MetricTracker

from lighter.errors import suggestion
from lighter.training.adapters import MetricsAdapter
from lighter.training.batches import plain
from lighter.training.metrics.compute_groups import compute_groups, equal
from lighter.training.metrics.states import (
    CumulativeMetric,
    State,
    gathers_as_usual,
    keep_values,
    kept_values,
    over_ranks,
    put,
    share_states,
    state,
)
from lighter.training.stages import METRIC_MODES, Mode, by_mode

log = logging.getLogger("lighter")


class MetricsOfAdapter:
    """Metrics that one adapter updates."""

    def __init__(self, adapter: Any, metrics: Sequence[Metric]) -> None:
        self.adapter = adapter
        self._metrics = tuple(metrics)
        self._keywords = tuple(_keywords(metric) for metric in metrics)
        self._known: frozenset[str] = frozenset()

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Adds a batch; a metric gets those keyword arguments that its `update` takes."""
        # MetricCollection.update would also share the states after each batch; once an epoch is enough.
        if not kwargs:
            for metric in self._metrics:
                metric.update(*args)
            return
        if not kwargs.keys() <= self._known:
            self._check(kwargs)
        for metric, names in zip(self._metrics, self._keywords, strict=True):
            metric.update(*args, **{name: kwargs[name] for name in kwargs if names is None or name in names})

    def _check(self, kwargs: Mapping[str, Any]) -> None:
        if None not in self._keywords:
            known = sorted({name for names in self._keywords for name in names or ()})
            for name in kwargs:
                if name not in known:
                    raise TypeError(f"no metric takes an argument {name!r}; {suggestion(name, known, 'they take')}")
        self._known |= kwargs.keys()


class ModeMetrics:
    """The metrics of a mode over an epoch, each with its adapter: those that share a state update it once."""

    def __init__(self, metrics: MetricCollection, adapters: Mapping[str, Any], in_part: bool = False) -> None:
        self.collection, self._adapters = metrics, adapters
        self._in_part = in_part  # of the data: too little, it may be, for some metric
        self._left_out: set[str] = set()
        named = dict(metrics.items(keep_base=True, copy_state=False))
        self.names = frozenset(named)
        leaders = [str(group[0]) for group in metrics.compute_groups.values()]
        self._leaders: tuple[Metric, ...] = tuple(named[name] for name in leaders)
        distinct = {id(adapters[name]): adapters[name] for name in leaders}
        self.parts = tuple(
            MetricsOfAdapter(adapter, [named[name] for name in leaders if adapters[name] is adapter])
            for adapter in distinct.values()
        )
        self._all = tuple(_metrics_in(metrics))
        for metric in self._all:
            # Only the first of a group is updated, and would forget a value that it has computed before.
            metric.compute_with_cache = False
        self._inner = tuple(part for metric in self._leaders for part in _metrics_in(metric))
        self._given = [kept_values(metric) for metric in self._all]

    def update(self, input: Any, target: Any, pred: Any) -> None:
        """Adds a batch."""
        for part in self.parts:
            part.adapter(part.update, input, target, pred)

    def states(self) -> list[State]:
        """What this rank has added, for `restore`, or to be given to `values` of all ranks."""
        return [state(metric) for metric in self._inner]

    def restore(self, states: Sequence[State]) -> None:
        """Continues with what `states` returned before."""
        for metric, found in zip(self._inner, states, strict=False):
            put(metric, found)

    def kept(self) -> list[dict[str, Any]]:
        """What metrics have beside their states and have changed since they were made."""
        return [
            {name: value for name, value in kept_values(metric).items() if not equal(value, given.get(name))}
            for metric, given in zip(self._all, self._given, strict=True)
        ]

    def keep(self, found: Sequence[Mapping[str, Any]], device: torch.device) -> None:
        """Continues with what `kept` returned before."""
        for metric, values in zip(self._all, found, strict=False):
            keep_values(metric, values, device)

    def values(self, ranks: Sequence[Sequence[State]] = ()) -> dict[str, Tensor]:
        """The value of each metric, by name; its parts as `name/key` or `name/index`.

        With `ranks`, the states of each, of what all have added. A collective call, if a metric gathers in its own way.
        """
        if len(ranks) > 1:
            with over_ranks(self._inner, ranks), _each_alone(self.collection):
                return self.values()
        share_states(self.collection)
        found: dict[str, Tensor] = {}
        for name, metric in self.collection.items(keep_base=True, copy_state=False):
            try:
                value = metric.compute()
            except Exception as error:
                if not self._in_part:
                    raise
                if name not in self._left_out:
                    self._left_out.add(name)
                    log.warning(
                        "the metric '%s' has no value for so little data as a step or the sanity check has: %s",
                        name,
                        error,
                    )
                continue
            found.update(scalars(str(name), value))
        return found

    def restart(self, device: torch.device) -> None:
        """Starts an epoch on this device."""
        self.collection.to(device)
        self.collection.reset()

    def reset(self) -> None:
        """Forgets the batches so far."""
        for metric in self._leaders:
            metric.reset()

    def copy(self, in_part: bool = False) -> "ModeMetrics":
        """The same metrics for other data; `in_part` leaves out one that cannot be computed of so little."""
        return ModeMetrics(deepcopy(self.collection), self._adapters, in_part)

    def alone(self) -> "ModeMetrics":
        """A copy for single batches, whose torchmetrics never wait for other ranks."""
        copy = self.copy(in_part=True)
        for metric in _metrics_in(copy.collection):
            metric.distributed_available_fn = _never
        return copy


def metrics_by_mode(metrics: Mapping[str, Any] | None, adapters: Mapping[Mode, Any]) -> dict[Mode, ModeMetrics]:
    """The metrics of each mode that has some; one that two modes name is two, so that they do not mix their data."""
    found: dict[Mode, ModeMetrics] = {}
    seen: set[int] = set()
    for mode, given in by_mode(metrics, "metrics", METRIC_MODES).items():
        made = mode_metrics(given, f"metrics::{mode}", adapters.get(mode))
        ids = {id(metric) for metric in made.collection.values(copy_state=False)}
        if ids:
            found[mode] = made.copy() if ids & seen else made
        seen |= ids
    return found


def mode_metrics(metrics: Any, place: str, adapter: Any = None) -> ModeMetrics:
    """Metrics given as one, a list, a mapping of names or of groups, or a collection, updated by way of the adapter.

    Raises TypeError and ValueError, naming `place`, where something is no metric or its name cannot be.
    """
    adapter = MetricsAdapter() if adapter is None else adapter
    named: dict[str, Metric] = {}
    adapters: dict[str, Any] = {}
    for given, path, metric in _named(metrics, place):
        name = given
        while name in named:
            name = f"{given}_{int(name.removeprefix(given)[1:] or 1) + 1}"
        if name != given:
            log.warning(
                "%s: two metrics are called '%s', and this one '%s': name them in a mapping", place, given, name
            )
        if "." in name:
            raise ValueError(f"{place}: the name {name!r} has a dot, which PyTorch does not allow; write '_' instead")
        named[name] = metric
        adapters[name] = adapter.of(*path) if isinstance(adapter, MetricsAdapter) else adapter
    # Groups are decided here, not by comparing the states after one batch, which may be equal by chance.
    groups = compute_groups(named, adapters)
    return ModeMetrics(MetricCollection(dict(named), compute_groups=groups), adapters)


def scalars(name: str, value: Any) -> dict[str, Tensor]:
    """A metric's value as single numbers: a mapping gives `name/key`, a vector or list `name/index`."""
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biuf":
        value = torch.as_tensor(value)
    if isinstance(value, Tensor) and value.numel() == 1:
        return {name: plain(value.detach()).reshape(())}
    if isinstance(value, Mapping):
        parts: Any = value.items()
    elif isinstance(value, Tensor | list | tuple):
        parts = enumerate(value)
    elif isinstance(value, int | float):
        return {name: torch.tensor(float(value))}
    else:
        raise TypeError(f"the metric {name!r} gives {value!r}, which is no number and holds none")
    return {key: number for part, inner in parts for key, number in scalars(f"{name}/{part}", inner).items()}


def _named(metrics: Any, place: str) -> Iterator[tuple[str, tuple[str, ...], Metric]]:
    """Each metric with its name, and with the keys under which it is written."""
    if isinstance(metrics, MetricCollection):
        yield from ((str(name), (str(name),), metric) for name, metric in metrics.items(copy_state=False))
    elif isinstance(metrics, Mapping):
        for key, given in metrics.items():
            if isinstance(given, MetricCollection):
                yield from ((f"{key}_{name}", (str(key),), one) for name, _, one in _named(given, place))
            elif isinstance(given, Mapping | list | tuple):
                yield from ((f"{key}/{name}", (str(key), *path), one) for name, path, one in _named(given, place))
            else:
                yield str(key), (str(key),), _metric(given, place)
    elif isinstance(metrics, list | tuple):
        for metric in metrics:
            yield from _named(metric, place)
    else:
        metric = _metric(metrics, place)
        name = type(metric.metric if isinstance(metric, CumulativeMetric) else metric).__name__
        yield name, (name,), metric


def _metric(metric: Any, place: str) -> Metric:
    if isinstance(metric, Metric):
        return metric
    # A metric of MONAI can be here only if its module was imported; without it, MONAI stays unimported.
    monai = sys.modules.get("monai.metrics.metric")
    if monai is not None and isinstance(metric, monai.CumulativeIterationMetric):
        return CumulativeMetric(metric)
    if isinstance(metric, MetricTracker):
        raise TypeError(f"{place}: a MetricTracker is not wanted, as each epoch is logged; give the metric in it alone")
    raise TypeError(f"{place}: a metric of torchmetrics or a cumulative one of MONAI is wanted, not {metric!r}")


@contextmanager
def _each_alone(metrics: MetricCollection) -> Iterator[None]:
    """Lets metrics compute of what they hold, without asking other ranks."""
    changed = [(one, one.distributed_available_fn) for one in _metrics_in(metrics) if gathers_as_usual(one)]
    for metric, _ in changed:
        metric.distributed_available_fn = _never
    try:
        yield
    finally:
        for metric, given in changed:
            metric.distributed_available_fn = given


def _metrics_in(module: nn.Module) -> list[Metric]:
    """A metric and those it wraps, or all of a collection."""
    return [part for part in module.modules() if isinstance(part, Metric)]


def _keywords(metric: Metric) -> frozenset[str] | None:
    """The arguments that its `update` takes by name; None if it takes any."""
    parameters = list(inspect.signature(metric.update).parameters.values())
    if any(one.kind is one.VAR_KEYWORD for one in parameters):
        return None
    return frozenset(one.name for one in parameters if one.kind is not one.VAR_POSITIONAL)


def _never() -> bool:
    return False
