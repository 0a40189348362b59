"""What a resumed run knows of the checkpoints it has kept, wherever its folder lies by then."""

from pathlib import Path
from typing import Any

import fsspec
import pytest
import torch

from lighter import Runner

BEST = {"_target_": "pytorch_lightning.callbacks.ModelCheckpoint", "filename": "e{epoch}", "monitor": "val/loss/epoch"}


def kept(folder: str) -> dict[str, float]:
    """The weight in each checkpoint of a run that is no `last.ckpt`."""
    paths = [path for path in Path(folder, "checkpoints").glob("[be]*.ckpt") if path.stem != "exception"]
    return {path.stem: torch.load(path)["state_dict"]["model.weight"].item() for path in paths}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, {"best": 1.0}),
        (
            {"callbacks": [{**BEST, "save_top_k": 2, "auto_insert_metric_name": False}]},
            {"e0": 1.0, "e1": 2.0},
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:.*exists and is not empty")
def test_a_moved_run_keeps_its_best(rising: dict[str, Any], more: dict[str, Any], found: dict[str, float]) -> None:
    rising["trainer"] |= more
    Runner(rising, run_dir="r").fit()
    Path("r").rename("moved")
    resumed = Runner("moved", "trainer::max_epochs=5").fit(resume="moved")
    assert kept("moved") == found
    assert Path(resumed.checkpoints["best"]) == Path("moved").absolute() / f"checkpoints/{min(found)}.ckpt"
    assert not Path("r").exists()


def test_a_run_from_the_checkpoint_of_another_leaves_that_its_own(rising: dict[str, Any]) -> None:
    """On a file system elsewhere Lightning would remove what was the best of the other."""
    rising["trainer"] |= {"max_epochs": 1, "callbacks": [{**BEST, "monitor": None, "dirpath": "memory://first"}]}
    Runner(rising, run_dir="r").fit()
    more = "trainer::max_epochs=2", "trainer::callbacks::0::dirpath=memory://second"
    Runner("r", *more, run_dir="new").fit("r/checkpoints/last.ckpt")
    memory = fsspec.filesystem("memory")
    assert [len(memory.ls(folder)) for folder in ("/first", "/second")] == [1, 1]
