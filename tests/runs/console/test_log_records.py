import logging
import sys

import pytest

from lighter.runs.console.log_records import records_kept
from lighter.runs.console.recording import printed_to


@pytest.fixture
def logger(monkeypatch):
    """Makes a logger without handlers, that its own program may set up."""

    def made(name):
        logger = logging.getLogger(name)
        monkeypatch.setattr(logger, "handlers", [])
        monkeypatch.setattr(logger, "propagate", False)
        return logger

    return made


def said(tmp_path):
    return [line.partition(",")[2][4:] or line for line in (tmp_path / "log.txt").read_text().splitlines()]


@pytest.fixture
def kept(tmp_path):
    def enter():
        recording = printed_to(tmp_path / "log.txt")
        return recording, records_kept(recording.__enter__())

    return enter


def test_lightning_s_words_are_shown_as_they_are_and_kept_with_the_time(tmp_path, capsys, logger):
    lightning = logger("pytorch_lightning")
    handler = logging.StreamHandler()
    lightning.addHandler(handler)
    with printed_to(tmp_path / "log.txt") as recording, records_kept(recording):
        lightning.warning("a word")
    assert handler.stream is sys.stderr
    assert capsys.readouterr().err == "a word\n"
    assert said(tmp_path) == ["WARNING pytorch_lightning: a word"]


def test_what_the_user_s_own_handlers_show_is_kept_in_their_form(tmp_path, capsys, logger):
    early, late = logger("early"), logger("late")
    early.addHandler(logging.StreamHandler())
    with printed_to(tmp_path / "log.txt") as recording, records_kept(recording):
        late.addHandler(logging.StreamHandler(sys.stdout))  # set up while the model is built, say
        late.handlers[0].setFormatter(logging.Formatter("<%(message)s>"))
        early.error("one")
        late.error("two")
    late.error("three")
    assert capsys.readouterr() == ("<two>\n<three>\n", "one\n")
    assert (tmp_path / "log.txt").read_text() == "one\n<two>\n"


def test_a_logger_that_nobody_has_set_up_is_shown_and_kept(tmp_path, capsys, logger):
    last = logging.lastResort
    bare = logger("bare")
    with printed_to(tmp_path / "log.txt") as recording, records_kept(recording):
        bare.warning("mind this")
        bare.info("not this")
    assert logging.lastResort is last
    assert capsys.readouterr().err == "mind this\n"
    assert said(tmp_path) == ["WARNING bare: mind this"]


@pytest.mark.parametrize(("has_own", "shown"), [(False, "told\n"), (True, "")])
def test_lighter_s_warnings_are_still_shown_where_nobody_has_set_up_logging(tmp_path, capsys, logger, has_own, shown):
    ours = logger("lighter")
    if has_own:
        ours.addHandler(logging.NullHandler())
    before = list(ours.handlers), ours.level
    with printed_to(tmp_path / "log.txt") as recording, records_kept(recording):
        ours.warning("told")
        ours.info("kept")
    assert (ours.handlers, ours.level) == before
    assert capsys.readouterr().err == shown
    assert said(tmp_path) == ["WARNING lighter: told", "INFO lighter: kept"]
