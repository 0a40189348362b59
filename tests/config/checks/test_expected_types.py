"""What cannot serve at its place of a run."""

from pathlib import Path

import pytest

from lighter.config import Config

PARTS = """
import lightning.pytorch as other
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, Dataset


class Net(torch.nn.Module):
    def forward(self, x): ...
class Points(Dataset): ...
class Points2(torch.utils.data.TensorDataset): ...
class Stream(torch.utils.data.IterableDataset):
    def __init__(self, size=1): ...
class Loader(DataLoader):
    def __init__(self): ...
class Module(pl.LightningModule): ...
class Data(pl.LightningDataModule): ...
class OtherModule(other.LightningModule): ...
class OtherData(other.LightningDataModule): ...
class OtherTrainer(other.Trainer): ...
class OtherCallback(other.Callback): ...
class OtherCheckpoint(other.callbacks.ModelCheckpoint): ...
class Both(pl.LightningModule, other.LightningModule): ...
class Anything: ...
def make(): ...
"""


@pytest.fixture(autouse=True)
def parts(write):
    write("proj/parts.py", PARTS)


def told(config):
    config = {"project": "proj", "trainer": {"logger": False}, **config}
    return [(p.place, p.what, p.help) for p in Config.load(config).check_calls("fit")]


def at(name, **more):
    return {"_target_": f"proj.parts.{name}", **more}


def system(**more):
    return {"system": {"model": at("Net"), "criterion": None, "optimizer": None, **more}}


LOADER = "{_target_: torch.utils.data.DataLoader, dataset: {_target_: proj.parts.Points}}"
MISMATCH = "of 'lightning.pytorch', and the trainer is of 'pytorch_lightning', which does not take it"
REVERSE = "of 'pytorch_lightning', and the trainer is of 'lightning.pytorch', which does not take it"


@pytest.mark.parametrize(
    ("config", "place", "what", "help"),
    [
        (
            {"system": at("Net")},
            "system::_target_",
            "proj.parts.Net is a torch.nn.Module, and 'system' takes a LightningModule",
            "leave the '_target_' of 'system' out, and write 'model: {_target_: proj.parts.Net}' below it",
        ),
        (
            {"system": at("OtherModule")},
            "system::_target_",
            f"proj.parts.OtherModule is a LightningModule {MISMATCH}",
            "write 'trainer: {_target_: lightning.pytorch.Trainer}'",
        ),
        (
            {"system": at("Module"), "trainer": at("OtherTrainer")},
            "system::_target_",
            f"proj.parts.Module is a LightningModule {REVERSE}",
            "write 'trainer: {_target_: pytorch_lightning.Trainer}'",
        ),
        (
            system() | {"trainer": {"_target_": "lightning.pytorch.Trainer"}},
            "system::_target_",
            f"lighter.System is a LightningModule {REVERSE}",
            "write 'trainer: {_target_: pytorch_lightning.Trainer}'",
        ),
        (
            {"system": at("Module"), "data": at("OtherData")},
            "data::_target_",
            f"proj.parts.OtherData is a LightningDataModule {MISMATCH}",
            "write 'trainer: {_target_: lightning.pytorch.Trainer}'",
        ),
        (
            {"system": at("Module"), "data": at("Points")},
            "data::_target_",
            "proj.parts.Points is a Dataset, and 'data' takes a LightningDataModule",
            f"write 'dataloaders: {{train: {LOADER}}}' below 'system'",
        ),
        (
            {"system": at("Module"), "data": at("Loader")},
            "data::_target_",
            "proj.parts.Loader is a DataLoader, and 'data' takes a LightningDataModule",
            "write 'dataloaders: {train: {_target_: proj.parts.Loader}}' below 'system'",
        ),
        (
            system(dataloaders={"train": at("Points")}),
            "system::dataloaders::train::_target_",
            "proj.parts.Points is a Dataset, and 'system::dataloaders' takes a DataLoader",
            f"write 'train: {LOADER}', and its arguments with it",
        ),
        (
            system(dataloaders={"train": at("Data")}),
            "system::dataloaders::train::_target_",
            "proj.parts.Data is a LightningDataModule, and 'system::dataloaders' takes DataLoaders",
            "write it under 'data'",
        ),
        (
            system(criterion=at("Net", _mode_="callable")),
            "system::criterion::_mode_",
            "'_mode_: callable' gives the class proj.parts.Net itself, 'system::criterion' takes what it makes",
            "leave '_mode_' out",
        ),
        (
            {"system": at("Module"), "trainer": {"callbacks": [at("OtherCheckpoint")]}},
            "trainer::callbacks::0::_target_",
            f"proj.parts.OtherCheckpoint is a Checkpoint {MISMATCH}",
            "write 'pytorch_lightning.callbacks.OtherCheckpoint'",
        ),
        (
            system(criterion=at("make", _args_=[1])),
            "system::criterion::_args_",
            "proj.parts.make takes no positional arguments, '_args_' gives 1",
            "it takes no arguments",
        ),
        (
            system(criterion={"_target_": "torch.nn.functional.relu"}),
            "system::criterion",
            "torch.nn.functional.relu needs the argument 'input'",
            "write 'input: ...'; or '_mode_: callable', to hand on the function itself",
        ),
    ],
)
def test_what_cannot_serve(config, place, what, help):
    assert told(config) == [(place, what, help)]


