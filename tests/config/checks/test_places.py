"""What stands at a place of a run is what it takes: told of classes before, of what expressions give when built."""

import pytest

from lighter.config import Config
from lighter.errors import ConfigError
from lighter.training.stages import Stage

PARTS = """
import pytorch_lightning as pl
import torch
import torchmetrics
from torch.utils.data import DataLoader, Dataset, IterableDataset

class Net(torch.nn.Linear):
    def __init__(self): super().__init__(1, 1)
class Called:
    def __call__(self, *args): return args[0]
class Nothing: ...
class Made(type):
    def __call__(cls): return Net()
class Odd(metaclass=Made): ...
class Points(Dataset):
    def __getitem__(self, index): return index
class Stream(IterableDataset):
    def __iter__(self): yield 1
class Batches:
    def __iter__(self): yield 1
class Counted:
    def __len__(self): return 1
    def __getitem__(self, index): return index
class Own(torchmetrics.MeanAbsoluteError): ...
class Watch(pl.Callback): ...
class Handler:
    def attach(self, engine): ...
class Mine(torch.optim.SGD): ...
class Steps:
    def __init__(self, optimizer): ...
    def step(self): ...

def make(*args, **kwargs): ...
def net() -> Net: ...
def module() -> torch.nn.Module: ...
def text(of: "Nowhere" = None) -> str: ...
def points() -> Points: ...
def dataset() -> Dataset: ...
def watch() -> pl.Callback: ...
def one() -> object: ...
def unknown() -> "Nowhere": ...
def several() -> list[pl.Callback]: ...
"""
TRACKER = {"_target_": "pytorch_lightning.loggers.CSVLogger", "save_dir": "."}


def at(name, **arguments):
    return {"_target_": name if "." in name else f"proj.parts.{name}", **arguments}


ADAM, MAE = at("torch.optim.Adam"), at("torchmetrics.MeanAbsoluteError")


@pytest.fixture(autouse=True)
def parts(write):
    write("proj/parts.py", PARTS)


def config(system=None, trainer=None):
    loader = at("make")
    whole = {"model": at("Net"), "criterion": at("make"), "optimizer": at("make"), "dataloaders": {"train": loader}}
    return Config.load({"project": "proj", "system": {**whole, **(system or {})}, "trainer": trainer or {}})


def told(stage="fit", **parts):
    return [(p.place, p.what, p.help) for p in config(**parts).check(stage)]


@pytest.mark.parametrize(
    "system",
    [
        {"model": at("net")},
        {"model": at("module")},
        {"model": at("one")},
        {"model": at("make")},
        {"model": at("unknown")},
        {"model": at("Odd")},
        {"model": "$object()"},
        {"model": "@system::inferer", "inferer": at("Net")},
        {"model": at("Called")},
        {"criterion": at("Called")},
        {"criterion": at("make", _mode_="callable")},
        {"criterion": at("functools.partial", _args_=["$len"])},
        {"criterion": at("monai.losses.DiceLoss")},
        {"optimizer": at("Mine", lr=0.1)},
        {"optimizer": {**ADAM, "_mode_": "callable"}},
        {"optimizer": [ADAM, at("make")]},
        {"optimizer": {"a": ADAM, "b": {"optimizer": ADAM, "every": 2}}},
        {"optimizer": {"optimizer": {"optimizer": ADAM, "every": 2}}},
        {"optimizer": ADAM, "scheduler": at("Steps")},
        {"optimizer": ADAM, "scheduler": {"scheduler": at("Steps"), "interval": "step"}},
        {"optimizer": {"a": ADAM}, "scheduler": {"a": at("Steps")}},
        {"optimizer": {"a": ADAM}, "scheduler": {"a": {"scheduler": at("Steps"), "interval": "step"}}},
        {"dataloaders": {"train": at("torch.utils.data.DataLoader", dataset=at("Points"))}},
        {"dataloaders": {"train": [at("Batches"), {"a": at("Counted"), "b": "$[1]"}], "val": None}},
        {"dataloaders": {"train": {"a": at("make"), "b": [at("dataset"), "$[]"]}}},
        {"metrics": {"val": MAE, "test": [at("Own"), at("monai.metrics.DiceMetric")]}},
        {"metrics": {"val": {"group": {"a": MAE, "b": at("torchmetrics.MetricCollection", metrics=[MAE])}}}},
        {"metrics": {"val": {"wrapped": at("torchmetrics.MinMaxMetric", base_metric=MAE), "off": None}}},
        {"inferer": at("monai.inferers.SimpleInferer")},
        {"inferer": at("make", _mode_="callable")},
        {"adapters": {"batch": at("Called"), "val": {"criterion": at("Called")}, "logging": {}}},
        {"_target_": "proj.parts.make", "model": "resnet18", "criterion": 5},
    ],
)
def test_what_serves_passes(system):
    assert told(system=system) == []


