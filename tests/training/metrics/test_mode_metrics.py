"""Metrics in any form: collected, updated, computed."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from monai.metrics.confusion_matrix import ConfusionMatrixMetric
from monai.metrics.fid import FIDMetric
from monai.metrics.meandice import DiceMetric
from torch import Tensor
from torchmetrics import MeanSquaredError, Metric, MetricCollection
from torchmetrics.classification import MulticlassAccuracy, MulticlassF1Score, MulticlassRecall
from torchmetrics.wrappers import ClasswiseWrapper, MetricTracker

from lighter.training.adapters import MetricsAdapter
from lighter.training.metrics.mode_metrics import metrics_by_mode, mode_metrics, scalars
from lighter.training.metrics.states import CumulativeMetric
from lighter.training.stages import Mode

CPU = torch.device("cpu")


def names(metrics: Any) -> list[str]:
    return [str(name) for name in mode_metrics(metrics, "metrics::val").collection.keys()]  # noqa: SIM118  # no dict: it lacks `in`


def batches(count: int = 3, classes: int = 3) -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(0)
    return [
        (torch.rand(5, classes, generator=generator), torch.randint(classes, (5,), generator=generator))
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("metrics", "found"),
    [
        (MulticlassAccuracy(3), ["MulticlassAccuracy"]),
        ([MulticlassAccuracy(3), MulticlassF1Score(3)], ["MulticlassAccuracy", "MulticlassF1Score"]),
        ({"f1": MulticlassF1Score(3), "acc": MulticlassAccuracy(3)}, ["acc", "f1"]),
        (MetricCollection([MulticlassAccuracy(3)], prefix="my_"), ["my_MulticlassAccuracy"]),
        ([MetricCollection([MulticlassAccuracy(3)]), DiceMetric()], ["DiceMetric", "MulticlassAccuracy"]),
        ({"a": MetricCollection([MulticlassAccuracy(3)]), "dice": DiceMetric()}, ["a_MulticlassAccuracy", "dice"]),
        ([DiceMetric(), DiceMetric(), DiceMetric()], ["DiceMetric", "DiceMetric_2", "DiceMetric_3"]),
        ({"a": {"b": DiceMetric(), "c": {"d": DiceMetric()}}, "e": [DiceMetric()]}, ["a/b", "a/c/d", "e/DiceMetric"]),
    ],
)
def test_every_form_becomes_one_collection(metrics: Any, found: list[str]) -> None:
    assert names(metrics) == found


@pytest.mark.parametrize(
    ("metrics", "error", "message"),
    [
        (
            {"a.b": MulticlassAccuracy(3)},
            ValueError,
            ("metrics::val: the name 'a.b' has a dot, which PyTorch does not allow; write '_' instead"),
        ),
        (
            MetricTracker(MulticlassAccuracy(3)),
            TypeError,
            "metrics::val: a MetricTracker is not wanted, as each epoch is logged; give the metric in it alone",
        ),
        (
            len,
            TypeError,
            (
                "metrics::val: a metric of torchmetrics or a cumulative one of MONAI is wanted, "
                "not <built-in function len>"
            ),
        ),
    ],
)
def test_what_is_wrong_is_told(metrics: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as told:
        mode_metrics(metrics, "metrics::val")
    assert str(told.value) == message


def test_a_metric_of_monai_that_keeps_no_samples_is_refused() -> None:
    with pytest.raises(TypeError, match="a cumulative one of MONAI is wanted"):
        mode_metrics(FIDMetric(), "metrics::val")


def test_shared_states_give_the_values_of_single_metrics() -> None:
    made = (MulticlassAccuracy(3), MulticlassF1Score(3), MulticlassRecall(3, average="micro"))
    metrics = mode_metrics(list(made), "metrics")
    single = [metric.clone() for metric in made]
    for epoch in range(2):
        metrics.restart(CPU)
        for metric in single:
            metric.reset()
        for batch in batches(3 + epoch):
            metrics.parts[0].update(*batch)
            for metric in single:
                metric.update(*batch)
        assert metrics.values() == {type(metric).__name__: metric.compute() for metric in single}


def test_a_look_in_mid_epoch_changes_nothing() -> None:
    metrics = mode_metrics([MulticlassAccuracy(3), MulticlassF1Score(3)], "metrics")
    alone = MulticlassF1Score(3)
    for batch in batches():
        metrics.parts[0].update(*batch)
        alone.update(*batch)
        metrics.collection["MulticlassF1Score"].compute()
    assert metrics.values()["MulticlassF1Score"] == alone.compute()


class Counting(MulticlassAccuracy):
    updates = 0

    def update(self, preds: Tensor, target: Tensor) -> None:
        type(self).updates += 1
        super().update(preds, target)


def test_metrics_with_one_state_are_updated_once() -> None:
    metrics = mode_metrics({"a": Counting(3), "b": Counting(3)}, "metrics")
    metrics.parts[0].update(*batches(1)[0])
    assert Counting.updates == 1


class Weighted(Metric):
    total: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("total", torch.tensor(0.0), "sum")

    def update(self, preds: Tensor, weight: Tensor) -> None:
        self.total += (preds * weight).sum()

    def compute(self) -> Tensor:
        return self.total


def test_a_metric_gets_the_keyword_arguments_it_takes() -> None:
    metrics = mode_metrics([Weighted(), MeanSquaredError()], "metrics")
    one = torch.ones(2)
    for _ in range(2):
        metrics.parts[0].update(preds=one, target=one * 3, weight=one * 2)
    assert metrics.values() == {"MeanSquaredError": torch.tensor(4.0), "Weighted": torch.tensor(8.0)}
    with pytest.raises(TypeError) as told:
        metrics.parts[0].update(preds=one, target=one, wieght=one)
    assert str(told.value) == "no metric takes an argument 'wieght'; did you mean 'weight'?"


def test_parts_of_a_value_have_names_of_their_own() -> None:
    one = torch.tensor(1.0)
    assert scalars("A", one) == {"A": one}
    assert scalars("A", torch.tensor([1.0])) == {"A": one}
    assert scalars("A", 1) == {"A": one}
    assert scalars("A", {"x": one, "y": [one, torch.tensor([1.0, 2.0])]}) == {
        "A/x": one,
        "A/y/0": one,
        "A/y/1/0": one,
        "A/y/1/1": torch.tensor(2.0),
    }
    assert scalars("A", torch.tensor([])) == {}
    assert scalars("A", np.float32(2)) == scalars("A", np.array([2])) == scalars("A", np.array(2.0)) == {"A": 2}
    assert scalars("A", {"x": np.int64(3), "y": np.array([1, 2])}) == {"A/x": 3, "A/y/0": 1, "A/y/1": 2}
    with pytest.raises(TypeError, match="the metric 'A/x' gives 'text', which is no number"):
        scalars("A", {"x": "text"})
    with pytest.raises(TypeError, match=r"the metric 'A' gives array\('text', .*, which is no number"):
        scalars("A", np.array("text"))


def test_each_metric_or_group_may_have_its_own_arguments() -> None:
    adapter = MetricsAdapter(
        ["pred::a", "target"],
        {"target": lambda target: target * 2},
        b={"arguments": ["pred::b", "target"]},
        group={"plain": {"transforms": {}}, "arguments": ["pred::b", "input"]},
    )
    mse = MeanSquaredError()
    given = {"a": mse, "b": mse.clone(), "group": {"plain": mse.clone(), "other": mse.clone()}}
    made = mode_metrics(given, "metrics::val", adapter)
    pred = {"a": torch.tensor([1.0]), "b": torch.tensor([3.0])}
    for metrics in (made, made.copy()):
        metrics.update(torch.tensor([7.0]), torch.tensor([5.0]), pred)
        found = {name: value.item() for name, value in metrics.values().items()}
        assert found == {"a": 81.0, "b": 49.0, "group/other": 16.0, "group/plain": 16.0}


def test_a_metric_with_several_values() -> None:
    by_class = ClasswiseWrapper(MulticlassF1Score(3, average=None))
    metrics = mode_metrics({"each": MulticlassAccuracy(3, average=None), "f1": by_class}, "metrics")
    metrics.parts[0].update(*batches(1)[0])
    assert {"each/0", "each/1", "each/2"} < metrics.values().keys()
    assert {"f1/multiclassf1score_0", "f1/multiclassf1score_2"} < metrics.values().keys()


def test_a_metric_of_monai_counts_each_sample_once_an_epoch() -> None:
    metrics = mode_metrics(DiceMetric(include_background=True), "metrics")
    one, two = torch.ones(1, 1, 2, 2), torch.zeros(3, 1, 2, 2)
    two[:, :, 0] = 1
    target = torch.ones(1, 1, 2, 2)
    for first, mean in ((one, (1 + 3 * 2 / 3) / 4), (one * 0, (0 + 3 * 2 / 3) / 4)):
        metrics.restart(CPU)
        metrics.parts[0].update(first, target)
        metrics.parts[0].update(two, target.expand(3, -1, -1, -1))
        torch.testing.assert_close(metrics.values(), {"DiceMetric": torch.tensor(mean)})


def test_a_metric_of_monai_with_several_values() -> None:
    metric = ConfusionMatrixMetric(metric_name=["precision", "recall"])
    metrics = mode_metrics({"cm": metric}, "metrics")
    metrics.parts[0].update(torch.ones(1, 1, 2), torch.ones(1, 1, 2))
    assert metrics.values() == {"cm/precision": torch.tensor(1.0), "cm/recall": torch.tensor(1.0)}


def test_a_copy_for_steps_has_its_own_state_and_never_waits_for_ranks() -> None:
    metrics = mode_metrics([MulticlassAccuracy(3), MulticlassF1Score(3)], "metrics")
    alone = metrics.alone()
    first, second = batches(2)
    metrics.parts[0].update(*first)
    for batch in (first, second):
        alone.parts[0].update(*batch)
        expected = MulticlassF1Score(3)
        expected.update(*batch)
        assert alone.values()["MulticlassF1Score"] == expected.compute()
        alone.reset()
    expected = MulticlassF1Score(3)
    expected.update(*first)
    assert metrics.values()["MulticlassF1Score"] == expected.compute()
    asked = {metric.distributed_available_fn for metric in alone.collection.values()}
    assert not asked & {metric.distributed_available_fn for metric in metrics.collection.values()}
    assert [asks() for asks in asked if asks is not None] == [False]


def test_one_metric_in_two_modes_is_two() -> None:
    shared = MulticlassAccuracy(3)
    found = metrics_by_mode({"train": [shared], "val": {"a": shared}, "test": None}, {})
    assert found.keys() == {Mode.TRAIN, Mode.VAL}
    found[Mode.TRAIN].parts[0].update(*batches(1)[0])
    assert not found[Mode.VAL].collection["a"].update_called


def test_no_metrics_are_none() -> None:
    assert metrics_by_mode({"train": [], "val": {}}, {}) == {}
    with pytest.raises(ValueError, match="metrics: there is no 'predict'"):
        metrics_by_mode({"predict": MulticlassAccuracy(3)}, {})


def test_the_wrapper_is_named_after_what_it_wraps() -> None:
    assert names(CumulativeMetric(DiceMetric())) == ["DiceMetric"]


def test_monai_is_not_imported_for_metrics_of_torchmetrics() -> None:
    code = (
        "import sys, torchmetrics, lighter.training.system; "
        "from lighter.training.metrics.mode_metrics import mode_metrics;"
        "mode_metrics(torchmetrics.MeanSquaredError(), 'metrics');"
        "sys.exit('monai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
