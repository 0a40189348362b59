import logging
import re

import pytest
from lightning_fabric.utilities.rank_zero import rank_zero_only

from lighter.runs.console.log_file import KEPT, LogFile


def test_lines_are_there_at_once_and_added_to_those_before(tmp_path):
    path = tmp_path / "log.txt"
    path.write_text("before\n")
    log = LogFile(path)
    log.add("one\ud800")  # half of a character, as a broken file name may hold it
    assert path.read_text() == "before\none\\ud800\n"
    log.add_told("two", logging.WARNING)
    log.close()
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} WARNING lighter: two$", path.read_text(), re.MULTILINE)


def test_secrets_are_left_out(tmp_path):
    log = LogFile(tmp_path / "log.txt", ["hunter2-hunter2", "short"])
    log.add("log in with hunter2-hunter2, in short")
    log.add_failure(ValueError("hunter2-hunter2 is refused"))
    text = (tmp_path / "log.txt").read_text()
    assert "log in with ***, in short\n" in text
    assert "ValueError: *** is refused" in text
    assert "hunter2" not in text


def test_nothing_to_say_leaves_no_file(tmp_path):
    LogFile(tmp_path / "log.txt").close()
    assert not (tmp_path / "log.txt").exists()


def test_another_rank_writes_only_when_it_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(rank_zero_only, "rank", 3)
    log = LogFile(tmp_path / "log.txt")
    for number in range(KEPT + 1):
        log.add(f"line {number}")
    log.add_failure(KeyboardInterrupt())
    assert list(tmp_path.iterdir()) == []
    log.add_failure(ValueError("too large"))
    assert [path.name for path in tmp_path.iterdir()] == ["log-rank3.txt"]
    text = (tmp_path / "log-rank3.txt").read_text()
    assert "line 0\n" not in text
    assert f"line {KEPT}\n" in text
    assert "ValueError: too large" in text


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path):
    log = LogFile(tmp_path / "no folder" / "log.txt")
    with pytest.warns(UserWarning, match=r"log\.txt' ends here: .*No such file"):
        log.add("lost")
    log.add("lost too")


def test_a_log_can_be_looked_at_on_a_terminal(tmp_path):
    log = LogFile(tmp_path / "log.txt")
    log.add("a\x1b[2Jb\x9bc\u202ed\te\nf é 日")
    log.add_told("\x1b]0;title\x07")
    log.close()
    first, second, third = (tmp_path / "log.txt").read_text().splitlines()
    assert (first, second) == (r"a\x1b[2Jb\x9bc\u202ed" + "\te", "f é 日")
    assert third.endswith(r"INFO lighter: \x1b]0;title\x07")
