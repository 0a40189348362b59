import io
import sys

import pytest

from lighter.runs.console.pace import Work
from lighter.runs.console.progress_line import LineDisplay, takes_display
from lighter.runs.console.recording import printed_to
from lighter.runs.console.streams import plain


def drawn(terminal, total=250, **values):
    """What stands on the line after one drawing."""
    display = LineDisplay(terminal)
    work = Work("epoch 2/10", total, 125, start=0.0)
    work.mark(5.0)
    display.start()
    display.draw(work, values)
    text = terminal.getvalue()
    display.stop()
    return plain(text).split("\r")[-1]


def test_a_line_tells_all_there_is(terminal):
    told = drawn(terminal, **{"train/loss/step": 0.12, "val/metrics/f1/epoch": 0.5, "val/loss/epoch": 0.1234})
    assert told == "epoch 2/10  ━━━━━━━━━━  125/250  25.0/s  0:05 left  train/loss 0.12  val/f1 0.5"


@pytest.mark.parametrize("width", [10, 20, 40, 60, 80, 200])
def test_it_is_never_wider_than_the_terminal_and_cuts_no_number(terminal, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    values = {f"val/metrics/number_{count}/epoch": 0.125 for count in range(9)}
    told = drawn(terminal, **values)
    assert len(told) < width
    assert all(part.endswith(" 0.125") for part in told.split("  ") if part.startswith("val/"))


def test_a_number_of_batches_that_nobody_knows_has_no_bar(terminal):
    assert drawn(terminal, total=None) == "epoch 2/10  125  25.0/s"


def test_without_colour_the_bar_is_still_read(terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert "━━━━━       125/250" in drawn(terminal)


def test_what_is_printed_comes_above_and_nothing_is_left_of_it(terminal, tmp_path, monkeypatch):
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, terminal)
    with printed_to(tmp_path / "log.txt"):
        display = LineDisplay(terminal)
        display.start()
        display.draw(Work("test", 10), {})
        print("\x1b[31mred\x1b[0m and", "a" * 100)
        print("begun", end="")
        display.draw(Work("test", 10, 5), {})
        display.stop()
        print(" and ended")
    text = terminal.getvalue()
    assert f"red\x1b[0m and {'a' * 100}\n" in text
    assert text.endswith("\r\x1b[1A\x1b[2Kbegun and ended\n")
    assert text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l")  # the cursor is seen
    assert (tmp_path / "log.txt").read_text() == f"red and {'a' * 100}\nbegun and ended\n"


@pytest.mark.parametrize(("term", "takes"), [("xterm", True), ("dumb", False), ("", False)])
def test_only_a_terminal_that_can_takes_it(terminal, monkeypatch, term, takes):
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("FORCE_COLOR", "1")  # colours, where there is no terminal, are no moving lines
    assert takes_display(terminal) is takes
    assert not takes_display(io.StringIO())
    assert not takes_display(None)


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
        work.mark(float(seconds))
    assert work.told() == told


def test_its_part_is_between_nothing_and_all():
    assert [Work("test", total, 5).part for total in (10, 4, None, 0)] == [0.5, 1.0, 0.0, 0.0]


def test_before_anything_is_done_there_is_no_rate():
    work = Work("test", 10, start=5.0)
    assert (work.rate, work.told()) == (None, [" 0/10"])
    work.mark(6.0)
    assert (work.rate, work.told()) == (None, [" 0/10"])


@pytest.mark.parametrize(("total", "left"), [(30, "0:04 left"), (5, "0:00 left")])
def test_rate_and_rest(total, left):
    work = Work("test", total, 10, start=0.0)
    work.mark(2.0)
    assert (work.rate, work.told()[1:]) == (5.0, ["5.0/s", left])
