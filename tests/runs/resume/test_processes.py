"""Real processes that are killed, or asked to end, and go on: `lighter fit` and `lighter fit --resume`."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch

from lighter.errors import RunError
from lighter.runs.runner import Runner

PARTS = '''
import os
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn


class Model(nn.Sequential):
    """With a buffer so large that it takes a while to write it."""

    def __init__(self, size=1_000_000):
        super().__init__(nn.Linear(4, 8), nn.Dropout(0.3), nn.ReLU(), nn.Linear(8, 1))
        self.register_buffer("ballast", torch.rand(size))


class Points(torch.utils.data.Dataset):
    """Samples that are random, take their time, and leave a trace."""

    def __init__(self, name, rows):
        self.name, self.rows = name, rows

    def __len__(self):
        return self.rows

    def __getitem__(self, index):
        if "TRACE" in os.environ:
            with open(os.environ["TRACE"], "a") as file:
                file.write(f"{self.name} {index}\\n")
            time.sleep(0.02)
        x = torch.full((4,), index / 10) + torch.randn(4) / 10 + random.random() / 10 + float(np.random.rand()) / 10
        return x, x.sum(0, keepdim=True)
'''
CONFIG = """
project: slow
seed: 1
run: {every_n_train_steps: 2}
trainer:
  {max_epochs: 8, accelerator: cpu, enable_progress_bar: false, enable_model_summary: false, log_every_n_steps: 1}
system:
  model: {_target_: slow.parts.Model}
  criterion: {_target_: torch.nn.MSELoss}
  optimizer: {_target_: torch.optim.Adam, lr: 0.01}
  metrics:
    train: {error: {_target_: torchmetrics.MeanAbsoluteError}}
    val: "%system::metrics::train"
  dataloaders:
    train:
      _target_: lighter.DataLoader
      dataset: {_target_: slow.parts.Points, name: train, rows: 22}
      batch_size: 4
      shuffle: true
    val:
      {_target_: lighter.DataLoader, dataset: {_target_: slow.parts.Points, name: val, rows: 6}, batch_size: 4}
"""
# Each life is a process of its own, made by a fork of one that has imported all: a start of Python takes seconds.
LIVES = """
import gc
import os
import random
import sys
import time
import traceback
from pathlib import Path

import lighter.cli
import lighter.runs.resume.checkpoint_boundaries
import lighter.runs.runner
import lighter.runs.trainer_defaults
import torchmetrics

RUN, TRACE = Path(sys.argv[1]), Path("trace")
KILLS, SEED = int(sys.argv[2]), int(sys.argv[3])
WORDS = sys.argv[4:]


def born(words, is_slow):
    process = os.fork()
    if process:
        return process
    if is_slow:
        os.environ["TRACE"] = str(TRACE)
    with open("lives.txt", "a") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    status = 1
    try:
        status = lighter.cli.main(words) or 0
    except SystemExit as exit:
        status = exit.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def waited(process, until):
    # For what is awaited, or for the end of the process, which would be a fault of its own.
    for _ in range(20_000):
        if until() or os.waitpid(process, os.WNOHANG)[0]:
            return
        time.sleep(0.001)


def killed(process, moment, chance):
    begun = TRACE.stat().st_size if TRACE.exists() else 0
    seen = lambda: TRACE.read_text()[begun:] if TRACE.exists() else ""
    if moment == "while a checkpoint is written":
        waited(process, lambda: "train" in seen() and [*RUN.glob("checkpoints/.*")])
    elif moment == "in validation":
        waited(process, lambda: "train" in seen() and "val" in seen().partition("train")[2])
        time.sleep(chance.uniform(0, 0.15))
    elif moment == "in training":
        waited(process, lambda: "train" in seen())
        time.sleep(chance.uniform(0, 0.9))
    else:
        time.sleep(chance.uniform(0, 0.5))
    last = seen().splitlines()[-1:]
    try:
        os.kill(process, 9)
    except ProcessLookupError:
        pass
    try:
        status = os.waitpid(process, 0)[1]
    except ChildProcessError:
        status = "was over"
    files = sorted(path.name for path in RUN.glob("checkpoints/*"))
    print("killed", moment, *last, "status", status, files, flush=True)


gc.collect()
gc.freeze()
chance = random.Random(SEED)
words = ["fit", *WORDS, f"--run_dir={RUN}"]
moments = ["at a start", "in training", "while a checkpoint is written", "in validation"]
for number in range(KILLS):
    killed(born(words, True), moments[number % 4], chance)
    if (RUN / "config.yaml").exists():
        words = ["fit", "--resume", str(RUN)]
