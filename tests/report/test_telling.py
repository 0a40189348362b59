from datetime import datetime, timedelta

import pytest

from lighter.report.telling import counted, duration, moment, number


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.123456, "0.1235"),
        (0.0, "0.0000"),
        (1.5e-5, "1.5e-05"),
        (123456.7, "1.235e+05"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (3, "3"),
        (None, ""),
        (True, "True"),
        ("text", "text"),
    ],
)
def test_numbers(value: object, told: str) -> None:
    assert number(value) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (4.21, "4.2 s"),
        (59.94, "59.9 s"),
        (200, "3 min 20 s"),
        (3599.9, "1 h 0 min"),
        (7500, "2 h 5 min"),
        (180000, "2 d 2 h"),
    ],
)
def test_durations(seconds: float, told: str) -> None:
    assert duration(timedelta(seconds=seconds)) == told


def test_a_moment_is_told_to_the_minute() -> None:
    assert moment(datetime(2026, 1, 31, 12, 5, 59)) == "2026-01-31 12:05"  # noqa: DTZ001  # told as it is


def test_counts() -> None:
    assert [counted(1, "step"), counted(2000.0, "step"), counted(0, "line")] == ["1 step", "2,000 steps", "0 lines"]
