import pytest

from lighter.runs.series.comparing import comparisons, paired_difference


def test_the_interval_is_students() -> None:
    # By hand: differences 1, 2, 3: mean 2, deviation 1, error 1 / sqrt(3), t(0.975, 2) = 4.302653.
    found = paired_difference({"a": 2.0, "b": 4.0, "c": 6.0}, {"a": 1.0, "b": 2.0, "c": 3.0})
    assert found is not None
    assert (found.mean, found.low, found.high) == pytest.approx((2, 2 - 2.484138, 2 + 2.484138))
    assert not found.is_clear


def test_pairs_see_a_difference_that_the_spread_of_the_seeds_hides() -> None:
    best = {"seed_0": 0.1, "seed_1": 0.5, "seed_2": 0.9}
    found = paired_difference({name: value + 0.01 + at * 0.001 for at, (name, value) in enumerate(best.items())}, best)
    assert found is not None
    assert found.is_clear


def test_without_two_pairs_or_over_other_runs_there_is_none() -> None:
    assert paired_difference({"a": 1.0}, {"a": 2.0}) is None
    with pytest.raises(ValueError, match="not over the same runs: b"):
        paired_difference({"a": 1.0}, {"a": 1.0, "b": 2.0})


def test_each_is_compared_with_the_best_or_says_what_it_lacks() -> None:
    named = {
        "trial 0": {"seed_0": 0.1, "seed_1": 0.2},
        "trial 1": {"seed_0": 0.3, "seed_1": 0.4},
        "trial 2": {"seed_0": 0.5},
        "trial 3": {"seed_0": 0.2, "seed_1": 0.9},
        "trial 4": {"seed_0": 0.1, "seed_1": 0.2},
    }
    assert comparisons(named, "trial 0", ["seed_0", "seed_1"], less=True) == [
        "trial 1 is worse by 0.2 (95 %: 0.2 to 0.2), a clear difference",
        "trial 2 lacks seed_1: no verdict",
        "trial 3 is worse by 0.4 (95 %: -3.412 to 4.212), which may be chance",
        "trial 4 does not differ",
    ]
    assert comparisons(named, "trial 2", ["seed_0", "seed_1"], less=True) == [
        "trial 2 lacks seed_1: nothing is compared with it"
    ]
