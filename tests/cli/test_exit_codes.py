"""The status that each command ends with: the table of docs/reference/commands/index.md."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lighter.cli.usage import NAMES

RUNNING = ("fit", "validate", "test", "predict")
SERIES = "stages: [fit]\nexperiments: {one: [config.yaml, {trainer::max_epochs: 1}]}\n"
# A module that does as it is told when it is imported: raises, or has this process asked to end.
STOPPING = """
import os, signal
from line.parts import Line as Line
asked = os.environ.get("STOPS_WITH", "")
if asked in ("INT", "TERM"):
    os.kill(os.getpid(), getattr(signal, f"SIG{asked}"))
    signal.pause()
"""
STOPS = "system::model::_target_=line.stopping.Line"

# Words for each command and status that it can end with; of 130 and 143 what imports a project's code.
WORDS = {
    "fit": {0: ["config.yaml"], 1: ["config.yaml", "system::dataloaders::train::dataset::fails_at=0"], 2: ["nosuch"]},
    "validate": {0: ["config.yaml"], 1: ["config.yaml", "system::dataloaders::val::dataset::fails_at=0"], 2: ["a=1"]},
    "test": {0: ["config.yaml"], 1: ["config.yaml", "system::dataloaders::test::dataset::fails_at=0"], 2: ["--x"]},
    "predict": {0: ["config.yaml"], 1: ["config.yaml", "system::dataloaders::test::dataset::fails_at=0"], 2: []},
    "run": {1: ["series.yaml", "--run_dir=line/parts.py/all"], 2: ["config.yaml"]},
    "sweep": {2: ["nosuch"]},
    "runs": {0: ["."], 2: ["nosuch"]},
    "report": {1: ["run", "--out=line/parts.py/x.html"], 2: ["nosuch"]},
    "export": {2: ["nosuch"]},
    "check": {0: ["config.yaml"], 2: ["config.yaml", "sed=1"]},
    "show": {0: ["config.yaml"], 2: ["config.yaml", "--id=nosuch"]},
    "diff": {0: ["config.yaml", "config.yaml"], 1: ["config.yaml", "series.yaml"], 2: ["config.yaml", "nosuch"]},
    "args": {0: ["builtins.dict"], 2: ["torch.nosuch"]},
    "components": {0: [], 2: ["nosuch"]},
    "convert": {1: ["hydra.yaml", "--to=new.yaml"], 2: ["nosuch"]},
    "new": {0: ["my_project"], 2: ["my-project"]},
    "adopt": {0: ["line", "--out=new.yaml"], 2: ["nosuch"]},
}


@pytest.fixture
def shop(line: Path) -> Path:
    (line / "series.yaml").write_text(SERIES)
    (line / "line" / "stopping.py").write_text(STOPPING)
    (line / "hydra.yaml").write_text("defaults: [_self_]\nmodel: {_target_: torch.nn.Linear}\n")
    (line / "run").mkdir()
    (line / "run" / "status.json").write_text("{}")
    return line


def test_the_table_has_every_command():
    assert WORDS.keys() == set(NAMES)


@pytest.mark.parametrize(("command", "status"), [(one, status) for one, words in WORDS.items() for status in words])
def test_the_status_of_each_command(lighter, shop, command, status):
    words = WORDS[command][status]
    over = ["trainer::max_epochs=1"] if command == "fit" and status != 2 else []
    done = lighter(command, *words, *over)
    assert done.returncode == status, done.stderr
    assert ("Traceback" in done.stderr) is (status == 1 and command in RUNNING)  # of the dataset alone
    assert done.stderr if status == 2 or (status == 1 and command != "diff") else True


@pytest.mark.parametrize("command", ["fit", "check"])
@pytest.mark.parametrize(("signal", "status"), [("INT", 130), ("TERM", 143)])
def test_the_status_after_a_signal(shop, command, signal, status):
    shell = f'"$0" -m lighter {command} config.yaml {STOPS} ; exit $?'  # a shell gives 143 also where nobody listens
    done = subprocess.run(
        ["sh", "-c", shell, sys.executable],
        env={**os.environ, "STOPS_WITH": signal},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("show", "config.yaml"), ("check", "{0}/config.yaml"), ("runs",), ("adopt", "{0}")])
def test_a_folder_that_is_gone(warm, shop, words):
    gone = shop / "gone"
    gone.mkdir()
    script = "import os, sys, lighter.cli; os.rmdir(os.getcwd()); lighter.cli.main(sys.argv[1:])"
    (shop / "script.py").write_text(script)
    done = warm(shop / "script.py", *(word.format(shop) for word in words), folder=gone)
    assert (done.returncode, done.stderr) == (
        2,
        "error: the current folder is no longer there: go to one that is, such as 'cd ~'\n",
    )


def test_a_disk_that_takes_no_more_is_told_in_a_sentence(shop):
    shell = 'ulimit -f 4; exec "$0" -m lighter fit config.yaml trainer::max_epochs=1 --run_dir=small'
    done = subprocess.run(["sh", "-c", shell, sys.executable], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"error: '{shop}/small/checkpoints/best.ckpt': File too large" in done.stderr
