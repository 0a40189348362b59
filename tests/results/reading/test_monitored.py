import math
from array import array

import pytest

from lighter.results.reading.metrics_file import Curve
from lighter.results.reading.monitored import Best, Monitored, best, monitored
from lighter.training.logged_name import less_is_better


@pytest.mark.parametrize(
    ("results", "found"),
    [
        ({}, Monitored("val/loss/epoch", less=True)),
        ({"monitored": {"name": "val/dice", "mode": "max"}}, Monitored("val/dice", less=False)),
        ({"monitored": {"name": "val/mae", "mode": "min"}, "fit": {}}, Monitored("val/mae", less=True)),
        ({"monitored": {"name": "val/mae"}}, Monitored("val/mae", less=True)),
        ({"monitored": {"name": 3}}, Monitored()),
        ({"monitored": "val/mae"}, Monitored()),
    ],
)
def test_what_fit_has_recorded_chooses_the_best_checkpoint(results: dict[str, object], found: Monitored) -> None:
    assert monitored(results) == found


@pytest.mark.parametrize(
    ("name", "less"),
    [
        ("val/loss/epoch", True),
        ("val_loss", True),
        ("val/metrics/MeanAbsoluteError/epoch", True),
        ("val/metrics/HausdorffDistanceMetric/epoch", True),
        ("val/metrics/WER/epoch", True),
        ("val/metrics/MulticlassAccuracy/epoch", False),
        ("val/metrics/terrors/epoch", False),
    ],
)
def test_a_name_tells_whether_less_is_better(name: str, less: bool) -> None:
    assert less_is_better(name) is less


def curve(logged: str, *values: float) -> Curve:
    numbers = array("d", range(len(values)))
    return Curve(logged, numbers, numbers, array("d", values))


def test_the_lowest_or_the_highest_and_where_it_is() -> None:
    values = curve("val/loss/epoch", 3, 1, 2, 1)
    assert best(values, less=True) == Best(1, 1, 1, is_lowest=True)
    assert best(values, less=False) == Best(3, 0, 0, is_lowest=False)


def test_values_that_are_not_finite_are_never_the_best() -> None:
    assert best(curve("val/loss/epoch", math.nan, -math.inf, 2), less=True) == Best(2, 2, 2, is_lowest=True)
    assert best(curve("val/loss/epoch", math.nan), less=True) is None