@pytest.mark.parametrize(
    "trainer",
    [
        {"callbacks": None, "logger": None},
        {"callbacks": at("Watch"), "logger": True},
        {"callbacks": [at("Watch"), at("make"), at("watch"), "$[]"], "logger": False},
        {"callbacks": at("several"), "logger": [TRACKER, None]},
        {"callbacks": {"a": at("Watch"), "b": None, "c": at("make")}, "logger": {"csv": TRACKER, "wandb": None}},
        {"callbacks": "$[]", "logger": TRACKER},
        {"callbacks": [at("lightning.pytorch.callbacks.Timer")]},
        {"_target_": "proj.parts.make", "callbacks": "any", "logger": "wandb"},
    ],
)
def test_what_a_trainer_takes_passes(trainer):
    assert told(trainer=trainer) == []


NONE = "{} is none"
LOADER, METRIC = "a DataLoader, or another iterable of batches", "a metric of torchmetrics or a cumulative one of MONAI"


@pytest.mark.parametrize(
    ("place", "value", "takes", "but"),
    [
        ("model", at("text"), "a torch.nn.Module", "proj.parts.text returns str"),
        ("criterion", at("points"), "a loss, which can be called", "proj.parts.points returns Points"),
        ("optimizer", at("Net"), "an optimizer of torch", NONE.format("proj.parts.Net")),
        ("optimizer::a", at("Net"), "an optimizer of torch", NONE.format("proj.parts.Net")),
        ("optimizer::a::optimizer", at("Net"), "an optimizer of torch", NONE.format("proj.parts.Net")),
        ("scheduler", at("Nothing"), "a learning rate scheduler", NONE.format("proj.parts.Nothing")),
        ("scheduler::scheduler", at("Nothing"), "a learning rate scheduler", NONE.format("proj.parts.Nothing")),
        ("dataloaders::train", at("Nothing"), LOADER, NONE.format("proj.parts.Nothing")),
        ("dataloaders::train", at("points"), LOADER, "proj.parts.points returns Points"),
        ("dataloaders::train::a", at("Points"), LOADER, NONE.format("proj.parts.Points")),
        ("metrics::val", at("Called"), METRIC, NONE.format("proj.parts.Called")),
        ("metrics::val::a::b", at("torch.nn.MSELoss"), METRIC, NONE.format("torch.nn.MSELoss")),
        ("inferer", at("Nothing"), "something that can be called", NONE.format("proj.parts.Nothing")),
        ("adapters::val::batch", at("Nothing"), "something that can be called", NONE.format("proj.parts.Nothing")),
    ],
)
def test_a_class_that_cannot_serve_is_told(place, value, takes, but):
    first, *keys = place.split("::")
    for key in reversed(keys):
        value = {key: value}
    found = told(system={first: value})
    what = f"'system::{place}' takes {takes}, and {but}"
    assert [(at, what) for at, what, _ in found] == [(f"system::{place}::_target_", what)]


