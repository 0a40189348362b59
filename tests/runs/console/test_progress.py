import os
import pickle
import re
import signal
import subprocess
import sys
import time

import pytest
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader

from lighter import System
from lighter.runs.console import progress
from lighter.runs.console.progress import progress_bar
from lighter.runs.console.recording import printed_to
from lighter.runs.console.streams import plain


def loader(count):
    return DataLoader(torch.utils.data.TensorDataset(torch.ones(count, 1), torch.ones(count, 1)), batch_size=2)


def system(model=None, **loaders):
    model = nn.Linear(1, 1) if model is None else model
    loaders = {mode: loader(count) for mode, count in loaders.items()}
    return System(model, dataloaders=loaders, criterion=nn.MSELoss(), optimizer=lambda p: torch.optim.SGD(p, lr=0.1))


def run(stage, system, log, **options):
    """Runs a stage; gives the lines of the log, without their times."""
    quiet = {"logger": False, "enable_checkpointing": False, "enable_model_summary": False}
    with printed_to(log):
        trainer = pl.Trainer(
            accelerator="cpu", callbacks=[progress_bar("pytorch_lightning")], log_every_n_steps=1, **quiet, **options
        )
        getattr(trainer, stage)(system, **({"verbose": False} if stage in ("validate", "test") else {}))
    return [line.partition(" INFO lighter: ")[2] for line in log.read_text().splitlines()]


def without_times(lines):
    return [re.sub(r"\d[\d.]* s\b|\d+\.\d+/s|\d+:\d\d", "#", line) for line in lines]


def test_without_a_terminal_each_epoch_is_a_line(tmp_path, capsys):
    logged = run("fit", system(train=6, val=4), tmp_path / "log.txt", max_epochs=3, check_val_every_n_epoch=2)
    out, err = capsys.readouterr()
    assert out.splitlines() == logged
    assert not set("\r\x1b") & set(out + err)
    values = r"train/loss [\d.e-]+"
    first, second, third = logged
    assert re.fullmatch(rf"epoch 1/3  {values}  \d+\.\d s", first)
    assert re.fullmatch(rf"epoch 2/3  {values}  val/loss [\d.e-]+  \d+\.\d s", second)
    assert re.fullmatch(rf"epoch 3/3  {values}  \d+\.\d s", third)  # not the val loss of the epoch before


def test_long_work_tells_now_and_then_how_far_it_is(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(progress, "SAID", 0.0)
    run("fit", system(train=4, val=2), tmp_path / "fit.txt", max_epochs=1, num_sanity_val_steps=1)
    told = without_times(re.sub(r"(loss) \S+", r"\1 #", capsys.readouterr().out).splitlines())
    assert told == [
        "sanity check  1/1  #  # left",
        "epoch 1/1  1/2  #  # left  train/loss #",
        "epoch 1/1  2/2  #  # left  train/loss #",
        "epoch 1/1 val  1/1  #  # left  train/loss #",
        "epoch 1/1  train/loss #  val/loss #  #",
    ]


@pytest.mark.parametrize(("stage", "told"), [("validate", "3 batches"), ("test", "1 batch"), ("predict", "2 batches")])
def test_the_other_stages_tell_that_they_are_done(tmp_path, capsys, stage, told):
    loaders = {"val" if stage == "validate" else stage: 2 * int(told[0])}
    logged = run(stage, system(**loaders), tmp_path / "log.txt")
    assert without_times(logged) == [f"{stage}  {told}  #"]
    assert logged[0] in capsys.readouterr().out.splitlines()


def test_a_terminal_has_one_line_that_is_gone_in_the_end(tmp_path, terminal, monkeypatch):
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, terminal)
    monkeypatch.setattr(progress, "DRAWN", 0.0)
    logged = run("fit", system(Talking(), train=4, val=2), tmp_path / "log.txt", max_epochs=2)
    text = terminal.getvalue()
    drawn = plain(text)
    assert "epoch 2/2  ━━━━━━━━━━  1/2" in drawn
    assert "epoch 2/2 val  ━━━━━━━━━━  1/1" in drawn
    assert re.search(r"train/loss [\d.e-]+  val/loss [\d.e-]+\r", drawn)
    assert "\r\x1b[2Kin forward\n" in text
    assert text.endswith("\r\x1b[1A\x1b[2K")
    assert [line[:9] for line in logged if line] == ["epoch 1/2", "epoch 2/2"]
    assert (tmp_path / "log.txt").read_text().count("in forward\n") == text.count("in forward\n") == 7


