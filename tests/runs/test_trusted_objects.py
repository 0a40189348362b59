"""Objects beside weights: those of the project, of imports, and what the config names itself."""

import importlib
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

import lighter
from lighter import Config, Runner
from lighter.errors import RunError
from lighter.project.locating import locate
from lighter.runs.checkpoints import loading
from lighter.training.stages import Stage


def test_objects_of_the_project_may_stand_beside_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "parts.py").write_text("class Note:\n    def __init__(self): self.text = 'a'\n")
    config = Config.load({"project": "shop"})
    with config.serving():
        kind: Any = locate("shop.parts.Note", config.project)
        note = kind()
        torch.save({"note": note, "again": [note]}, "objects.ckpt")
        with loading("objects.ckpt", Stage.TEST, config):
            assert torch.load("objects.ckpt", weights_only=True)["note"].text == "a"
        with (
            pytest.raises(RunError, match=r"holds more than weights: shop\.parts\.Note;"),
            loading("objects.ckpt", Stage.TEST),
        ):
            torch.load("objects.ckpt", weights_only=True)


def test_a_project_beside_another_of_its_name_has_its_own_objects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("one", "two", "three"):
        (tmp_path / folder / "shop").mkdir(parents=True)
        (tmp_path / folder / "shop" / "parts.py").write_text(f"class Note:\n    text = '{folder}'\n")

    def note(folder: str) -> Any:
        return Config.load({"project": f"{folder}/shop", "note": {"_target_": "shop.parts.Note"}}).resolve("note")

    first, second = note("one"), note("two")
    torch.save({"note": first}, "first.ckpt")
    torch.save({"note": second}, "second.ckpt")
    assert (type(first).__module__, type(second).__module__) == ("shop.parts", "shop-2.parts")

    def found(folder: str) -> list[str]:
        texts = []
        for path in ("first.ckpt", "second.ckpt"):
            config = Config.load({"project": f"{folder}/shop"})
            with config.serving(), loading(path, Stage.TEST, config):
                texts.append(torch.load(path, weights_only=True)["note"].text)
        return texts

    assert [found(folder) for folder in ("two", "three")] == [["two", "two"], ["three", "three"]]
    del first, second
    assert found("three") == ["three", "three"]


def test_so_may_objects_of_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes_lib.py").write_text("class Note:\n    text = 'a'\n")
    config = Config.load({"imports": {"notes_lib": {"path": str(tmp_path), "module_name": "notes_lib"}}})
    with config.serving():
        note = importlib.import_module("notes_lib").Note()
        torch.save({"note": note}, "objects.ckpt")
        with loading("objects.ckpt", Stage.TEST, config):
            assert torch.load("objects.ckpt", weights_only=True)["note"].text == "a"
        with pytest.raises(RunError, match="notes_lib"), loading("objects.ckpt", Stage.TEST, Config.load({})):
            torch.load("objects.ckpt", weights_only=True)


def test_what_a_project_only_imports_is_not_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "parts.py").write_text("from os import system\n")
    config = Config.load({"project": "shop"})

    class Call:
        def __reduce__(self) -> Any:
            return system, ("touch ran",)

    with config.serving():
        system: Any = locate("shop.parts.system", config.project)
        torch.save(Call(), "call.ckpt")
        # As a checkpoint made to do harm would name it.
        renamed("call.ckpt", b"posix\nsystem", b"shop.parts\nsystem")
        with pytest.raises(RunError, match=r"shop\.parts\.system"), loading("call.ckpt", Stage.TEST, config):
            torch.load("call.ckpt", weights_only=True)
    assert not (tmp_path / "ran").exists()


def renamed(path: str, old: bytes, new: bytes) -> None:
    """Replaces bytes in the pickle of a checkpoint."""
    with zipfile.ZipFile(path) as file:
        records = {name: file.read(name) for name in file.namelist()}
    assert any(old in data for data in records.values())
    with zipfile.ZipFile(path, "w") as file:
        for name, data in records.items():
            file.writestr(name, data.replace(old, new) if name.endswith("data.pkl") else data)


MODULE = """
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader


class Module(pl.LightningModule):
    def __init__(self, optimizer, loss, activation, layer):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(1, 1)

    def training_step(self, batch, index):
        answer = self.hparams.activation(self.hparams.layer(self.layer(batch)))
        return self.hparams.loss(answer, batch)

    def test_step(self, batch, index):
        self.log("loss", self.training_step(batch, index))

    def configure_optimizers(self):
        return self.hparams.optimizer(self.parameters())

    def train_dataloader(self):
        return DataLoader(torch.ones(4, 1), batch_size=2)

    test_dataloader = train_dataloader
"""


@pytest.mark.filterwarnings("ignore:Attribute '.*' is an instance of `nn.Module`")
def test_what_the_config_names_may_be_in_hyperparameters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine").mkdir()
    Path("mine/module.py").write_text(MODULE, encoding="utf-8")
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "log_every_n_steps": 1, "accelerator": "cpu"}
    system = {
        "_target_": "mine.module.Module",
        "optimizer": {"_target_": "torch.optim.SGD", "_mode_": "callable", "lr": 0.1},
        "loss": {"_target_": "torch.nn.MSELoss"},
        "activation": "$torch.nn.functional.gelu",
        "layer": {"_target_": "torch.nn.Sequential", "_args_": [{"_target_": "torch.nn.Identity"}]},
    }
    config = {"project": "mine", "trainer": {"max_epochs": 1, **quiet}, "system": system}
    Runner(config, run_dir="r").fit()
    assert isinstance(
        torch.load("r/checkpoints/last.ckpt", weights_only=False)["hyper_parameters"]["optimizer"], partial
    )
    assert Runner("r").test("last").metrics["loss"] > 0
    loaded: Any = lighter.load("r")
    assert loaded.hparams.optimizer.keywords == {"lr": 0.1}
    Runner("r", "trainer::max_epochs=2").fit(resume="r")
    with pytest.raises(RunError, match=r"holds more than weights: functools\.partial"):
        lighter.load("r", allow="torch,mine")


def test_what_a_config_only_calls_is_not_for_a_checkpoint_to_call(tmp_path: Path) -> None:
    class Call:
        def __reduce__(self) -> Any:
            return torch.load, ("other.ckpt",)

    torch.save(Call(), tmp_path / "call.ckpt")
    config = Config.load({"vars": {"weights": {"_target_": "torch.load", "f": "mine.pt"}}})
    with (
        pytest.raises(RunError, match=r"torch\.serialization\.load"),
        loading(tmp_path / "call.ckpt", Stage.TEST, config),
    ):
        torch.load(tmp_path / "call.ckpt", weights_only=True)
