"""What the writers of predictions share: a real run that goes well, fails, or is killed."""

import errno
import os
import signal
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from lighter.callbacks import FileWriter, TableWriter
from lighter.errors import RunError
from lighter.training.callbacks.prediction_writer import PredictionWriter, writing
from lighter.training.system import System

INPUTS = torch.arange(12.0).reshape(12, 1)
SHUFFLED = "ignore:Your `predict_dataloader`'s sampler has shuffling enabled"


def writers() -> list[Any]:
    return [TableWriter("t.csv"), TableWriter("t.parquet"), FileWriter("files", format="npy")]


def predict(folder: Path, model: nn.Module, callbacks: list[Any], shuffle: bool = False, **adapters: Any) -> None:
    trainer = pl.Trainer(
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        callbacks=list(callbacks),
        default_root_dir=folder,
    )
    loader = DataLoader(TensorDataset(INPUTS), batch_size=2, shuffle=shuffle)
    trainer.predict(System(model, {"predict": loader}, adapters=adapters), return_predictions=False)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


WHOLE = sorted([*(f"files/{number:06}.npy" for number in range(12)), "t.csv", "t.parquet"])


@pytest.mark.parametrize("kind", [TableWriter, FileWriter])
def test_writers_say_that_they_take_the_predictions(kind: type[PredictionWriter]) -> None:
    assert kind.writes_predictions


class Fails(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if bool((x > 5).any()):
            raise KeyError("mine")
        return x


@pytest.mark.filterwarnings(SHUFFLED)
@pytest.mark.parametrize("shuffle", [False, True])
def test_a_failed_run_leaves_no_half_file(tmp_path: Path, shuffle: bool) -> None:
    made = writers()
    with pytest.raises(KeyError, match="mine"):
        predict(tmp_path, Fails(), made, shuffle)
    assert [name for name in files(tmp_path) if not name.endswith(".npy")] == []
    assert not list(tmp_path.rglob("*part*"))
    assert [writer.path_written for writer in made] == [None] * 3
    predict(tmp_path, nn.Identity(), made, shuffle)
    assert files(tmp_path) == WHOLE
    assert [writer.path_written for writer in made] == [tmp_path / name for name in ("t.csv", "t.parquet", "files")]


KILLED = """
import os, signal, sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
from test_prediction_writer import predict, writers
from torch import nn

seen = 0


class Killed(nn.Module):
    def forward(self, x):
        global seen
        seen += 1
        if seen == 5:
            os.kill(os.getpid(), signal.SIGKILL)
        return x


predict(Path(sys.argv[2]), Killed(), writers(), shuffle=sys.argv[3] == "shuffled")
"""


@pytest.mark.filterwarnings(SHUFFLED)
@pytest.mark.parametrize("order", ["shuffled", "in order"])
def test_a_killed_run_leaves_whole_files_alone_and_the_next_one_cleans_up(tmp_path: Path, order: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", KILLED, str(Path(__file__).parent), str(tmp_path), order]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    under_final_names = [name for name in files(tmp_path) if ".part" not in name]
    assert len(under_final_names) == 8
    for name in under_final_names:
        assert np.load(tmp_path / name).tolist() == [float(Path(name).stem)]
    assert list(tmp_path.glob("t.*.part0"))
    predict(tmp_path, nn.Identity(), writers(), shuffle=order == "in order")
    assert files(tmp_path) == WHOLE
    assert not list(tmp_path.rglob("*part*"))


class Counts(pl.Callback):
    """How many of the predictions made so far are still in memory, in all and at most."""

    def __init__(self) -> None:
        self.made: list[weakref.ref[Any]] = []
        self.alive = 0
        self.noted = 0

    def forward(self, x: Tensor) -> Tensor:
        array = np.repeat(x.numpy(), 3, axis=1)
        self.made.append(weakref.ref(array))
        return torch.from_numpy(array)

    def on_predict_batch_end(self, trainer: Any, *_: Any) -> None:
        self.alive = max(self.alive, sum(one() is not None for one in self.made))
        noted = trainer.predict_loop._combined_loader.flattened[0].batch_sampler.seen_batch_indices
        self.noted = max(self.noted, sum(map(len, noted)))


@pytest.mark.filterwarnings(SHUFFLED)
@pytest.mark.parametrize("shuffle", [False, True])
def test_nothing_is_kept_of_the_batches_before(tmp_path: Path, shuffle: bool) -> None:
    counts = Counts()
    model = nn.Identity()
    model.forward = counts.forward  # type: ignore[method-assign,assignment]  # a model that tells what it gave
    predict(tmp_path, model, [*writers(), counts], shuffle)
    assert len(counts.made) == 6
    assert counts.alive == 1  # that of the batch itself
    assert counts.noted <= 6  # indices of the batch, of that before it and of one fetched ahead
    assert len(files(tmp_path)) == 14


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_predicted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for writer in (TableWriter("file/t.csv"), FileWriter("file")):
        with pytest.raises(RunError) as told:
            predict(tmp_path, Fails(), [writer])
        kind = type(writer).__name__
        assert str(told.value).startswith(f"{kind}: '{tmp_path / 'file'}' cannot be written: ")
        assert str(told.value).endswith("; make room or give leave, or write another 'path'")
        assert isinstance(told.value.__cause__, OSError)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder that not even root may write to")
def test_a_folder_without_leave_to_write_is_told_too(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="TableWriter: '/proc' cannot be written"):
        predict(tmp_path, Fails(), [TableWriter("/proc/t.csv")])


def test_a_full_disk_is_told_with_the_file() -> None:
    told = r"TableWriter: 'a/t\.csv' cannot be written: No space left on device; make room"
    with pytest.raises(RunError, match=told), writing("TableWriter", "a/t.csv"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    ("identifier", "told"),
    [
        (lambda batch: ["a"], "the identifier is a list of length 1, in a batch of 2; one a sample is wanted"),
        (lambda batch: {"a": batch}, "the identifier is a dict with the keys a, in a batch of 2; one a sample"),
        (lambda batch: "ab", "the identifier is a str, in a batch of 2; one a sample is wanted: say where it is"),
    ],
)
def test_identifiers_that_are_not_one_a_sample_are_told(tmp_path: Path, identifier: Any, told: str) -> None:
    with pytest.raises(RunError, match=f"TableWriter: {told}"):
        predict(tmp_path, nn.Identity(), [TableWriter("t.csv")], batch={"input": 0, "identifier": identifier})


def test_identifiers_may_be_tensors(tmp_path: Path) -> None:
    adapter = {"input": 0, "identifier": lambda batch: (batch[0].flatten() * 10).int()}
    predict(tmp_path, nn.Identity(), [TableWriter("t.csv"), FileWriter("f", format="npy")], batch=adapter)
    assert (tmp_path / "t.csv").read_text().splitlines()[2] == "10,1.0"
    assert np.load(tmp_path / "f" / "000110.npy").tolist() == [11.0]
