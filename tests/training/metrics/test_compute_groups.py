"""Metrics that keep the same state."""

from typing import Any

import pytest
import torch
from torchmetrics import MeanMetric, MeanSquaredError, Metric, MetricCollection
from torchmetrics.classification import (
    BinaryAccuracy,
    BinaryF1Score,
    BinaryPrecision,
    MulticlassAccuracy,
    MulticlassAUROC,
    MulticlassAveragePrecision,
    MulticlassCohenKappa,
    MulticlassConfusionMatrix,
    MulticlassF1Score,
    MulticlassRecall,
)

from lighter.training.metrics.compute_groups import compute_groups


def groups(*metrics: Metric) -> list[list[str]]:
    named = {"abcdef"[index]: metric for index, metric in enumerate(metrics)}
    return compute_groups(named, dict.fromkeys(named))


@pytest.mark.parametrize(
    ("metrics", "found"),
    [
        ([MulticlassAccuracy(3), MulticlassF1Score(3), MulticlassRecall(3)], [["a", "b", "c"]]),
        ([MulticlassAccuracy(3), MulticlassF1Score(4)], [["a"], ["b"]]),
        ([MulticlassAccuracy(3), MulticlassF1Score(3, average="micro")], [["a"], ["b"]]),
        ([MulticlassAccuracy(3), MulticlassF1Score(3, ignore_index=0)], [["a"], ["b"]]),
        ([MulticlassAUROC(3), MulticlassAveragePrecision(3), MulticlassAUROC(3, thresholds=9)], [["a", "b"], ["c"]]),
        ([MulticlassCohenKappa(3), MeanMetric(), MulticlassConfusionMatrix(3)], [["a", "c"], ["b"]]),
        ([MeanSquaredError(), MeanSquaredError(squared=False)], [["a", "b"]]),
        ([MeanMetric() + MeanMetric(), MeanMetric() + MeanMetric()], [["a"], ["b"]]),
        ([], []),
    ],
)
def test_what_shares_a_state(metrics: list[Metric], found: list[list[str]]) -> None:
    assert groups(*metrics) == found


def test_other_thresholds_share_nothing_though_their_first_states_are_equal() -> None:
    metrics = {"low": BinaryF1Score(threshold=0.5), "high": BinaryF1Score(threshold=0.7), "also": BinaryPrecision(0.7)}
    assert compute_groups(metrics, dict.fromkeys(metrics)) == [["low"], ["high", "also"]]
    assert compute_groups(metrics, {**dict.fromkeys(metrics), "also": "another"}) == [["low"], ["high"], ["also"]]
    # By its states after the first batch, torchmetrics itself takes these two for one.
    fooled = MetricCollection({"low": BinaryF1Score(threshold=0.5), "high": BinaryF1Score(threshold=0.7)})
    fooled.update(torch.tensor([0.1, 0.9]), torch.tensor([0, 1]))
    assert list(fooled.compute_groups.values()) == [["high", "low"]]


class Scaled(Metric):
    """A metric whose update calls a method that reads what differs."""

    total: torch.Tensor

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = scale
        self.add_state("total", torch.tensor(0.0), "sum")

    def update(self, preds: torch.Tensor, target: torch.Tensor) -> None:
        self.total += self._scaled(preds)

    def compute(self) -> torch.Tensor:
        return self.total

    def _scaled(self, preds: torch.Tensor) -> Any:
        return sum(self.scale * one for one in preds)


class OtherwiseScaled(Scaled):
    def _scaled(self, preds: torch.Tensor) -> Any:
        return -self.scale * preds.sum()


def test_what_an_inner_method_reads_counts() -> None:
    assert groups(Scaled(1.0), Scaled(2.0), Scaled(1.0)) == [["a", "c"], ["b"]]
    assert groups(Scaled(1.0), OtherwiseScaled(1.0)) == [["a"], ["b"]]


def test_a_state_that_has_begun_is_not_shared_with_a_fresh_one() -> None:
    begun = BinaryAccuracy()
    begun.update(torch.tensor([0.1]), torch.tensor([1]))
    assert groups(begun, BinaryF1Score()) == [["a"], ["b"]]
