import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from lighter.runs.console.log import logged_to, records_kept
from lighter.runs.console.recording import printed_to
from lighter.runs.console.streams import plain

# What a model, a dataset and their libraries say while they are used.
PARTS = """
import logging, os, sys, warnings
import torch

class Loud(torch.nn.Linear):
    def __init__(self, fails_on_rank=None, api_key=""):
        super().__init__(2, 1)
        print("with", api_key)
        self.fails = os.environ.get("LOCAL_RANK", "0") == str(fails_on_rank)
        print("is built")

    def forward(self, input):
        print("\\x1b[31min forward\\x1b[0m", file=sys.stderr)
        logging.getLogger("loud").warning("a logger's word")
        warnings.warn("at every step")
        if self.fails:
            raise ValueError("given up")
        return super().forward(input)

class Points(torch.utils.data.Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        warnings.warn("of a worker")
        return torch.ones(2), torch.ones(1)
"""
DATA = "{_target_: torch.utils.data.DataLoader, num_workers: 2, dataset: {_target_: line.loud.Points}, batch_size: 2"
LOUD = (
    "trainer::enable_progress_bar=true",
    "trainer::enable_model_summary=null",
    "system::model={_target_: line.loud.Loud, api_key: hunter2-hunter2}",
    f"=system::dataloaders::train={DATA}, multiprocessing_context: fork}}",
    "--run_dir=run",
)


def fit(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    (folder / "line" / "loud.py").write_text(PARTS)
    start = [sys.executable, "-m", "lighter", "fit", "config.yaml", *LOUD, *words]
    return subprocess.run(start, cwd=folder, capture_output=True, text=True, timeout=200, check=False)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="workers that are forked are a thing of POSIX")
def test_the_log_holds_all_that_a_pipe_gets(line: Path) -> None:
    done = fit(line)
    assert done.returncode == 0, done.stderr
    out, err = done.stdout.splitlines(), done.stderr.splitlines()
    log = (line / "run" / "log.txt").read_text()
    kept = [
        text.partition(" INFO lighter: ")[2] or text.partition(" WARNING loud: ")[2] or text
        for text in log.splitlines()
    ]
    told = [plain(text).replace("hunter2-hunter2", "***") for text in (*out, *err)]
    assert [text for text in told if text not in kept] == []
    assert "hunter2" not in log
    assert out.pop(0) == "with hunter2-hunter2"
    assert out[:3] == ["is built", "running on 1 CPU process", "model: 3 parameters, 3 trainable"]
    assert [text[:9] for text in out[3:5]] == ["epoch 1/2", "epoch 2/2"]
    assert out[5].startswith("fit results")
    assert "run folder: run" in out
    start = err.index("2 warnings, in full in log.txt:")
    assert set(err[:start]) == {"\x1b[31min forward\x1b[0m", "a logger's word"}
    assert "  UserWarning: at every step (line/loud.py:15)" in err[start:]
    assert any(text.startswith("  UserWarning: of a worker (line/loud.py:25, ") for text in err[start:])
    assert not set("\r\x1b") & set(done.stdout + log)


def test_a_rank_that_fails_leaves_its_own_log(line: Path) -> None:
    devices = ("trainer::devices=2", "+trainer::strategy=ddp", "system::model::fails_on_rank=1")
    done = fit(line, *devices, "trainer::max_epochs=1")
    assert done.returncode == 1
    assert "ValueError: given up" in (line / "run" / "log-rank1.txt").read_text()
    log = (line / "run" / "log.txt").read_text()
    assert "running on 2 CPU processes, DDP" in log
    assert log.count("is built") == 1
    assert done.stdout.count("running on") == 1
    assert done.stderr.count("in full in log.txt") == 1


def test_loggers_and_warnings_are_written(tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        with logged_to(tmp_path / "new" / "log.txt"):
            logging.getLogger("lighter").info("of ours")
            logging.getLogger("pytorch_lightning.callbacks").warning("of Lightning")
            warnings.warn("of anyone", stacklevel=1)
    text = (tmp_path / "new" / "log.txt").read_text()
    assert "of ours" in text
    assert "of Lightning" in text
    assert "UserWarning: of anyone" in text


def test_a_failure_leaves_its_traceback(tmp_path: Path) -> None:
    with pytest.raises(KeyError), logged_to(tmp_path / "log.txt"):
        raise KeyError("missing")
    text = (tmp_path / "log.txt").read_text()
    assert "Traceback" in text
    assert "KeyError: 'missing'" in text


def test_everything_is_put_back(tmp_path: Path) -> None:
    def state() -> list[object]:
        logger = logging.getLogger("lighter")
        return [warnings.showwarning, [*logger.handlers], logger.level, logging.lastResort, sys.stdout, sys.stderr]

    before = state()
    with logged_to(tmp_path / "log.txt"):
        during = state()
    assert state() == before
    assert not any(one == other for one, other in zip(during, before, strict=True))


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