status = os.waitstatus_to_exitcode(os.waitpid(born(words, False), 0)[1])
print("ended with", status, flush=True)
os._exit(status)
"""
LIGHTER = (sys.executable, "-m", "lighter")


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with the project and its config."""
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / "parts.py").write_text(PARTS, encoding="utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "lives.py").write_text(LIVES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def require_same(run: Path, wanted: Path, told: str) -> None:
    """Same weights, metrics and results."""
    found, expected = (torch.load(one / "checkpoints" / "last.ckpt", weights_only=True) for one in (run, wanted))
    assert found["state_dict"].keys() == expected["state_dict"].keys()
    for name, value in expected["state_dict"].items():
        assert torch.equal(found["state_dict"][name], value), f"{name} differs\n{told}"
    assert (run / "metrics.csv").read_text() == (wanted / "metrics.csv").read_text(), told
    own, others = (json.loads((one / "results.json").read_text())["fit"] for one in (run, wanted))
    assert own == others, told


@pytest.mark.parametrize(
    ("kills", "seed", "words"),
    [
        (14, 1, []),
        (6, 2, ["system::dataloaders::train::_target_=torch.utils.data.DataLoader", "run::every_n_train_steps=1"]),
    ],
    ids=["own loader", "loader of torch"],
)
def test_a_run_that_is_killed_again_and_again_goes_on(slow: Path, kills: int, seed: int, words: list[str]) -> None:
    Runner("config.yaml", *words, run_dir="never").fit()
    start = [sys.executable, "lives.py", "run", str(kills), str(seed), "config.yaml", *words]
    done = subprocess.run(start, capture_output=True, text=True, check=False, timeout=300)
    told = f"{done.stdout}\n{done.stderr}\n{(slow / 'lives.txt').read_text()[-3000:]}"
    assert done.returncode == 0, told
    assert done.stdout.count("status 9") == kills, told
    require_same(slow / "run", slow / "never", told)


@pytest.fixture
def started(slow: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts the command line for real, slowly; what is left of it is killed at the end of the test."""
    processes: list[subprocess.Popen[str]] = []

    def start(*words: str, is_slow: bool = True, **environment: str) -> "subprocess.Popen[str]":
        variables = {**os.environ, **({"TRACE": "trace"} if is_slow else {}), **environment}
        pipe: Any = subprocess.PIPE
        # A group of its own, to which a signal is sent as a terminal sends it.
        process = subprocess.Popen(
            [*LIGHTER, *words], env=variables, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for(text: str, process: "subprocess.Popen[str]") -> None:
    """Until the samples of a loader have been read."""
    trace = Path("trace")
    while text not in (trace.read_text() if trace.exists() else ""):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("send", "asked", "status"),
    [(os.kill, signal.SIGTERM, 143), (os.killpg, signal.SIGINT, 130)],
    ids=["SIGTERM", "Ctrl-C"],
)
def test_a_run_that_is_asked_to_end_saves_and_goes_on(
    slow: Path,
    started: Callable[..., "subprocess.Popen[str]"],
    send: Callable[[int, int], None],
    asked: int,
    status: int,
) -> None:
    workers = "system::dataloaders::train::num_workers=1"  # which Ctrl-C reaches as well
    process = started("fit", "config.yaml", "trainer::max_epochs=5", workers, "--run_dir=run")
    wait_for("val", process)
    with pytest.raises(RunError, match=f"the run folder 'run' is in use: 'fit' runs there .* process {process.pid}"):
        Runner("run").fit(resume="run")
    send(process.pid, asked)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == status, errors
    assert "Traceback" not in errors
    assert "resume with: lighter fit --resume run\n" in errors
    told = json.loads(Path("run/status.json").read_text())
    assert told["state"] == "interrupted"
    Runner("run").fit(resume="run")
    Runner("config.yaml", "trainer::max_epochs=5", run_dir="never").fit()
    require_same(Path("run"), Path("never"), output + errors)
    assert json.loads(Path("run/status.json").read_text())["state"] == "finished"


def test_all_ranks_end_where_one_is_asked_to(slow: Path, started: Callable[..., "subprocess.Popen[str]"]) -> None:
    words = ["config.yaml", "trainer::devices=2", "trainer::strategy=ddp", "trainer::max_epochs=2"]
    never = started("fit", *words, "--run_dir=never", is_slow=False, MASTER_PORT=free_port())
    process = started("fit", *words, "--run_dir=run", MASTER_PORT=free_port())
    wait_for("train", process)
    process.send_signal(signal.SIGTERM)  # rank zero alone gets it
    _, errors = process.communicate(timeout=100)
    assert process.returncode == 143, errors
    assert "resume with: lighter fit --resume run\n" in errors
    resumed = started("fit", "--resume", "run", is_slow=False, MASTER_PORT=free_port())
    for one in (never, resumed):
        _, errors = one.communicate(timeout=100)
        assert one.returncode == 0, errors
    require_same(Path("run"), Path("never"), errors)


def free_port() -> str:
    with socket.socket() as found:
        found.bind(("localhost", 0))
        return str(found.getsockname()[1])
