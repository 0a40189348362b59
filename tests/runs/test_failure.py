"""What is shown of failures: `failures.txt` holds overrides of one config, and the whole of what is told of each.

After a change of words run the tests with `LIGHTER_REWRITE_MESSAGES=1`, and read what has changed in that file.
"""

import os
import re
import shlex
import traceback
from pathlib import Path

import pytest
from lightning_fabric.utilities.rank_zero import rank_zero_only

from lighter import Runner
from lighter.cli import main
from lighter.project.frames import LINES

GOLDEN = Path(__file__).with_name("failures.txt")
FILE, CASE = "--- ", "\n=== "
INTRO, *CASES = GOLDEN.read_text(encoding="utf-8").split(CASE)
# What a library has there depends on its version.
LIBRARY = re.compile(r'  File "[^"]*-packages/(\w+)[^"]*", .*\n(?:    .*\n)*')


@pytest.fixture
def lab(write):
    for file in INTRO.split(f"\n{FILE}")[1:]:
        name, _, text = file.partition("\n")
        write(name, text)


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: CASES[number].partition("\n")[0])
@pytest.mark.filterwarnings("ignore")
def test_what_is_told(number, lab, tmp_path, capsys):
    words, _, told = CASES[number].partition("\n")
    with pytest.raises(SystemExit) as ended:
        main(["fit", "config.yaml", *shlex.split(words), "--run_dir=run"])
    found = capsys.readouterr().err.replace(f"{tmp_path}/", "")
    found = LIBRARY.sub(r"  (the last frame is of \1)\n", found[re.search("Traceback|error:", found).start() :])
    found = re.sub(r"(?m)^ +[~^]+\n", "", found)  # as do these of Python's
    found = re.sub(r"\d+ frames of", "N frames of", found)
    if os.environ.get("LIGHTER_REWRITE_MESSAGES"):
        told, CASES[number] = found, f"{words}\n{found}"
        GOLDEN.write_text(CASE.join([INTRO, *CASES]), encoding="utf-8")
    assert ended.value.code == 1
    assert found.strip() == told.strip()
    assert len(found.splitlines()) <= LINES


def test_the_exception_and_the_log_have_all_frames(lab):
    with pytest.raises(RuntimeError, match="cannot be multiplied") as raised:
        main(["fit", "config.yaml", "system::model::features=3", "--run_dir=run", "--traceback"])
    files = [frame.filename for frame in traceback.extract_tb(raised.value.__traceback__)]
    assert sum("pytorch_lightning" in file for file in files) > 10
    log = Path("run/log.txt").read_text(encoding="utf-8")
    assert all(f'File "{file}"' in log for file in files[-20:])
    *notes, where = raised.value.__notes__
    assert "\n".join(notes) in log
    assert where == "log, with all frames: run/log.txt"


def test_of_another_rank_no_frames_are_shown(lab, capsys, monkeypatch):
    monkeypatch.setattr(rank_zero_only, "rank", 1)
    with pytest.raises(SystemExit) as ended:
        main(["fit", "config.yaml", "system::model::features=3", "--run_dir=run"])
    told = capsys.readouterr().err.splitlines()
    assert ended.value.code == 1
    assert told[0].startswith("RuntimeError: mat1 and mat2 shapes")
    assert told[-1] == "  = log, with all frames: run/log-rank1.txt"


OLD = """
import {package} as pl
import torch


class Old(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def training_step(self, batch, batch_idx):
        return self.layer(batch).sum()

    def train_dataloader(self):
        return torch.utils.data.DataLoader(torch.ones(2, 1))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def training_epoch_end(self, outputs): ...


class Idle(pl.LightningModule):
    def train_dataloader(self):
        return torch.utils.data.DataLoader(torch.ones(2, 1))
"""
CONFIG = """project: old
trainer: {_target_: PACKAGE.Trainer, max_epochs: 1, accelerator: cpu, logger: false, enable_progress_bar: false}
system: {_target_: old.lit.Old}
"""


@pytest.fixture(params=["pytorch_lightning", "lightning.pytorch"])
def config(request, write):
    write("old/lit.py", OLD.replace("{package}", request.param))
    write("config.yaml", CONFIG.replace("PACKAGE", request.param))
    return "config.yaml"


def test_lightning_s_own_words_with_the_line_they_are_about(config):
    with pytest.raises(NotImplementedError, match="`training_epoch_end` has been removed") as raised:
        Runner(config, run_dir="run").fit()
    file = Path("old/lit.py").resolve()
    assert raised.value.__notes__ == [
        f"'Old.training_epoch_end' is defined in {file}:20; 'system' is written at config.yaml:3:20",
        "log, with all frames: run/log.txt",
    ]


def test_a_system_that_lacks_something(config):
    with pytest.raises(Exception, match="training_step") as raised:
        Runner(config, "system::_target_=old.lit.Idle").fit()
    file = Path("old/lit.py").resolve()
    assert raised.value.__notes__[0].startswith(
        f"'Idle' is defined in {file}:23; 'system' is written at command line: "
    )
