"""The best value of a curve."""

import math
from dataclasses import dataclass

from lighter.report.metrics_file import Curve

__all__ = ["Best", "best"]


@dataclass(frozen=True, slots=True)
class Best:
    """The lowest or the highest value of a curve, and where it is."""

    value: float
    step: float
    epoch: float
    is_lowest: bool


def best(curve: Curve, less: bool) -> Best | None:
    """The best of the finite values, the first of equals; None where there is none."""
    finite = [at for at, value in enumerate(curve.values) if math.isfinite(value)]
    if not finite:
        return None
    at = (min if less else max)(finite, key=curve.values.__getitem__)
    return Best(curve.values[at], curve.steps[at], curve.epochs[at], less)
