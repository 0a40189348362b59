from datetime import datetime

import pytest

from lighter.report.telling import counted, moment, number


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


def test_a_moment_is_told_to_the_minute() -> None:
    assert moment(datetime(2026, 1, 31, 12, 5, 59)) == "2026-01-31 12:05"  # noqa: DTZ001  # told as it is


def test_counts() -> None:
    assert [counted(1, "step"), counted(2000.0, "step"), counted(0, "line")] == ["1 step", "2,000 steps", "0 lines"]
