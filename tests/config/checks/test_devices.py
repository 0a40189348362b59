"""What a Trainer is to run on."""

import pytest
from pytorch_lightning.accelerators import AcceleratorRegistry

from lighter import Runner
from lighter.config import Config
from lighter.errors import ConfigError


def told(package="pytorch_lightning", **trainer):
    trainer = {"_target_": f"{package}.Trainer", **trainer}
    config = {"system": {"_target_": f"{package}.demos.boring_classes.BoringModel"}, "trainer": trainer}
    return [(problem.place, problem.what, problem.help) for problem in Config.load(config).check("fit")]


@pytest.mark.parametrize("package", ["pytorch_lightning", "lightning.pytorch"])
def test_what_lightning_does_not_know(package):
    found = told(package, strategy="dpp", accelerator="gpus", devices=0)
    assert found == [
        ("trainer::accelerator", "there is no accelerator 'gpus'", "did you mean 'gpu'?"),
        ("trainer::strategy", "there is no strategy 'dpp'", "did you mean 'ddp'?"),
        ("trainer::devices", "the trainer is given no device", "write 'devices: 1', or leave it out"),
    ]


def test_what_may_run():
    assert told() == []
    assert told(strategy="DDP", accelerator="gpu", devices=4) == []
    assert told(strategy="$'dpp'", devices="auto") == []


def test_what_this_machine_lacks_is_told_where_it_is_to_run():
    absent = next(name for name in AcceleratorRegistry if not AcceleratorRegistry[name]["accelerator"].is_available())
    assert told(accelerator=absent) == []
    config = {"system": {"_target_": "pytorch_lightning.demos.boring_classes.BoringModel"}}
    with pytest.raises(ConfigError, match=f"this machine has no '{absent}'"):
        Runner(config | {"trainer": {"accelerator": absent}}).fit()
