"""A watched value of which it is certain that nothing logs it is told before anything is built."""

import pytest

from lighter.config import Config

PARTS = """
import pytorch_lightning as pl
from torch import nn
class Net(nn.Module):
    def forward(self, x): return x
class Logs(pl.LightningModule): ...
class Watch(pl.Callback): ...
def make(*args, **kwargs): return None
"""
MAKE = {"_target_": "proj.parts.make"}
STOP = {"_target_": "pytorch_lightning.callbacks.EarlyStopping", "monitor": "val/los/epoch"}
PLACE = "trainer::callbacks::0::monitor"
LOADERS = {"train": MAKE, "val": MAKE}
METRICS = {"val": {"accuracy": MAKE, "f1": MAKE}}


@pytest.fixture(autouse=True)
def parts(write):
    write("proj/parts.py", PARTS)


NEAR = "did you mean 'train/loss/epoch'?"


def config(monitor="val/los/epoch", callbacks=None, trainer=None, **system):
    parts = {"model": {"_target_": "proj.parts.Net"}, "criterion": None, "optimizer": None, "dataloaders": LOADERS}
    callbacks = callbacks if callbacks is not None else [{**STOP, "monitor": monitor}]
    return {
        "project": "proj",
        "trainer": {"callbacks": callbacks, **(trainer or {})},
        "system": {**parts, "metrics": METRICS, **system},
    }


def told(*given, **more):
    return [(p.place, p.what, p.help) for p in Config.load(config(*given, **more)).check_calls("fit")]


@pytest.mark.parametrize(
    ("monitor", "near"),
    [
        ("val/los/epoch", "val/loss/epoch"),
        ("val/loss", "val/loss/epoch"),
        ("val/loss/step", "val/loss/epoch"),
        ("train/loss", "train/loss/epoch"),
        ("val/metrics/acuracy/epoch", "val/metrics/accuracy/epoch"),
        ("val/accuracy/epoch", "val/metrics/accuracy/epoch"),
        ("val_loss", "val/loss/epoch"),
        ("train_loss_epoch", "train/loss/epoch"),
        ("val/loss/total/epoch", "val/loss/epoch"),
    ],
)
def test_what_nothing_logs_is_told_with_the_nearest(monitor, near):
    assert told(monitor) == [(PLACE, f"nothing is logged as '{monitor}'", f"did you mean '{near}'?")]


def test_callbacks_by_name_are_looked_at_by_their_place():
    ((place, what, _),) = told(callbacks={"none": None, "stop": STOP})
    assert (place, what) == ("trainer::callbacks::stop::monitor", "nothing is logged as 'val/los/epoch'")
    assert told(callbacks={"stop": STOP, "mine": {"_target_": "proj.parts.Watch"}}) == []


def test_without_a_near_name_all_are_listed():
    names = "train/loss/epoch, val/loss/epoch, val/metrics/accuracy/epoch, val/metrics/f1/epoch"
    assert told("val/x")[0][2] == f"logged are {names}"


@pytest.mark.parametrize(
    "monitor",
    [
        "val/loss/epoch",
        "val/loss/dice/epoch",
        "val/second/loss/epoch",
        "train/loss/step",
        "val/metrics/f1/epoch",
        "val/metrics/f1/0/epoch",
        "val/metrics/f1_macro/epoch",
        "val/second/metrics/f1/epoch",
        "train/lr",
        "train/momentum/head",
        "@vars::monitor",
    ],
)
def test_what_may_be_logged_is_not(monitor):
    assert not [what for _, what, _ in told(monitor) if "logged" in what]


@pytest.mark.parametrize("metrics", [MAKE, {"val": MAKE}, {"val": [MAKE]}])
def test_names_of_metrics_that_the_config_does_not_give_are_not(metrics):
    assert told("val/metrics/any/epoch", metrics=metrics) == []


