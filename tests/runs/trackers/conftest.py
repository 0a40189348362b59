"""One run with all three trackers: killed in its second epoch, gone on with, tested; nothing may leave the machine."""

import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lighter.runs.trackers.loggers import closing_trackers

CODE = """
import os
import signal
import sys

import pytorch_lightning as pl
import torch
from torch import nn


def note(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple) and not str(args[1][0]).startswith(("127.", "::1")):
        with open("outside.txt", "a") as file:
            print(event, args, file=file)


sys.addaudithook(note)


class Killed(pl.Callback):
    def on_train_batch_start(self, trainer, *_):
        if trainer.global_step == int(os.environ.get("KILLED_AT", "-1")):
            os.kill(os.getpid(), signal.SIGKILL)


def points(count):
    inputs = torch.arange(2.0 * count).reshape(count, 2) / count
    return torch.utils.data.TensorDataset(inputs, inputs.sum(1, keepdim=True))
"""

CONFIG = """
project: toy
seed: 1
vars: {api_key: do-not-tell, long: LONG}
trainer:
  {max_epochs: 4, accelerator: cpu, enable_progress_bar: false, enable_model_summary: false, log_every_n_steps: 1,
   callbacks: [{_target_: toy.parts.Killed}],
   logger: [
     {_target_: pytorch_lightning.loggers.TensorBoardLogger},
     {_target_: pytorch_lightning.loggers.MLFlowLogger},
     {_target_: pytorch_lightning.loggers.WandbLogger, offline: true}]}
system:
  model: {_target_: torch.nn.Linear, in_features: 2, out_features: 1}
  criterion: {_target_: torch.nn.MSELoss}
  optimizer: {_target_: torch.optim.SGD, lr: 0.1}
  metrics: {test: {error: {_target_: torchmetrics.MeanAbsoluteError}}}
  dataloaders:
    train: {_target_: torch.utils.data.DataLoader, dataset: {_target_: toy.parts.points, count: 12}, batch_size: 4}
    val: "@system::dataloaders::train"
    test: "@system::dataloaders::train"
"""

GO_ON = """
import sys

from lighter import Runner

if __name__ == "__main__":
    Runner(sys.argv[1]).fit(resume=sys.argv[1])
    Runner(sys.argv[1]).test()
"""


@dataclass(frozen=True)
class Tracked:
    """The run's folder, that it ran in, and what `metrics.csv` was when the run was killed."""

    run: Path
    folder: Path
    rows: str
    asked_outside: bool


@pytest.fixture(scope="package")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracked]:
    """The run, as it lies on the disk when all is over."""
    folder = tmp_path_factory.mktemp("tracked")
    (folder / "toy").mkdir()
    (folder / "toy" / "parts.py").write_text(CODE, encoding="utf-8")
    (folder / "exp.yaml").write_text(CONFIG.replace("LONG", "x" * 7000), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        env = environment(folder, proxy.getsockname()[1])
        killed = started(["-m", "lighter", "fit", "exp.yaml"], folder, {**env, "KILLED_AT": "5"})
        assert killed.returncode == -9, killed.stderr
        (run,) = (folder / "runs" / "exp").iterdir()
        rows = (run / "metrics.csv").read_text(encoding="utf-8")
        again = started(["-c", GO_ON, str(run)], folder, env)
        assert again.returncode == 0, again.stderr
        yield Tracked(run, folder, rows, was_asked(proxy))
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """What a test leaves of trackers in the process is gone after it."""
    with closing_trackers():
        yield


@pytest.fixture(scope="package")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a store of MLflow's: to make one takes a second."""
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"


@pytest.fixture
def wandb_records() -> Callable[[Path], list[Any]]:
    """Reads what a `.wandb` file holds."""
    return lambda path: list(records_in(path))


def records_in(path: Path) -> Iterator[Any]:
    """What a `.wandb` file holds: LevelDB's log format, with a header of seven bytes."""
    from wandb.proto.wandb_internal_pb2 import Record  # type: ignore[attr-defined]  # it makes its classes at import

    content, at, whole = path.read_bytes(), 7, b""
    while at + 7 <= len(content):
        if (left := 32768 - at % 32768) < 7:
            at += left
            continue
        _, length, kind = struct.unpack("<IHB", content[at : at + 7])
        whole += content[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):  # a whole record, or the last piece of one
            record = Record()
            record.ParseFromString(whole)
            yield record
            whole = b""


def environment(folder: Path, port: int) -> dict[str, str]:
    """One in which nobody knows that this is a test, and all ways out lead to a port of ours."""
    known = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CI", "MLFLOW_"))}
    places = {f"WANDB_{name}_DIR": str(folder / "wandb") for name in ("CACHE", "CONFIG", "DATA")}
    out = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), f"http://127.0.0.1:{port}")
    return {**known, **places, **out, "NO_PROXY": "", "no_proxy": ""}


def started(arguments: list[str], folder: Path, env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def was_asked(proxy: socket.socket) -> bool:
    proxy.setblocking(False)
    try:
        proxy.accept()[0].close()
    except BlockingIOError:
        return False
    return True
