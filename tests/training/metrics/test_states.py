"""States of metrics put together over ranks give what one process gives; here the ranks are copies in one process."""

import pickle
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
import torch
from monai.metrics.meandice import DiceMetric
from torch import Tensor
from torchmetrics import MeanMetric, MeanSquaredError, Metric, PearsonCorrCoef, SpearmanCorrCoef
from torchmetrics.classification import (
    MulticlassAccuracy,
    MulticlassAUROC,
    MulticlassConfusionMatrix,
    MulticlassF1Score,
    MulticlassRecall,
)
from torchmetrics.retrieval import RetrievalMAP
from torchmetrics.text import BLEUScore, WordErrorRate
from torchmetrics.wrappers import ClasswiseWrapper, MinMaxMetric, MultioutputWrapper, Running

from lighter.training.metrics.mode_metrics import mode_metrics
from lighter.training.metrics.states import CumulativeMetric, gathers_as_usual, over_ranks, put, state
from lighter.training.ranks import gathered

# What torchmetrics says of memory and of few samples.
pytestmark = pytest.mark.filterwarnings("ignore:.*(will save all targets|No positive samples)")

Batch = tuple[Any, ...]


class EachSample(Metric):
    """Keeps a tensor for each sample, so that ranks have different numbers of them."""

    values: list[Tensor]

    def __init__(self) -> None:
        super().__init__()
        self.add_state("values", [], dist_reduce_fx=None)

    def update(self, preds: Tensor, target: Tensor) -> None:
        self.values.extend(preds)

    def compute(self) -> Tensor:
        return torch.stack(self.values).median()


class Mean(Metric):
    """A mean of means, which torchmetrics pulls towards 0 where a rank has nothing."""

    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("mean", torch.tensor(0.0), "mean")

    def update(self, preds: Tensor, target: Tensor) -> None:
        self.mean = preds.mean()

    def compute(self) -> Tensor:
        return self.mean


def classes(count: int, seed: int) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(count, 3, generator=generator).softmax(1), torch.randint(3, (count,), generator=generator)


def numbers(count: int, seed: int) -> Batch:
    pred, _ = classes(count, seed)
    return pred[:, 0], pred[:, 1] + pred[:, 0]


def masks(count: int, seed: int) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randint(2, (count, 1, 4, 4), generator=generator) for _ in range(2))


def texts(count: int, seed: int) -> Batch:
    words = ["the cat sat on the mat", "a dog lay there for hours", "it was cold on the mat"]
    return [words[(seed + index) % 3] for index in range(count)], [[words[index % 3]] for index in range(count)]


def queries(count: int, seed: int) -> Batch:
    pred, target = classes(count, seed)
    return pred[:, 0], target > 0, torch.arange(count) % 2 + seed


METRICS: dict[str, tuple[Callable[[], Any], Callable[[int, int], Batch]]] = {
    "sums": (lambda: [MulticlassAccuracy(3), MulticlassF1Score(3), MulticlassConfusionMatrix(3)], classes),
    "lists": (lambda: [MulticlassAUROC(3), EachSample()], classes),
    "wrapped": (
        lambda: [ClasswiseWrapper(MulticlassRecall(3, average=None)), MinMaxMetric(MulticlassRecall(3))],
        classes,
    ),
    "composed": (lambda: {"sum": MulticlassRecall(3) + MulticlassAccuracy(3)}, classes),
    "outputs": (
        lambda: MultioutputWrapper(MeanSquaredError(), 2),
        lambda count, seed: (torch.rand(count, 2), torch.rand(count, 2)),
    ),
    "correlation": (lambda: [PearsonCorrCoef(), SpearmanCorrCoef()], numbers),
    "of monai": (DiceMetric, masks),
    "of texts": (BLEUScore, texts),
    "retrieval": (RetrievalMAP, queries),
    "running": (lambda: Running(MeanSquaredError(), window=5), numbers),
    "mean": (MeanMetric, lambda count, seed: (classes(count, seed)[0][:, 0],)),
}  # fmt: skip


@pytest.mark.parametrize("sizes", [[(3, 4), (2,)], [(), (4, 1)], [(5,), ()], [(1,), (1,), (3,)]])
@pytest.mark.parametrize("name", METRICS)
def test_ranks_together_give_what_one_process_gives(name: str, sizes: list[tuple[int, ...]]) -> None:
    make, batch = METRICS[name]
    whole, ranks = mode_metrics(make(), "m"), [mode_metrics(make(), "m") for _ in sizes]
    for epoch in range(2):
        for metrics in (whole, *ranks):
            metrics.restart(torch.device("cpu"))
        for rank, (metrics, counts) in enumerate(zip(ranks, sizes, strict=True)):
            for index, count in enumerate(counts):
                made = batch(count, 100 * epoch + 10 * rank + index)
                whole.parts[0].update(*made)
                metrics.parts[0].update(*made)
        states = [pickle.loads(pickle.dumps(metrics.states())) for metrics in ranks]
        expected = whole.values()
        for metrics in ranks:
            torch.testing.assert_close(metrics.values(states), expected, rtol=0, atol=1e-6, equal_nan=True)


