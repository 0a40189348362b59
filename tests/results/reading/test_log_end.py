from pathlib import Path

import pytest

from lighter.results.reading.log_end import BYTES, LINES, LogEnd, read_log_end

HEAD = "2026-01-31 12:00:00,000 "
FAILURE = f"""{HEAD}ERROR lighter: Traceback (most recent call last):
  File "a.py", line 1, in f
KeyError: 'a'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "b.py", line 1, in g
ValueError: b
"""


@pytest.fixture
def read(tmp_path: Path):
    def read(text: str) -> LogEnd:
        path = tmp_path / "log.txt"
        path.write_text(text, encoding="utf-8")
        return read_log_end(path)

    return read


def test_no_log_is_nothing(tmp_path: Path) -> None:
    assert read_log_end(tmp_path / "log.txt") == LogEnd()


def test_the_traceback_is_apart_with_its_cause(read) -> None:
    log = read(f"{HEAD}INFO lighter: begins\n{FAILURE}")
    assert log.lines == (f"{HEAD}INFO lighter: begins",)
    assert log.traceback[-1] == "ValueError: b"
    assert "KeyError: 'a'" in log.traceback
    assert log.is_whole


def test_a_failure_before_the_last_record_is_over(read) -> None:
    log = read(f"{FAILURE}{HEAD}INFO lighter: another stage, which went well\n")
    assert log.traceback == ()
    assert "ValueError: b" in log.lines


def test_of_a_long_log_the_end_is_read(read) -> None:
    log = read("".join(f"{HEAD}INFO lighter: line {at} {'x' * 100}\n" for at in range(5000)))
    assert len(log.lines) == LINES
    assert not log.is_whole
    assert log.lines[-1].split()[5] == "4999"


def test_half_a_line_is_not_shown(read) -> None:
    log = read("".join(f"{HEAD}INFO lighter: {'x' * (BYTES // 3)}\n" for _ in range(5)))
    assert len(log.lines) == 2
    assert all(line.startswith(HEAD) for line in log.lines)


def test_colours_and_what_was_written_over_are_left_out(read) -> None:
    assert read("\x1b[31mred\x1b[0m\nEpoch 1\rEpoch 2\na\x07b\n").lines == ("red", "Epoch 2", "a\\x07b")
