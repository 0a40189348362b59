"""By which value a run's best checkpoint is chosen, and whether less of it is better."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from lighter.results.reading.metrics_file import Curve
from lighter.runs.checkpoints import MONITORED
from lighter.training.logged_name import VAL_LOSS


class Best(NamedTuple):
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


class Monitored(NamedTuple):
    """A logged name, and whether less of it is better."""

    name: str = VAL_LOSS
    less: bool = True


def monitored(results: Mapping[str, Any]) -> Monitored:
    """What fit has recorded of a run; the val loss where it recorded nothing."""
    match results.get(MONITORED):
        case {"name": str(name), **more}:
            return Monitored(name, more.get("mode") != "max")
    return Monitored()
