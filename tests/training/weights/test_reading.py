"""Files of weights in every form they come in."""

import argparse
import sys
from collections import OrderedDict
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from safetensors.torch import save_file
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from lighter.errors import RunError
from lighter.training.system import System
from lighter.training.weights import read_weights

STATE = {"a.weight": torch.ones(2, 1), "a.bias": torch.zeros(2)}


def saved(folder: Path, whole: Any, name: str = "w.pt", **options: Any) -> Path:
    torch.save(whole, folder / name, **options)
    return folder / name


@pytest.mark.parametrize(
    "whole",
    [
        STATE,
        OrderedDict(STATE),
        {"state_dict": STATE, "epoch": 3, "best": torch.tensor(0.5)},
        {"epoch": 3, "model": STATE, "optimizer": {"state": {0: {"step": torch.ones(1)}}, "param_groups": [{"lr": 1}]}},
        {"model": {"state_dict": STATE, "epoch": 3}},
        {"module": STATE, "scaler": {"scale": 2.0}},
        {"student_weights": STATE, "step": np.float64(3)},
        {**STATE, "a._extra_state": {"x": torch.ones(1)}, "version": 2},
        {"state_dict": STATE, "model": STATE, "ema": STATE},
    ],
)
def test_where_the_tensors_stand_is_found(tmp_path: Path, whole: Any) -> None:
    found = read_weights(saved(tmp_path, whole))
    assert list(found) == list(STATE)
    assert all(torch.equal(found[name], one) for name, one in STATE.items())


def test_a_key_says_where(tmp_path: Path) -> None:
    path = saved(tmp_path, {"nets": {"generator": STATE, "critic": {"c": torch.ones(1)}}, "epoch": 1})
    assert list(read_weights(path, "nets::critic")) == ["c"]
    for key, message in [
        (None, "several parts with tensors; write which, as key: generator, critic"),
        ("nets::critc", "has no key 'nets::critc'; did you mean 'critic'?"),
        ("epoch::x", "has no key 'epoch::x'; there is nothing below it"),
        ("epoch", "holds no tensors by name, but int; write another key or file"),
    ]:
        with pytest.raises(RunError) as told:
            read_weights(path, key)
        assert message in str(told.value)


def test_a_file_of_the_old_format(tmp_path: Path) -> None:
    path = saved(tmp_path, STATE, _use_new_zipfile_serialization=False)
    assert list(read_weights(str(path))) == list(STATE)


def test_safetensors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.safetensors"
    save_file(STATE, path)
    assert torch.equal(read_weights(path)["a.weight"], STATE["a.weight"])
    monkeypatch.setitem(sys.modules, "safetensors.torch", None)
    with pytest.raises(RunError, match=r"install safetensors: pip install 'lighter\[safetensors\]'"):
        read_weights(path)


def test_a_checkpoint_of_lightning(tmp_path: Path) -> None:
    data = DataLoader(TensorDataset(torch.ones(2, 1), torch.ones(2, 1)))
    system = System(nn.Linear(1, 1), {"train": data}, torch.optim.Adam, criterion=nn.MSELoss())
    quiet: dict[str, Any] = {"enable_progress_bar": False, "enable_model_summary": False, "logger": False}
    trainer = pl.Trainer(accelerator="cpu", max_epochs=1, default_root_dir=tmp_path, **quiet)
    trainer.fit(system)
    trainer.save_checkpoint(tmp_path / "a.ckpt")
    found = read_weights(tmp_path / "a.ckpt")
    assert list(found) == ["model.weight", "model.bias"]
    assert torch.equal(found["model.bias"], system.state_dict()["model.bias"])


def test_what_brings_code_is_refused_unless_trusted(tmp_path: Path) -> None:
    path = saved(tmp_path, {"model": STATE, "price": Decimal(1)})
    with pytest.raises(RunError) as told:
        read_weights(path)
    assert str(told.value) == (
        f"weights: '{path}' holds more than weights: decimal.Decimal; "
        "if you trust it, write weights_only: false, which runs what code it brings"
    )
    assert list(read_weights(path, weights_only=False)) == list(STATE)


def test_the_arguments_of_a_script_may_stand_beside_weights(tmp_path: Path) -> None:
    assert list(read_weights(saved(tmp_path, {"model": STATE, "args": argparse.Namespace(lr=1)}))) == list(STATE)


def test_a_model_that_was_saved_whole(tmp_path: Path) -> None:
    path = saved(tmp_path, {"net": nn.Linear(1, 1)})
    assert list(read_weights(path, weights_only=False)) == ["weight", "bias"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("wights.pt", "weights: there is no file 'wights.pt': '.' has no 'wights.pt'; did you mean 'weights.pt'?"),
        ("rnu/w.pt", "weights: there is no file 'rnu/w.pt': '.' has no 'rnu'; did you mean 'run'?"),
        ("run/x/y.pt", "weights: there is no file 'run/x/y.pt': 'run' has no 'x'"),
        ("run", "weights: 'run' is a folder; name a file in it: last.ckpt"),
        ("notes.pt", "weights: 'notes.pt' is no file of weights that can be read"),
        ("cut.pt", "weights: 'cut.pt' is no file of weights that can be read"),
        ("nothing.pt", "weights: 'nothing.pt' holds no tensors by name, but nothing; write another key or file"),
        ("list.pt", "weights: 'list.pt' holds no tensors by name, but list; write another key or file"),
    ],
)
def test_what_is_no_file_of_weights_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    saved(tmp_path, STATE, "weights.pt")
    saved(tmp_path, {}, "nothing.pt")
    saved(tmp_path, [torch.ones(1)], "list.pt")
    (tmp_path / "notes.pt").write_text("these are no weights")
    (tmp_path / "cut.pt").write_bytes((tmp_path / "weights.pt").read_bytes()[:-200])
    (tmp_path / "run").mkdir()
    saved(tmp_path / "run", STATE, "last.ckpt")
    with pytest.raises(RunError) as told:
        read_weights(name)
    assert message in str(told.value)
