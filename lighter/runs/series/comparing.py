"""Whether one is better than another, or only luckier: the differences over the same seeds and folds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import fmean, stdev

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean of paired differences, and the interval that holds the true one with a confidence of 95 %."""

    mean: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves no doubt of its sign."""
        return self.low > 0 or self.high < 0


def paired_difference(values: Mapping[str, float], others: Mapping[str, float]) -> Difference | None:
    """How far `values` are above `others`, by the runs of the same names; None where there are not two pairs.

    The interval is Student's, which takes the differences for normally distributed. Raises ValueError for runs that
    are not the same: of an incomplete set no verdict is given.
    """
    if values.keys() != others.keys():
        raise ValueError(f"not over the same runs: {', '.join(sorted(values.keys() ^ others.keys()))}")
    differences = [values[name] - others[name] for name in values]
    if len(differences) < 2:
        return None
    from scipy import stats  # type: ignore[import-untyped]  # it comes without types

    mean, error = fmean(differences), stdev(differences) / math.sqrt(len(differences))
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(differences) - 1)) * error
    return Difference(mean, mean - reach, mean + reach)


def comparisons(named: Mapping[str, Mapping[str, float]], best: str, runs: Sequence[str], *, less: bool) -> list[str]:
    """A line for each other one: how it differs from the best over the runs, or which of them it lacks."""
    if find_spec("scipy") is None:
        return ["not compared: it takes SciPy, which is not installed; pip install scipy"]
    lacking = {name: [run for run in runs if run not in values] for name, values in named.items()}
    if lacking[best]:
        return [f"{best} lacks {', '.join(lacking[best])}: nothing is compared with it"]
    lines = []
    for name, values in named.items():
        if name == best:
            continue
        if lacking[name]:
            lines.append(f"{name} lacks {', '.join(lacking[name])}: no verdict")
        elif (found := paired_difference(values, named[best])) is not None and found == Difference(0, 0, 0):
            lines.append(f"{name} does not differ")
        elif found is not None:
            worse, verdict = found.mean > 0 if less else found.mean < 0, "a clear difference"
            word = "worse" if worse else "better"
            verdict = verdict if found.is_clear else "which may be chance"
            low, high = sorted((abs(found.low), abs(found.high))) if found.is_clear else (found.low, found.high)
            lines.append(f"{name} is {word} by {abs(found.mean):.4g} (95 %: {low:.4g} to {high:.4g}), {verdict}")
    return lines
