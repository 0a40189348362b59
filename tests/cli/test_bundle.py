"""`lighter run` of a MONAI bundle: what MONAI's own command does with the same files, to the last bit."""

import json
import logging
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import monai
import pytest
import torch
from monai.bundle import ConfigWorkflow

from lighter.cli import main
from lighter.project.importable import unload

TRAIN = {
    "imports": ["$import os", "$from scripts.parts import Trainer"],
    "bundle_root": ".",
    "out": "$os.path.join(@bundle_root, 'weights.pt')",
    "epochs": 2,
    "width": 4,
    "network_def": {"_target_": "scripts.parts.Net", "width": "@width", "bias": False},
    "network": "$@network_def.to('cpu')",
    "optimizer": {"_target_": "torch.optim.SGD", "params": "$@network.parameters()", "lr": 0.1},
    "train": {
        "dataset": {"_target_": "Dataset", "data": "$list(torch.rand(8, 2))", "transform": "%train#transform"},
        "transform": {"_target_": "RandGaussianNoise", "prob": 1.0},
        "dataloader": {
            "_target_": "DataLoader",
            "dataset": "@train#dataset",
            "batch_size": 4,
            "shuffle": True,
            "num_workers": 0,
        },
        "trainer": {
            "_target_": "$Trainer",
            "network": "@network",
            "optimizer": "@optimizer",
            "loader": "@train#dataloader",
            "epochs": "@epochs",
        },
    },
    "initialize": ["$monai.utils.set_determinism(seed=@_meta_#seed)"],
    "run": ["$@train#trainer.run()", "$print('ran', @_meta_#version, flush=True)"],
    "finalize": ["$torch.save(@network.state_dict(), @out)"],
    "testing": ["$print('tested', @width)"],
}
# A mapping of a later file replaces what was there, also below `+`: `bias` is true again, 'num_workers' is not given.
LATER = {
    "network_def": {"_target_": "scripts.parts.Net", "width": 3},
    "+train": {"dataloader": {"_target_": "DataLoader", "dataset": "@train#dataset", "batch_size": 2}},
    "train#trainer#epochs": 1,
    "+run": ["$print('twice')"],
    "broken": "@nothing",
}
PARTS = """
import logging

import torch


class Net(torch.nn.Module):
    def __init__(self, width, bias=True):
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Linear(2, width, bias=bias), torch.nn.Linear(width, 1))

    def forward(self, x):
        return self.layers(x)


class Trainer:
    def __init__(self, network, optimizer, loader, epochs):
        self.network, self.optimizer, self.loader, self.epochs = network, optimizer, loader, epochs

    def run(self):
        for _ in range(self.epochs):
            for batch in self.loader:
                loss = self.network(batch.as_tensor()).square().mean()
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
        logging.getLogger("engine").info("loss %.6f", loss.item())
"""


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a bundle, to work in."""
    files = {"configs/train.json": TRAIN, "configs/later.json": LATER}
    files["configs/metadata.json"] = {"seed": 3, "version": "0.1", "name": "a text with: 'quotes'"}
    for folder in ("configs", "scripts"):
        (tmp_path / folder).mkdir()
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "scripts" / "__init__.py").touch()
    (tmp_path / "scripts" / "parts.py").write_text(PARTS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])  # where MONAI adds the folder
    forget_scripts()  # another bundle's
    yield tmp_path
    forget_scripts()  # which MONAI leaves behind
    monai.utils.set_determinism(None)


def forget_scripts() -> None:
    unload()
    for name in [name for name in sys.modules if name.partition(".")[0] == "scripts"]:
        del sys.modules[name]


def by_monai(files: list[str]) -> None:
    workflow = ConfigWorkflow(files, logging_file=False, width=5)
    workflow.initialize()
    workflow.run()
    workflow.finalize()


@pytest.mark.parametrize("files", [["configs/train.json"], ["configs/train.json", "configs/later.json"]])
def test_it_does_what_monai_does(
    bundle: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, files: list[str]
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # pytest's, which a process has not
    main(["run", *files, "width=5"])
    said = capfd.readouterr().out
    ours = torch.load("weights.pt")
    sys.path.insert(0, str(bundle))
    by_monai(files)
    theirs = torch.load("weights.pt")
    assert [*ours] == [*theirs]
    assert all(torch.equal(one, theirs[key]) for key, one in ours.items())
    assert len(ours["layers.0.weight"]) == (3 if "layers.0.bias" in ours else 5)
    printed = [line for line in said.splitlines() if line.startswith(("ran", "twice"))]
    assert printed == ["ran 0.1", "twice"][: len(files)]
    assert "engine - INFO - loss" in said


def test_an_id_that_is_no_list_of_steps_is_shown(bundle: Path, capfd: pytest.CaptureFixture[str]) -> None:
    main(["run", "configs/train.json", "--id=train#trainer#epochs", "epochs=7"])
    assert capfd.readouterr().out == "7\n"
    main(["run", "configs/train.json", "--id=testing", "--init_id=none", "--logging_file=False"])
    assert capfd.readouterr().out == "tested 4\n"
    (bundle / "fit.yaml").write_text("system: {model: {_target_: torch.nn.Linear, _args_: [2, 1]}}")
    main(["run", "fit.yaml", "--id=system::model"])
    assert capfd.readouterr().out == "Linear(in_features=2, out_features=1, bias=True)\n"


def test_files_of_metadata(bundle: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name, version in (("a", 1), ("b", 2)):
        (bundle / f"{name}.json").write_text(json.dumps({"seed": 1, "version": version}))
    main(["run", "configs/train.json", "--id=_meta_#version", "--meta_file=['a.json', 'b.json']"])
    assert capfd.readouterr().out == "2\n"


def test_a_file_for_logging_is_code_and_never_read(bundle: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (bundle / "configs" / "logging.conf").write_text("[loggers]\nkeys=__import__('os').abort()")
    main(["run", "configs/train.json", "--id=testing", "--logging_file=configs/logging.conf"])
    said = capfd.readouterr()
    assert said.out == "tested 4\n"
    assert "'configs/logging.conf' is not read" in said.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--id=testin"], "did you mean 'testing'?"),
        (["--jobs=2"], "'--jobs' is for a series of experiments"),
        (["--logging_file=none.conf"], "there is no file 'none.conf'"),
        (["--meta_file=none.json"], "there is no file 'none.json'"),
        (["epocs=1"], "did you mean 'epochs'?"),
        (["network_def::widht=1"], "takes no argument 'widht'"),
        (["--width", "5"], "write 'width=5'"),
        (["--id=broken", "configs/later.json"], "there is no 'nothing'"),
        (["--allow=torch"], "add 'scripts' to --allow"),
        (["~run"], "write '--id=testing'"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_evaluated(
    bundle: Path, capfd: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "configs/train.json", *words])
    assert ended.value.code == 2
    assert told in capfd.readouterr().err
    assert not (bundle / "weights.pt").exists()


def test_flags_of_a_bundle_are_none_of_a_series(bundle: Path, capfd: pytest.CaptureFixture[str]) -> None:
    Path("all.yaml").write_text("experiments: {one: configs/train.json}")
    with pytest.raises(SystemExit):
        main(["run", "all.yaml", "--id=run", "--meta_file=a.json"])
    assert "'--id' and '--meta_file' are for a MONAI bundle: leave them out" in capfd.readouterr().err


def test_lists_that_hold_one_another_too_often_are_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = ["x{}: [{}]\n".format(n, ", ".join([f"'@x{n - 1}'"] * 9)) for n in range(1, 11)]
    Path("train.yaml").write_text("".join(["x: '@x10'\nx0: [1, 1]\n", *lines]))
    with pytest.raises(SystemExit):
        main(["run", "train.yaml", "--id=x"])
    assert "error: 'x' cannot be shown: this holds more than" in capfd.readouterr().err


@pytest.mark.skipif(find_spec("ignite") is not None, reason="what MONAI needs is there")
@pytest.mark.parametrize(
    ("trainer", "told"),
    [
        (
            {"_target_": "SupervisedTrainer", "device": "cpu", "max_epochs": 1, "train_data_loader": [1]}
            | {"network": None, "optimizer": None, "loss_function": None},
            "error: SupervisedTrainer needs 'ignite', which is not installed\n --> train.json:",
        ),
        (
            "$monai.engines.SupervisedTrainer('cpu', 1, [1], None, None, None)",
            "error: MONAI needs 'ignite', which is not installed\n  = while building 'trainer' (train.json:1:",
        ),
    ],
)
def test_a_library_that_monai_lacks_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], trainer: object, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("train.json").write_text(json.dumps({"trainer": trainer, "run": ["$@trainer.run()"]}))
    with pytest.raises(SystemExit):
        main(["run", "train.json"])
    said = capsys.readouterr().err
    assert said.startswith(told)
    assert said.endswith("run 'pip install \"monai[ignite]\"'\n")
    assert "Traceback" not in said
