from collections.abc import Callable

import pytest

from lighter.runs.sweeps.checking import check_sweep
from lighter.runs.sweeps.outlook import outlook
from lighter.runs.sweeps.reading import Sweep

TWICE = "a search may try a point twice; write 'search: grid' to try each of the 2 once"


@pytest.mark.parametrize(
    ("values", "trials", "first", "is_told"),
    [
        ("[0.1, 0.2]", 2, "search: 2 trials of 2 points", True),
        ("[0.1, 0.2]", 1, "search: 1 trials of 2 points", False),
        ("{low: 0.1, high: 0.2}", 2, "search: 2 trials of points that are not counted: a range has no step", False),
    ],
)
def test_points_that_may_be_tried_twice_are_told(
    sweep: Callable[..., Sweep], values: str, trials: int, first: str, is_told: bool
) -> None:
    text = f"config: config.yaml\nparameters: {{system::optimizer::lr: {values}}}\ntrials: {trials}\n"
    lines = outlook(check_sweep(sweep(text))).splitlines()
    assert (lines[0], TWICE in lines) == (first, is_told)