def test_each_rank_has_its_own_states_again_afterwards() -> None:
    metrics = [mode_metrics([MulticlassAccuracy(3), EachSample(), DiceMetric()], "m") for _ in range(2)]
    for rank, one in enumerate(metrics):
        for leader in one.collection.values():
            leader.update(*(masks(2, rank) if isinstance(leader, CumulativeMetric) else classes(3 + rank, rank)))
    before = [metric.values() for metric in metrics]
    states = [metric.states() for metric in metrics]
    together = [metric.values(states) for metric in metrics]
    assert together[0] == together[1] != before[0]
    assert [metric.values() for metric in metrics] == before


def test_a_rank_without_samples_does_not_count() -> None:
    empty, full = Mean(), Mean()
    full.update(*numbers(4, 0))
    assert state(empty) is None
    for metric in (empty, full):
        with over_ranks([metric], [[state(empty)], [state(full)]]):
            assert metric.update_called
            assert metric.compute() == full.mean
    assert not empty.update_called


def test_of_one_rank_with_samples_the_state_is_as_it_was() -> None:
    class Last(Metric):
        value: Tensor

        def __init__(self) -> None:
            super().__init__()
            self.add_state("value", torch.tensor(0.0), dist_reduce_fx=None)

        def update(self, value: Tensor) -> None:
            self.value = value

        def compute(self) -> Tensor:
            return self.value

    one, other, empty = Last(), Last(), Last()
    for metric in (one, other):
        metric.update(torch.tensor([1.0, 2.0]))
    for ranks, shape in (([one, empty], (2,)), ([one, other], (2, 2))):
        with over_ranks([empty], [[state(metric)] for metric in ranks]):
            assert empty.compute().shape == shape


def test_what_is_thrown_meanwhile_leaves_the_states_of_the_rank() -> None:
    metric = EachSample()
    metric.update(torch.ones(2), torch.ones(2))
    kept = state(metric)
    assert kept is not None

    def fail() -> None:
        with over_ranks([metric], [[kept], [kept]]):
            raise KeyError(len(metric.values))

    with pytest.raises(KeyError, match="4"):
        fail()
    assert len(metric.values) == 2


@pytest.mark.parametrize(
    "metric",
    [
        MeanMetric(dist_sync_fn=gathered),
        MeanMetric(sync_on_compute=False),
        MeanMetric(distributed_available_fn=lambda: False),
        MeanMetric(process_group="some"),
        type("Own", (MeanMetric,), {"_sync_dist": lambda self, *_: None, "__module__": __name__})(),
    ],
)
def test_a_metric_that_gathers_in_its_own_way_is_left_to_it(metric: Metric) -> None:
    assert not gathers_as_usual(metric)
    assert gathers_as_usual(MeanMetric())
    assert gathers_as_usual(WordErrorRate())
    metric.update(torch.ones(2))
    with over_ranks([metric], [[state(metric)], [state(metric)]]):
        assert metric.update_count == 1


@pytest.mark.parametrize("name", [*METRICS, "of one rank"])
def test_what_was_added_before_is_put_into_new_metrics(name: str) -> None:
    """Through a checkpoint that holds plain data alone, in the middle of an epoch."""
    make, batch = METRICS.get(name, (lambda: MeanSquaredError(sync_on_compute=False), numbers))
    whole, again = mode_metrics(make(), "m"), mode_metrics(make(), "m")
    for metrics in (whole, again):
        metrics.restart(torch.device("cpu"))
    made = [batch(count, index) for index, count in enumerate((3, 4, 2))]
    for index, one in enumerate(made):
        whole.parts[0].update(*one)
        if index == 1:
            saved = BytesIO()
            torch.save(whole.states(), saved)
            saved.seek(0)
            again.restore(torch.load(saved, weights_only=True))
    again.parts[0].update(*made[2])
    torch.testing.assert_close(again.values(), whole.values(), rtol=0, atol=0, equal_nan=True)


def test_a_metric_without_samples_stays_so() -> None:
    full, empty = Mean(), Mean()
    put(empty, state(full))
    assert not empty.update_called
    full.update(*numbers(4, 0))
    put(empty, state(full))
    assert empty.update_count == 1
    assert empty.compute() == full.mean
