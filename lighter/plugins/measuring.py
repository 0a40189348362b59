"""Metrics of a plugin model: torchmetrics, MONAI's, or any function that gives numbers."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from lighter.plugins.plugin_system import PluginSystem
from lighter.training.logged_name import Kind, LoggedName
from lighter.training.metrics.mode_metrics import ModeMetrics, collection, scalars
from lighter.training.stages import Mode


def measure(system: PluginSystem, mode: Mode, sources: tuple[Any, Any, Any]) -> dict[str, float]:
    """The metrics of a mode by logged name, for (input, target, pred)."""
    given = system.metrics.get(mode)
    if given is None:
        return {}
    place = f"metrics::{mode}"
    functions = {name: one for name, one in _named(given) if _is_function(one)}
    others = {name: one for name, one in _named(given) if not _is_function(one)} if functions else given
    found = {
        key: number
        for name, one in functions.items()
        for key, number in scalars(name, _number(system.measured(one, *sources))).items()
    }
    if others:
        metrics = ModeMetrics(collection(others, place))
        system.measured(metrics.update, *map(as_tensor, sources))
        found = {**found, **metrics.values()}
    return {str(LoggedName(mode, Kind.METRICS, name)): float(value) for name, value in found.items()}


def as_tensor(value: Any) -> Any:
    """Numbers as a tensor, texts as a list; mappings and lists part by part, anything else as it is."""
    if hasattr(value, "to_numpy"):  # of a data frame
        value = value.to_numpy()
    if isinstance(value, np.ndarray):
        return torch.as_tensor(value) if value.dtype.kind in "biuf" else value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {name: as_tensor(one) for name, one in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(as_tensor, value))
    return value


def _named(given: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(given, Mapping):
        yield from given.items()
    else:
        listed = given if isinstance(given, list | tuple) else [given]
        yield from ((getattr(one, "__name__", str(index)), one) for index, one in enumerate(listed))


def _is_function(metric: Any) -> bool:
    """Whether a metric is called with all predictions at once, and is no module that adds up batches."""
    return callable(metric) and not isinstance(metric, torch.nn.Module) and not hasattr(metric, "aggregate")


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, int | float | np.number) else as_tensor(value)
