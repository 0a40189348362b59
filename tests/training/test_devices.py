"""The same file on other devices: what a config says of the Trainer is all that changes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from lighter import Runner
from lighter.training.devices import check_compile, check_memory_format, compiled, in_channels_last, to_channels_last

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


@pytest.mark.parametrize("given", [True, {"mode": "max-autotune"}, False, None])
def test_what_may_be_written_of_compiling(given: object) -> None:
    check_compile(given)


@pytest.mark.parametrize("given", ["max-autotune", 1, ["fullgraph"]])
def test_what_may_not(given: object) -> None:
    with pytest.raises(TypeError, match=r"compile: true, or the arguments of torch\.compile such as .*, not "):
        check_compile(given)


@pytest.mark.parametrize("off", [False, None])
def test_a_model_stays_as_it_is(off: bool | None) -> None:
    model = nn.Linear(2, 1)
    assert compiled(model, off) is model


def test_a_model_is_compiled_once_and_keeps_its_names() -> None:
    graphs: list[int] = []

    def backend(graph, inputs):  # what torch.compile calls for each graph it has caught
        graphs.append(len(inputs))
        return graph.forward

    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    names, input = list(model.state_dict()), torch.ones(4, 2)
    call = compiled(model, {"backend": backend})
    assert torch.equal(call(input), model(input))
    assert torch.equal(call(input), model(input))
    assert len(graphs) == 1
    assert list(model.state_dict()) == names


def test_what_may_be_written_of_the_memory_format() -> None:
    check_memory_format(None)
    check_memory_format("channels_last")
    with pytest.raises(ValueError, match="memory_format: there is no 'chanels_last'; did you mean 'channels_last'"):
        check_memory_format("chanels_last")


def test_images_and_volumes_of_a_batch_are_rearranged_and_nothing_else() -> None:
    image, volume, vector = torch.randn(2, 3, 4, 5), torch.randn(2, 3, 4, 5, 6), torch.randn(2, 3)
    found = in_channels_last({"image": image, "others": [volume, vector, "text", 3]})
    assert found["image"].is_contiguous(memory_format=torch.channels_last)
    assert found["others"][0].is_contiguous(memory_format=torch.channels_last_3d)
    assert torch.equal(found["image"], image)
    assert found["others"][1] is vector
    assert found["others"][2:] == ["text", 3]


def test_a_model_keeps_its_output_and_its_parameters() -> None:
    first = nn.Conv2d(3, 4, 3)
    model = nn.Sequential(first, nn.Conv2d(4, 2, 1))
    input, parameters = torch.randn(2, 3, 8, 8), list(model.parameters())
    plain = model(input)
    to_channels_last(model)
    assert first.weight.is_contiguous(memory_format=torch.channels_last)
    assert all(now is before for now, before in zip(model.parameters(), parameters, strict=True))
    output = model(in_channels_last(input))
    assert output.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(output, plain)
