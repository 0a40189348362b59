"""Arguments that a stage's method of the Trainer does not take."""

import pytest

from lighter.config import Config

TRAINERS = """
import pytorch_lightning as pl
class Loose(pl.Trainer):
    def fit(self, model, **arguments): ...
def make(): ...
"""


def told(stage="fit", trainer="pytorch_lightning.Trainer", **arguments):
    package = "lightning.pytorch" if trainer.startswith("lightning.") else "pytorch_lightning"
    config = {
        "project": "proj",
        "trainer": {"_target_": trainer},
        "system": {"_target_": f"{package}.demos.boring_classes.BoringModel"},
        "args": {stage: arguments},
    }
    return [(p.place, p.what, p.help) for p in Config.load(config).check(stage)]


@pytest.fixture(autouse=True)
def trainers(write):
    write("proj/own.py", TRAINERS)


@pytest.mark.parametrize(
    ("stage", "arguments"),
    [
        ("fit", {"ckpt_path": None}),
        ("fit", {"weights_only": False, "train_dataloaders": "$[]"}),
        ("predict", {"return_predictions": True}),
        ("test", {"verbose": False, "dataloaders": "$[]"}),
    ],
)
def test_what_it_takes(stage, arguments):
    assert told(stage, **arguments) == []


@pytest.mark.parametrize("package", ["pytorch_lightning", "lightning.pytorch"])
def test_what_it_does_not_take_is_told(package):
    trainer = f"{package}.Trainer"
    assert told(trainer=trainer, ckpt_pth="x") == [
        ("args::fit::ckpt_pth", f"{trainer}.fit takes no argument 'ckpt_pth'", "did you mean 'ckpt_path'?")
    ]


def test_what_the_run_gives_is_told():
    assert told("test", datamodule=None, model=None) == [
        ("args::test::datamodule", "the run itself gives 'datamodule' to 'test'", "write it as 'data'"),
        ("args::test::model", "the run itself gives 'model' to 'test'", "write it as 'system'"),
    ]


@pytest.mark.parametrize("trainer", ["proj.own.Loose", "proj.own.make"])
def test_of_a_method_that_may_take_any_nothing_is_told(trainer):
    assert [what for _, what, _ in told(trainer=trainer, any=1) if "takes no argument" in what] == []


@pytest.mark.parametrize(
    ("stage", "key", "value"),
    [("fit", "ckpt_path", 5), ("test", "ckpt_path", [1]), ("predict", "return_predictions", "x")],
)
def test_what_cannot_be_the_value_of_an_argument_is_told(stage, key, value):
    ((place, what, _),) = told(stage, **{key: value})
    assert place == f"args::{stage}::{key}"
    assert what.startswith(f"pytorch_lightning.Trainer.{stage} takes ")
    assert what.endswith(f" for '{key}', not {value!r}")