class Talking(nn.Linear):
    def __init__(self):
        super().__init__(1, 1)

    def forward(self, input):
        print("in forward")
        return super().forward(input)


def test_lightning_s_switches_hold(tmp_path, capsys):
    bar = progress_bar("pytorch_lightning")
    bar.disable()
    assert not bar.is_enabled
    trainer = pl.Trainer(callbacks=[bar], logger=False, accelerator="cpu")
    assert trainer.progress_bar_callback is bar
    trainer.predict(system(predict=2))
    assert "predict" not in capsys.readouterr().out
    bar.enable()
    trainer.predict(system(predict=2))
    assert "predict  1 batch" in capsys.readouterr().out


def test_it_is_pickled_for_processes_that_are_spawned_and_is_of_either_package():
    from lightning import pytorch as other

    for package in (pl, other):
        bar = pickle.loads(pickle.dumps(progress_bar(package.__name__)))
        assert isinstance(bar, package.callbacks.ProgressBar)


PARTS = """
import time, warnings
from torch import nn
class Slow(nn.Linear):
    def __init__(self, fails): super().__init__(2, 1); self.fails = fails
    def forward(self, input):
        time.sleep(0.05)
        warnings.warn("a warning")
        if self.fails and self.training: raise ValueError("given up")
        open("begun", "w").close() if self.training else None
        return super().forward(input)
"""


@pytest.mark.skipif(os.name == "nt", reason="a pseudo-terminal is a thing of POSIX")
@pytest.mark.parametrize("fails", [True, False])
def test_a_failure_and_ctrl_c_leave_a_terminal_as_it_was(line, fails):
    import pty

    (line / "line" / "slow.py").write_text(PARTS)
    model = f"system::model={{_target_: line.slow.Slow, fails: {fails}}}"
    words = ["fit", "config.yaml", model, "trainer::enable_progress_bar=true", "trainer::max_epochs=-1", "--run_dir=r"]
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    start = [sys.executable, "-m", "lighter", *words]
    with subprocess.Popen(start, stdin=theirs, stdout=theirs, stderr=theirs, cwd=line, env=environment) as process:
        os.close(theirs)
        shown = read(ours, process, (lambda: not fails and (line / "begun").exists()))
    told = plain(shown.split("\x1b[2K")[-1]).replace("\r\n", "\n")  # after the display was taken away
    assert "epoch 1  " in plain(shown)
    assert shown.rfind("\x1b[?25h") > shown.rfind("\x1b[?25l")
    assert "1 warning, in full in log.txt:\n  UserWarning: a warning (line/slow.py:8)\n" in told
    log = (line / "r" / "log.txt").read_text()
    assert "\x1b" not in log
    assert process.returncode == (1 if fails else 130)
    if fails:
        assert told.index("1 warning") < told.index("Traceback")
        assert "\nValueError: given up\n  = in train, epoch 1, batch 1\n" in told
        assert "ValueError: given up" in log
    else:
        assert told.endswith("interrupted\n")


def read(terminal, process, is_enough):
    """All that comes from a terminal; sends Ctrl-C once it is enough."""
    shown, is_sent = b"", False
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
        if not is_sent and is_enough():
            process.send_signal(signal.SIGINT)
            is_sent = True
        time.sleep(0.01)
    os.close(terminal)
    return shown.decode()
