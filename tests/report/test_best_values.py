import math
from array import array

from lighter.report.best_values import Best, best
from lighter.report.metrics_file import Curve


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
