"""Metrics of a plugin model: torchmetrics and plain functions."""

import numpy as np
import pytest
import torch
from torchmetrics import MeanAbsoluteError, MetricCollection

from lighter.plugins import PluginSystem
from lighter.plugins.measuring import as_tensor, measure
from lighter.training.adapters import MetricsAdapter
from lighter.training.stages import Mode

SOURCES = (None, np.array([1.0, 2.0]), np.array([1.0, 4.0]))


def mean(pred, target):
    return np.mean(pred - target)


@pytest.mark.parametrize(
    ("metrics", "found"),
    [
        ({"error": MeanAbsoluteError()}, {"error": 1.0}),
        (MeanAbsoluteError(), {"MeanAbsoluteError": 1.0}),
        (MetricCollection({"error": MeanAbsoluteError()}), {"error": 1.0}),
        ({"error": MeanAbsoluteError(), "mean": mean}, {"mean": 1.0, "error": 1.0}),
        ([mean], {"mean": 1.0}),
        ({"parts": lambda pred, target: {"first": pred[0], "last": 2}}, {"parts/first": 1.0, "parts/last": 2.0}),
        (None, {}),
    ],
)
def test_all_forms_of_metrics_give_logged_names(metrics, found):
    measured = measure(PluginSystem(metrics={"test": metrics}), Mode.TEST, SOURCES)
    assert measured == {f"test/metrics/{name}/epoch": value for name, value in found.items()}


def test_a_function_may_want_its_arguments_by_other_names():
    adapter = MetricsAdapter({"y_true": "target", "y_pred": "pred"})
    system = PluginSystem(
        metrics={"val": {"sum": lambda y_true, y_pred: y_true[0] + y_pred[1]}}, adapters={"metrics": adapter}
    )
    assert measure(system, Mode.VAL, SOURCES) == {"val/metrics/sum/epoch": 5.0}


def test_numbers_become_tensors_and_texts_lists():
    found = as_tensor({"a": np.ones(2), "b": np.array(["x", "y"]), "c": (np.float32(1), "z")})
    assert torch.equal(found.pop("a"), torch.ones(2, dtype=torch.float64))
    assert found == {"b": ["x", "y"], "c": (1.0, "z")}
