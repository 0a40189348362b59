"""MONAI's cumulative metrics as those of torchmetrics."""

from typing import Any

import pytest
import torch
from monai.metrics.confusion_matrix import ConfusionMatrixMetric
from monai.metrics.f_beta_score import FBetaScore
from monai.metrics.generalized_dice import GeneralizedDiceScore
from monai.metrics.hausdorff_distance import HausdorffDistanceMetric
from monai.metrics.meandice import DiceMetric
from monai.metrics.meaniou import MeanIoU
from monai.metrics.panoptic_quality import PanopticQualityMetric
from monai.metrics.regression import MAEMetric
from monai.metrics.rocauc import ROCAUCMetric
from monai.metrics.surface_dice import SurfaceDiceMetric
from monai.metrics.surface_distance import SurfaceDistanceMetric

from lighter.training.metrics.mode_metrics import scalars
from lighter.training.metrics.states import CumulativeMetric

# What MONAI says of its own calls.
pytestmark = pytest.mark.filterwarnings("ignore:.*always_return_as_numpy")

METRICS: dict[str, Any] = {
    "dice": lambda: DiceMetric(include_background=False),
    "dice by class": lambda: DiceMetric(reduction="mean_batch", get_not_nans=True),
    "hausdorff": lambda: HausdorffDistanceMetric(percentile=95),
    "surface distance": lambda: SurfaceDistanceMetric(symmetric=True),
    "surface dice": lambda: SurfaceDiceMetric(class_thresholds=[1.0]),
    "iou": MeanIoU,
    "confusion": lambda: ConfusionMatrixMetric(metric_name=["sensitivity", "hit rate"]),
    "f beta": FBetaScore,
    "generalized dice": GeneralizedDiceScore,
    "mae": MAEMetric,
}


def masks(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Random masks of two classes."""
    generator = torch.Generator().manual_seed(seed)
    made = [torch.randint(2, (count, 8, 8), generator=generator) for _ in range(2)]
    pred, target = (torch.nn.functional.one_hot(one, 2).movedim(-1, 1).float() for one in made)
    return pred, target


@pytest.mark.parametrize("name", METRICS)
def test_it_gives_what_monai_gives_and_starts_anew(name: str) -> None:
    wrapped, plain = CumulativeMetric(METRICS[name]()), METRICS[name]()
    for epoch in range(2):
        wrapped.reset()
        plain.reset()
        for batch, count in enumerate((3, 1)):
            pred, target = masks(count, 10 * epoch + batch)
            wrapped.update(pred, target)
            plain(pred, target)
        found, expected = (list(scalars("", one).values()) for one in (wrapped.compute(), plain.aggregate()))
        assert found == expected
        assert found


def test_several_values_have_the_names_that_monai_has_for_them() -> None:
    two = CumulativeMetric(ConfusionMatrixMetric(metric_name=["sensitivity", "hit rate"]))
    one = CumulativeMetric(ConfusionMatrixMetric(metric_name="recall"))
    for metric in (two, one):
        metric.update(*masks(3, 0))
    assert sorted(two.compute()) == ["hit_rate", "sensitivity"]
    assert isinstance(one.compute(), torch.Tensor)


def test_metrics_that_keep_predictions() -> None:
    auc = CumulativeMetric(ROCAUCMetric())
    for pred, target in (([0.1, 0.8], [0, 1]), ([0.7, 0.3], [0, 1])):
        auc.update(torch.tensor(pred), torch.tensor(target))
    assert float(auc.compute()) == pytest.approx(0.75)
    panoptic = CumulativeMetric(PanopticQualityMetric(num_classes=1, metric_name=["rq", "sq"]))
    image = torch.tensor([[[[1, 0], [1, 0]], [[1, 0], [1, 0]]]])
    panoptic.update(image, image)
    assert {name: round(float(value), 3) for name, value in panoptic.compute().items()} == {"rq": 1, "sq": 1}


def test_what_is_kept_of_samples_may_be_taken_out_and_put_in() -> None:
    one, other = CumulativeMetric(DiceMetric()), CumulativeMetric(DiceMetric())
    assert one.buffers_of_samples == []
    one.update(*masks(3, 0))
    other.update(*masks(3, 1))
    other.buffers_of_samples = one.buffers_of_samples
    assert torch.equal(other.compute(), one.compute())
    other.buffers_of_samples = []
    assert other.metric.get_buffer() is None