@pytest.mark.parametrize("value", [[at("Points")], {"a": at("Points")}, {"a": [at("Points")]}])
def test_a_dataset_among_loaders_is_told_with_the_loader_to_write(value):
    ((_, _, help),) = told(system={"dataloaders": {"train": value}})
    loader = "{_target_: torch.utils.data.DataLoader, dataset: {_target_: proj.parts.Points}}"
    assert help == f"write '{loader}', and its arguments with it"


@pytest.mark.parametrize(
    ("place", "value", "given", "help"),
    [
        ("model", "proj.parts.Net", "'proj.parts.Net'", "write '_target_: proj.parts.Net'"),
        ("model", 5, "5", "write '_target_: my_project.Model' below it"),
        ("model", {"size": 3}, "a mapping", "write '_target_: my_project.Model' below it"),
        ("model", [at("Net")], "a list", "write '_target_: my_project.Model' below it"),
        ("model", "@vars::name", "'resnet'", "write '_target_: my_project.Model' below it"),
        ("model", "nets/net.yaml", "'nets/net.yaml'", "for the file, write '_base_: {system::model: nets/net.yaml}'"),
        ("criterion", "mse", "'mse'", "write '_target_: torch.nn.MSELoss'"),
        ("criterion", "torch.nn.MSELoss", "'torch.nn.MSELoss'", "write '_target_: torch.nn.MSELoss'"),
        ("criterion", "weight:3e-3", "'weight:3e-3'", "a space belongs after the colon: 'weight: 3e-3'"),
        ("optimizer", "adam", "'adam'", "write '_target_: torch.optim.Adam'"),
        ("optimizer::1", "sgd", "'sgd'", "write '_target_: torch.optim.SGD'"),
        ("scheduler", "cosine", "'cosine'", "write '_target_: torch.optim.lr_scheduler.CosineAnnealingLR'"),
        ("dataloaders::train", "proj.Points", "'proj.Points'", "write '_target_: proj.Points'"),
        ("metrics::val::a", "accuracy", "'accuracy'", "write '_target_: torchmetrics.Accuracy'"),
        ("metrics::val", [MAE, 0.5], "0.5", "write '_target_: torchmetrics.MeanSquaredError', or another of these"),
        ("inferer", "sliding", "'sliding'", "write '_target_: ...' below it"),
        ("adapters::batch", 0, "0", "write '_target_: ...' below it"),
    ],
)
def test_a_plain_value_that_cannot_serve_is_told(place, value, given, help):
    first, *keys = place.split("::")
    for key in reversed(keys):
        value = [ADAM, value] if key == "1" else {key: value}
    source = Config.load(config(system={first: value}).tree, {"vars": {"name": "resnet"}})
    ((where, what, cure),) = [(p.place, p.what, p.help) for p in source.check("fit")]
    assert where == f"system::{place}" + "::1" * (given == "0.5")
    assert what.startswith(f"'{where}' takes ")
    assert (what.endswith(f", not {given}"), cure) == (True, help)


