"""How a command ends, in real processes."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from lighter.cli import _notes_shown

Lighter = Callable[..., CompletedProcess[str]]


def test_help_and_version_load_no_torch() -> None:
    count = (
        "import sys, lighter.cli\n"
        "try: lighter.cli.main({words})\n"
        "finally: print(sorted({{'torch', 'numpy', 'pytorch_lightning', 'monai', 'fire'}} & set(sys.modules)))"
    )
    for words in (["--help"], ["fit", "--help"], ["--version"], []):
        script = count.format(words=words)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == "[]"


def test_a_mistake_ends_with_2_and_no_traceback(lighter: Lighter, line: Path) -> None:
    config = line / "config.yaml"
    config.write_text(config.read_text() + "sytem: {}\n")
    done = lighter("fit", "config.yaml")
    assert done.returncode == 2
    assert "error: 'sytem' is no top-level key\n  --> config.yaml:" in done.stderr
    assert "did you mean 'system'?" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_no_source_is_told(lighter: Lighter, line: Path) -> None:
    done = lighter("fit")
    assert done.returncode == 2
    assert done.stderr == "error: 'lighter fit' needs a config: lighter fit config.yaml\n"


def test_a_failure_while_building_is_told_with_its_place(lighter: Lighter, line: Path) -> None:
    weights = "{_target_: lighter.weights.load_weights, model: {_target_: line.parts.Line}, path: no.pt}"
    done = lighter("fit", "config.yaml", f"system::model={weights}")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-2].startswith("error: weights: there is no file 'no.pt'")
    assert done.stderr.splitlines()[-1].startswith("  = while building 'system::model' (command line: system::model=")


def test_the_users_exception_ends_with_1_its_frames_and_notes(lighter: Lighter, line: Path) -> None:
    done = lighter("fit", "config.yaml", "system::model::size=-1")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert 'line/parts.py", line' in done.stderr
    assert "RuntimeError: Trying to create tensor with negative dimension" in done.stderr
    assert "  = while building 'system::model' (config.yaml:7:" in done.stderr
    assert "site-packages/fire/" not in done.stderr
    assert done.stderr.splitlines()[-1].endswith("frames of libraries are left out; --traceback shows them")


def test_what_a_changed_target_does_not_take_is_said_recorded_and_left_out(lighter: Lighter, line: Path) -> None:
    changed = ("system::optimizer::momentum=0.5", "system::optimizer::_target_=torch.optim.Adam")
    done = lighter("fit", "config.yaml", "trainer::max_epochs=1", *changed, "--run_dir=adam")
    assert done.returncode == 0, done.stderr
    note = "note: system::optimizer::momentum (command line) is left out: torch.optim.Adam takes no 'momentum'"
    assert done.stderr.splitlines().count(note) == 1
    assert (line / "adam" / "log.txt").read_text().count(note) == 1
    assert "momentum" not in (line / "adam" / "config.yaml").read_text()
    assert lighter("test", "adam").returncode == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["test", "--ckpt_path=best"], "has a checkpoint yet; run 'lighter fit' first"),
        (["validate", "--ckpt_path=nope"], "there is no checkpoint 'nope': '.' has no 'nope'"),
        (["fit", "--ckpt_path=line"], "there is no checkpoint 'line': it is a folder"),
        (["fit", "--run_dir=used"], "the run folder 'used' already holds a run"),
        (["fit", "--run_dir=config.yaml"], "the run folder 'config.yaml' is a file"),
    ],
)
def test_a_checkpoint_or_folder_that_cannot_be_ends_with_2(
    lighter: Lighter, line: Path, words: list[str], told: str
) -> None:
    (line / "used").mkdir()
    (line / "used" / "config.yaml").write_text("seed: 1\n")
    done = lighter(words[0], "config.yaml", *words[1:])
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_with_130_and_keeps_checkpoint_and_log(line: Path) -> None:
    words = ["fit", "config.yaml", "trainer::max_epochs=-1", "--run_dir=stopped"]
    process = subprocess.Popen(
        [sys.executable, "-m", "lighter", *words], cwd=line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    last = line / "stopped" / "checkpoints" / "last.ckpt"
    while process.poll() is None and not last.exists():
        time.sleep(0.05)
    before = last.stat().st_mtime_ns
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=100)
    assert process.returncode == 130, output
    assert output.splitlines()[-1] == "interrupted"
    assert "Traceback" not in output
    assert last.stat().st_mtime_ns >= before
    assert "KeyboardInterrupt" in (line / "stopped" / "log.txt").read_text()
    assert (line / "stopped" / "results.json").exists()


@pytest.mark.skipif(os.name == "nt", reason="a FIFO is a thing of POSIX")
def test_a_fifo_as_config_does_not_hang(lighter: Lighter, line: Path) -> None:
    os.mkfifo(line / "fifo.yaml")
    done = lighter("fit", "fifo.yaml")
    assert done.returncode == 2
    assert "is not a regular file" in done.stderr


def test_what_lighter_warns_of_is_shown_once_whoever_else_listens(capsys: pytest.CaptureFixture[str]) -> None:
    logger, root = logging.getLogger("lighter"), logging.getLogger()
    others = logging.NullHandler(), logging.StreamHandler(sys.stderr)
    for where, handler in zip((logger, root), others, strict=True):
        where.addHandler(handler)
    try:
        with _notes_shown():
            logger.warning("a note")
            logger.warning("a %s", "note")
            logger.info("no note")
        assert capsys.readouterr().err == "a note\n"
        logger.warning("after it")
        assert capsys.readouterr().err == "after it\n"
    finally:
        for where, handler in zip((logger, root), others, strict=True):
            where.removeHandler(handler)


EVIL = """
trainer: {max_epochs: 1, logger: false}
system:
  model: {_target_: line.parts.Line, size: "$torch.os.system('touch done') + 2"}
  criterion: {_target_: torch.hub.os.system, command: touch done}
  optimizer: {_target_: scipy.optimize.SGD, lr: 0.1}
"""


def test_a_config_that_is_not_trusted_is_limited(lighter: Lighter, line: Path) -> None:
    done = lighter("fit", "config.yaml", "trainer::max_epochs=1", "--allow=torch,line", "--run_dir=limited")
    assert done.returncode == 0, done.stderr
    done = lighter("test", "limited", "--allow", "torch,line")
    assert done.returncode == 0, done.stderr
    (line / "evil.yaml").write_text(EVIL)
    done = lighter("fit", "config.yaml", "evil.yaml", "--allow=torch,line")
    assert done.returncode == 2
    assert "'torch.hub.os.system' is not on the list of what limited configs may use\n --> evil.yaml:5:" in done.stderr
    assert "'torch.os.system' is not on the list of what limited configs may use" in done.stderr
    assert "'scipy.optimize.SGD' is under no package that --allow lists (torch, line)" in done.stderr
    assert "= help: add 'scipy' to --allow, if you trust it" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (line / "done").exists()
    done = lighter("check", "config.yaml", "--allow=torch/line")
    assert done.returncode == 2
    assert done.stderr.startswith("error: '--allow' takes names of packages, 'torch/line' is none")