@pytest.mark.parametrize(("more", "warned"), [({}, 1), ({"_check_": False}, 0)])
def test_a_stream_may_give_batches(more, warned):
    config = {"project": "proj", **system(dataloaders={"train": at("Stream", **more)})}
    config = Config.load(config)
    assert config.check_calls("fit") == []
    assert [one.what for one in config.warnings] == [
        "proj.parts.Stream is an IterableDataset: each item that it gives is taken as a batch"
    ] * warned
    assert told(system(dataloaders={"train": at("Stream", sise=2)})) == [
        ("system::dataloaders::train::sise", "proj.parts.Stream takes no argument 'sise'", "did you mean 'size'?")
    ]


@pytest.mark.parametrize(
    "config",
    [
        {"system": at("Module"), "data": at("Data")},
        {"system": at("OtherModule"), "data": at("OtherData"), "trainer": {"_target_": "lightning.pytorch.Trainer"}},
        {"system": at("OtherModule"), "trainer": at("OtherTrainer")},
        {"system": at("Both")},
        {"system": at("make"), "data": at("make")},
        {"system": at("Anything"), "data": at("Anything")},
        {"system": at("Module"), "trainer": {"callbacks": [at("OtherCallback")]}},
        {"system": at("Module"), "trainer": "@vars::t", "vars": {"t": at("OtherTrainer")}},
        system(dataloaders={"train": at("Loader")}, model=at("Module"), criterion=at("make", _mode_="callable")),
    ],
)
def test_no_false_alarm(config):
    assert told(config) == []


def test_the_class_is_shown_where_it_stands(write):
    write(
        "a.yaml",
        "project: proj\nsystem:\n  model: {_target_: proj.parts.Net}\n  criterion:\n"
        "    _target_: proj.parts.Net\n    _mode_: callable\n",
    )
    (problem,) = Config.load("a.yaml").check_calls("fit")
    assert str(problem.position) == "a.yaml:6:13"
    ((said, position),) = problem.also
    assert (said, str(position)) == ("the class is defined here", "proj/parts.py:8:1")


def test_a_trainer_that_may_not_be_imported_is_not(write):
    write("ran/evil.py", "open('ran.txt', 'w').close()\n")
    config = {"project": "proj", "system": at("Module"), "trainer": {"_target_": "ran.evil.Trainer"}}
    (problem,) = Config.load(config).limited("proj,lighter").check_calls("fit")
    assert problem.place == "trainer::_target_"
    assert not Path("ran.txt").exists()


def test_only_a_run_has_places():
    config = Config.load({"project": "proj", "data": at("Points"), "system": at("Net")})
    assert config.check_calls() == []