def test_a_metric_of_a_group():
    metrics = {"val": {"size": {"mse": MAKE}}}
    assert told("val/metrics/size/mse/epoch", metrics=metrics) == []
    assert told("val/metrics/size/mes/epoch", metrics=metrics)[0][2] == "did you mean 'val/metrics/size/mse/epoch'?"


def test_of_metrics_that_are_not_there_it_is_told():
    assert told("val/metrics/accuracy/epoch", metrics=None)[0][1] == "nothing is logged as 'val/metrics/accuracy/epoch'"


@pytest.mark.parametrize(
    "more",
    [
        {"callbacks": [STOP, {"_target_": "proj.parts.Watch"}]},
        {"callbacks": [STOP, "$print"]},
        {"callbacks": MAKE},
        {"model": {"_target_": "proj.parts.Logs"}},
        {"trainer": {"_target_": "proj.parts.make"}},
        {"_target_": "proj.parts.make"},
    ],
)
def test_where_other_code_may_log_nothing_is_told(more):
    assert not [what for _, what, _ in told(**more) if "logged" in what]


@pytest.mark.parametrize("monitor", ["loss", "lr", "epoch", "test/loss/epoch", "lr-SGD"])
def test_what_is_named_otherwise_is_told_too(monitor):
    assert told(monitor)[0][1] == f"nothing is logged as '{monitor}'"


def test_a_loss_of_torchs_has_no_parts():
    mse = {"_target_": "torch.nn.MSELoss"}
    assert told("val/loss/dice/epoch", criterion=mse)[0][2] == "did you mean 'val/loss/epoch'?"
    assert told("val/loss/epoch", criterion=mse) == []


def test_without_validation_data_nothing_of_it_is_logged():
    optimizer = {"_target_": "torch.optim.SGD", "lr": 0.1}
    assert told("val/loss/epoch", optimizer=optimizer) == []
    assert told("val/loss/epoch", optimizer=optimizer, dataloaders={"train": MAKE})[0][2] == NEAR


@pytest.mark.parametrize("monitor", ["epoch", "step"])
def test_a_checkpoint_may_go_by_the_count(monitor):
    assert told(callbacks=[{"_target_": "pytorch_lightning.callbacks.ModelCheckpoint", "monitor": monitor}]) == []


def test_a_rate_by_the_name_that_a_callback_gives_it():
    rates = {"_target_": "pytorch_lightning.callbacks.LearningRateMonitor"}
    assert told(callbacks=[{**STOP, "monitor": "lr-SGD"}, rates]) == []
    assert told(callbacks=[{**STOP, "monitor": "val/los/epoch"}, rates])[0][0] == PLACE


def test_a_monitor_without_its_name():
    stop = {"_target_": "pytorch_lightning.callbacks.EarlyStopping", "_args_": ["val_loss"]}
    assert told(callbacks=[stop])[0][0] == "trainer::callbacks::0::_args_::0"


def test_a_monitor_that_is_referred_to():
    source = Config.load({"vars": {"monitor": "val_loss"}}, config("@vars::monitor"))
    assert [problem.place for problem in source.check_calls("fit")] == [PLACE]


def test_schedulers_by_name_are_looked_at_too():
    one = {"scheduler": MAKE, "monitor": "val_loss"}
    optimizer = {"a": {"_target_": "torch.optim.SGD", "lr": 0.1}}
    assert told(callbacks=[], optimizer=optimizer, scheduler={"a": one})[0][0] == "system::scheduler::a::monitor"


def test_a_schedulers_mapping_is_looked_at_too():
    scheduler = {"scheduler": MAKE, "monitor": "val/lss/epoch"}
    assert told(callbacks=[], scheduler=scheduler)[0][0] == "system::scheduler::monitor"
    data = {"dataloaders": None, "scheduler": scheduler}
    assert told(callbacks=[], **data)[0][2] == "did you mean 'val/loss/epoch'?"