@pytest.mark.parametrize(
    ("trainer", "where", "what", "help"),
    [
        (
            {"callbacks": ["EarlyStopping"]},
            "callbacks::0",
            "a callback of Lightning, not 'EarlyStopping'",
            "write '_target_: pytorch_lightning.callbacks.EarlyStopping'",
        ),
        (
            {"callbacks": {"monitor": "val/loss/epoch", "patience": 3}},
            "callbacks",
            "a callback of Lightning, not a mapping",
            (
                "write a list, each as '- _target_: pytorch_lightning.callbacks.EarlyStopping' with its arguments, "
                "or give each a name of its own, as 'stop: {_target_: ...}'"
            ),
        ),
        (
            {"callbacks": [at("Handler")]},
            "callbacks::0::_target_",
            "a callback of Lightning, and proj.parts.Handler is none",
            "write '_target_: pytorch_lightning.callbacks.EarlyStopping' with its arguments",
        ),
        (
            {"callbacks": [at("Watch", _mode_="callable")]},
            "callbacks::0::_mode_",
            "a callback of Lightning, and '_mode_: callable' gives proj.parts.Watch itself",
            "leave '_mode_' out",
        ),
        ({"logger": "no"}, "logger", "true, false, or a logger of Lightning, not 'no'", "write false"),
        (
            {"logger": "wandb"},
            "logger",
            "true, false, or a logger of Lightning, not 'wandb'",
            "write '_target_: pytorch_lightning.loggers.WandbLogger'",
        ),
        (
            {"logger": [at("Net")]},
            "logger::0::_target_",
            "a logger of Lightning, and proj.parts.Net is none",
            "write '_target_: pytorch_lightning.loggers.CSVLogger' below it",
        ),
        (
            {"logger": {"csv": TRACKER, "mine": at("Net")}},
            "logger::mine::_target_",
            "a logger of Lightning, and proj.parts.Net is none",
            "write '_target_: pytorch_lightning.loggers.CSVLogger' below it",
        ),
        (
            {"logger": {"csv": TRACKER, "wandb": False}},
            "logger::wandb",
            "a logger of Lightning, not False",
            "write '_target_: pytorch_lightning.loggers.CSVLogger' below it",
        ),
    ],
)
def test_what_a_trainer_does_not_take_is_told(trainer, where, what, help):
    place = f"trainer::{where}"
    of = place.removesuffix("::_target_").removesuffix("::_mode_")
    assert told(trainer=trainer) == [(place, f"'{of}' takes {what}", help)]


def test_of_a_component_as_others_write_it_that_is_told_alone():
    ((place, _, _),) = told(system={"model": {"class_path": "proj.parts.Net", "init_args": {"a": 1}}})
    assert place == "system::model::class_path"
    ((place, what, _),) = told(trainer={"callbacks": [{"name": "EarlyStopping"}]})
    assert (place, what) == (
        "trainer::callbacks::0",
        "'trainer::callbacks::0' takes a callback of Lightning, not a mapping",
    )


def test_a_model_without_parameters_cannot_be_trained():
    system = {"model": at("Called"), "criterion": at("torch.nn.MSELoss")}
    ((place, what, _),) = told(system=system)
    assert (place, what.split(",")[0]) == ("system::model::_target_", "proj.parts.Called is not a torch.nn.Module")
    loaders = {"predict": at("make"), "test": at("make")}
    assert told("predict", system={**system, "dataloaders": loaders}) == []
    assert told("test", system={**system, "dataloaders": loaders}) == []


@pytest.mark.parametrize(
    ("system", "trainer", "what"),
    [
        ({"model": "$'net'"}, {}, "'system::model' takes a torch.nn.Module, not 'net'"),
        ({"model": "$dict"}, {}, None),
        ({"criterion": "$3"}, {}, "'system::criterion' takes a loss, which can be called, not 3"),
        ({"dataloaders": {"train": "$[3, []]"}}, {}, f"'system::dataloaders::train::0' takes {LOADER}, not 3"),
        (
            {"metrics": {"val": {"a": "$len"}}},
            {},
            f"'system::metrics::val::a' takes {METRIC}, not <built-in function len>",
        ),
        ({}, {"callbacks": "$['x']"}, "'trainer::callbacks::0' takes a callback of Lightning, not 'x'"),
        ({}, {"callbacks": {"a": None, "b": "$'x'"}}, "'trainer::callbacks::b' takes a callback of Lightning, not 'x'"),
        ({}, {"logger": "$'x'"}, "'trainer::logger' takes true, false, or a logger of Lightning, not 'x'"),
    ],
)
def test_what_an_expression_gives_is_judged_once_it_is_built(system, trainer, what):
    source = config(system=system, trainer=trainer)
    assert source.check("fit") == []
    builder = source.builder(Stage.FIT)
    with source.serving():
        builder.built[("system", "optimizer")] = None
        found = []
        for build in (lambda: builder.bound(("system",)), lambda: builder.bound(("trainer",))):
            try:
                build()
            except ConfigError as error:
                found += error.problems
    assert [problem.what for problem in found] == ([what] if what else [])
    assert all(problem.position is not None for problem in found)
