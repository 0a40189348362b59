import pytest

from lighter.console.pace import WINDOW, Pace


def test_before_anything_is_done_there_is_no_rate():
    pace = Pace(5.0)
    assert (pace.rate, pace.remaining(10)) == (None, None)
    pace.mark(6.0, 0)
    assert (pace.rate, pace.remaining(10)) == (None, None)


def test_rate_and_rest():
    pace = Pace(0.0)
    pace.mark(2.0, 10)
    assert (pace.rate, pace.remaining(30), pace.remaining(5)) == (5.0, 4.0, 0)


def test_only_the_last_while_counts():
    pace = Pace(0.0)
    for second in range(1, 200):
        pace.mark(float(second), second if second < 100 else 100 + 10 * (second - 100))
    assert pace.rate == pytest.approx(10)
    assert len(pace._marks) <= WINDOW + 2
