import subprocess
import sys
from pathlib import Path

import pytest
import torch

from lighter import Runner
from lighter.cli import main
from lighter.cli.export import _adapter
from lighter.runs.folder import RunDirectory
from lighter.training.adapters import Keywords, Positional


@pytest.fixture
def run(line: Path) -> RunDirectory:
    return Runner("config.yaml", run_dir="trained").fit().run


def test_a_run_is_exported_into_its_folder(run: RunDirectory, capsys: pytest.CaptureFixture[str]) -> None:
    main(["export", "trained"])
    told = capsys.readouterr().out.splitlines()
    assert told == [
        "largest difference from the model: 0 over 4 samples",
        "batch size: any",
        "exported: trained/model.pt2",
    ]
    assert torch.export.load("trained/model.pt2").module()(torch.ones(2, 2)).shape == (2, 1)


def test_the_format_the_file_and_the_weights_may_be_named(
    run: RunDirectory, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--out=some/where.onnx", "--ckpt_path=last", "--input=0", "--tolerance=1e-3", "--allow=torch,line"]
    main(["export", "trained/config.yaml", "system::dataloaders::test::batch_size=3", *words])
    said = capsys.readouterr()
    assert " over 3 samples\n" in said.out
    assert said.err == ""
    assert Path("some/where.onnx").is_file()


LIMITED = """
import resource

from lighter.cli import main

resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))
main(["export", "trained"])
"""


def test_a_file_that_the_disk_does_not_take_is_told_and_ends_no_process(run: RunDirectory) -> None:
    done = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert not (run.path / "model.pt2").exists()


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["traind"], 2, "has no 'traind'; did you mean 'trained'?"),
        (["trained", "--format=onx"], 2, "--format: there is no format 'onx'; did you mean 'onnx'?"),
        (["trained", "--tolerance=much"], 2, "--tolerance: a number such as 1e-4 is wanted, not 'much'"),
        (["trained", "--input=left"], 1, "BatchAdapter(input): the batch has no attribute 'left'"),
        (["trained", "--ckpt_path=no.ckpt"], 2, "there is no checkpoint 'no.ckpt'"),
        (["trained", "system::modl=1"], 2, "did you mean 'model'"),
    ],
)
def test_mistakes_are_told(
    run: RunDirectory, capsys: pytest.CaptureFixture[str], words: list[str], status: int, told: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["export", *words])
    assert caught.value.code == status
    assert told in capsys.readouterr().err
    assert not Path("trained/model.pt2").exists()


def test_inputs_are_named_as_a_batch_adapter_takes_them() -> None:
    batch = {"ids": 1, "deep": [2, 3]}
    assert _adapter(None) is None
    for written, input in {
        "ids": 1,
        "deep::1": 3,
        "ids, deep::0": Positional([1, 2]),
        "tokens=ids,more=deep::1": Keywords(tokens=1, more=3),
    }.items():
        adapter = _adapter(written)
        assert adapter is not None
        assert adapter(batch)[0] == input
