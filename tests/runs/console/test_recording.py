import io
import sys

import pytest
from lightning_fabric.utilities.rank_zero import rank_zero_only

from lighter.runs.console.recording import added_to, attach, current, printed_to, say


def test_what_is_printed_is_shown_and_kept(tmp_path, capsys):
    before = sys.stdout, sys.stderr
    with printed_to(tmp_path / "log.txt") as recording:
        assert current() is recording
        print("out")
        print("err", file=sys.stderr)
        print("begun", end="")
    assert (sys.stdout, sys.stderr) == before
    assert current() is None
    assert capsys.readouterr() == ("out\nbegun", "err\n")
    assert (tmp_path / "log.txt").read_text() == "out\nerr\nbegun\n"


def test_what_somebody_else_has_put_in_place_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    own = io.StringIO()
    with printed_to(tmp_path / "log.txt"):
        sys.stdout = own
    assert sys.stdout is own


def test_a_process_without_a_console_is_no_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with printed_to(tmp_path / "log.txt"):
        say("told")
    assert (tmp_path / "log.txt").read_text().endswith("INFO lighter: told\n")


def test_one_in_the_other_keeps_it_in_both(tmp_path, capsys):
    with printed_to(tmp_path / "a.txt"), printed_to(tmp_path / "b.txt"):
        print("both")
    assert capsys.readouterr().out == "both\n"
    assert [(tmp_path / f"{name}.txt").read_text() for name in "ab"] == ["both\n"] * 2


def test_what_is_said_is_shown_plainly_and_kept_with_the_time(tmp_path, capsys):
    with printed_to(tmp_path / "log.txt"):
        say("one")
        say("two", is_shown=False)
    assert capsys.readouterr() == ("one\n", "")
    text = (tmp_path / "log.txt").read_text()
    assert [line.partition(" INFO ")[2] for line in text.splitlines()] == ["lighter: one", "lighter: two"]


def test_other_ranks_say_nothing(capsys, monkeypatch):
    monkeypatch.setattr(rank_zero_only, "rank", 1)
    say("one")
    assert capsys.readouterr().out == ""


def test_after_a_run_its_log_is_added_to(tmp_path, capsys):
    with added_to(tmp_path / "log.txt"):
        print("results")
    with added_to(tmp_path / "gone" / "log.txt"):
        print("nowhere")
    with printed_to(tmp_path / "run.txt"), added_to(tmp_path / "log.txt"):
        print("in a run")
    assert capsys.readouterr().out == "results\nnowhere\nin a run\n"
    assert (tmp_path / "log.txt").read_text() == "results\n"


@pytest.fixture
def _ended():
    yield
    recording = current()
    if recording is not None:
        recording.stop()


@pytest.mark.usefixtures("_ended")
def test_a_spawned_process_records_from_then_on(tmp_path, capsys):
    attach(tmp_path / "log.txt", ["hunter2-hunter2"])
    attach(tmp_path / "other.txt")
    print("of the rank: hunter2-hunter2")
    assert (tmp_path / "log.txt").read_text() == "of the rank: ***\n"
    assert not (tmp_path / "other.txt").exists()
