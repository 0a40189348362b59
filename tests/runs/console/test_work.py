import pytest

from lighter.runs.console.work import WINDOW, Pace, Work


@pytest.mark.parametrize(
    ("total", "done", "seconds", "told"),
    [
        (100, 0, 0, ["  0/100"]),
        (100, 20, 4, [" 20/100", "5.0/s", "0:16 left"]),
        (10_000, 1, 2, ["    1/10000", "2.0 s each", "5:33:18 left"]),
        (None, 20, 4, ["20", "5.0/s"]),
        (0, 0, 0, ["0"]),
    ],
)
def test_it_tells_how_far_it_is(total, done, seconds, told):
    work = Work("epoch 1", total, done, start=0.0)
    if seconds:
        work.pace.mark(float(seconds), done)
    assert work.told() == told


def test_its_part_is_between_nothing_and_all():
    assert [Work("test", total, 5).part for total in (10, 4, None, 0)] == [0.5, 1.0, 0.0, 0.0]


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
