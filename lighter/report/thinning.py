"""Fewer points of a long curve, without losing a peak."""

import math
from collections.abc import Sequence

__all__ = ["thinned"]


def thinned(values: Sequence[float], most: int) -> list[int]:
    """Which values to draw, at most about `most`: the ends, and of each stretch the lowest and the highest.

    A stretch without a finite value keeps one of them, so that the gap is seen.
    """
    count = len(values)
    if count <= most:
        return list(range(count))
    stretch = math.ceil(count / max(1, most // 2 - 1))
    kept = {0, count - 1}
    for start in range(0, count, stretch):
        finite = [at for at in range(start, min(start + stretch, count)) if math.isfinite(values[at])]
        kept.update((min(finite, key=values.__getitem__), max(finite, key=values.__getitem__)) if finite else (start,))
    return sorted(kept)
