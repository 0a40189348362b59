"""How fast work goes, and the time that is left."""

import pytest

from lighter.runs.console.pace import WINDOW, Work


def test_only_the_last_while_counts():
    work = Work("test", None, start=0.0)
    for second in range(1, 200):
        work.done = second if second < 100 else 100 + 10 * (second - 100)
        work.mark(float(second))
    assert work.rate == pytest.approx(10)
    assert len(work._marks) <= WINDOW + 2
