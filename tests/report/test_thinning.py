import math

from hypothesis import given
from hypothesis import strategies as st

from lighter.report.thinning import thinned


@given(st.lists(st.floats(), min_size=20, max_size=200), st.integers(4, 30))
def test_few_are_kept_with_the_ends_and_the_extremes(values: list[float], most: int) -> None:
    kept = thinned(values, most)
    assert kept == sorted(set(kept))
    assert len(kept) <= most + 2
    assert {0, len(values) - 1} <= set(kept)
    finite = [value for value in values if math.isfinite(value)]
    if finite:
        shown = [values[at] for at in kept if math.isfinite(values[at])]
        assert (min(shown), max(shown)) == (min(finite), max(finite))


def test_no_peak_is_lost() -> None:
    values = [float(at % 3) for at in range(10_000)]
    values[1234], values[7777] = -50.0, 50.0
    kept = thinned(values, 200)
    assert len(kept) <= 200
    assert {0, 1234, 7777, 9999} <= set(kept)


def test_a_short_curve_stays_whole() -> None:
    assert thinned([1.0, math.nan, 3.0], 10) == [0, 1, 2]


def test_a_stretch_without_a_number_stays_a_gap() -> None:
    values = [1.0] * 500 + [math.nan] * 500 + [2.0] * 500
    assert any(math.isnan(values[at]) for at in thinned(values, 100))
