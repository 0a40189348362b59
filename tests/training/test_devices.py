"""The same file on other devices: what a config says of the Trainer is all that changes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from lighter import Runner

LIGHTER = (sys.executable, "-m", "lighter")
MODEL_PARALLEL = "trainer::strategy={_target_: pytorch_lightning.strategies.ModelParallelStrategy}"

FAILS = """

class Fails(Line):
    def forward(self, input):
        import os

        if os.environ.get("LOCAL_RANK") == "1" and self.training:
            raise ValueError("rank one fails here")
        return super().forward(input)


class Wide(Line):
    def __init__(self):
        super().__init__()
        self.unused = nn.Linear(3, 3)


class Picture(nn.Conv2d):
    def forward(self, input):
        assert input.is_contiguous(memory_format=torch.channels_last)
        assert self.weight.is_contiguous(memory_format=torch.channels_last)
        return super().forward(input)


class Pictures(Points):
    def __getitem__(self, index):
        return torch.randn(3, 4, 4), torch.randn(2, 4, 4)
"""


@pytest.fixture(autouse=True)
def _fails(line: Path) -> None:
    with (line / "line" / "parts.py").open("a", encoding="utf-8") as file:
        file.write(FAILS)


def test_a_model_split_over_two_ranks_trains_and_tests_as_a_whole_one() -> None:
    whole = Runner("config.yaml", "trainer::max_epochs=1", run_dir="whole").fit().metrics
    # Both ranks see all of the data, as the one process does.
    devices = ("trainer::devices=2", "trainer::use_distributed_sampler=false", MODEL_PARALLEL, "--run_dir=split")
    fitted = ran("fit", "config.yaml", "trainer::max_epochs=1", *devices)
    assert f"{whole['val/loss/epoch']:.4f}" in fitted
    assert (Path("split") / "checkpoints" / "best.ckpt" / ".metadata").is_file()
    tested = Runner("config.yaml", run_dir="whole").test().metrics
    assert f"{tested['test/metrics/error/epoch']:.4f}" in ran("test", "config.yaml", *devices)
    assert "is a folder, with a part for each rank" in ran("test", "config.yaml", "--run_dir=split", status=1)


def test_a_rank_that_raises_ends_all_and_is_heard() -> None:
    told = ran("fit", "config.yaml", "system::model::_target_=line.parts.Fails", "trainer::devices=2", status=1)
    assert "ValueError: rank one fails here" in told


def test_unused_parameters_are_told_with_the_strategy_that_takes_them() -> None:
    words = ("fit", "config.yaml", "system::model::_target_=line.parts.Wide", "trainer::devices=2", "~system::metrics")
    assert "ddp_find_unused_parameters_true" in ran(*words, status=1)
    assert "fit results" in ran(*words, "trainer::strategy=ddp_find_unused_parameters_true")


def test_slurm_variables_are_read_as_lightning_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    # A job of one task, which needs no second process here.
    for name, value in {"JOB_ID": "1", "PROCID": "0", "LOCALID": "0", "NODEID": "0", "NTASKS": "1"}.items():
        monkeypatch.setenv(f"SLURM_{name}", value)
    monkeypatch.setenv("SLURM_JOB_NAME", "train")
    words = ("trainer::devices=1", "trainer::strategy=ddp", "trainer::max_epochs=1")
    assert "fit results" in ran("fit", "config.yaml", *words)


def test_half_precision_compiled_in_channels_last() -> None:
    words = (
        "trainer::precision=bf16-mixed",
        "system::compile={backend: aot_eager}",
        "system::memory_format=channels_last",
        "system::model={_target_: line.parts.Picture, in_channels: 3, out_channels: 2, kernel_size: 1}",
        "system::dataloaders::train::dataset::_target_=line.parts.Pictures",
        "system::dataloaders::val::dataset::_target_=line.parts.Pictures",
        "system::metrics=null",
        "trainer::max_epochs=1",
    )
    assert torch.isfinite(torch.tensor(Runner("config.yaml", *words).fit().metrics["train/loss/epoch"]))


def ran(*words: str, status: int = 0) -> str:
    """What the command line says, run for real."""
    environment = {**os.environ, "COLUMNS": "120", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([*LIGHTER, *words], capture_output=True, text=True, timeout=200, check=False, env=environment)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr
