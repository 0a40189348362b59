"""What a Trainer is to run on."""

import pytest
from pytorch_lightning.accelerators import AcceleratorRegistry

from lighter import Runner
from lighter.config import Config
from lighter.config.checks.devices import device_problems
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


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("fp16", "16-mixed"),
        ("half", "16-mixed"),
        ("bfloat16", "bf16-mixed"),
        ("FP32", "32-true"),
        ("double", "64-true"),
    ],
)
def test_a_precision_as_others_call_it(written, meant):
    help = f"did you mean '{meant}'?"
    assert told(precision=written) == [("trainer::precision", f"there is no precision '{written}'", help)]
    assert told(precision=meant) == []


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


@pytest.mark.parametrize(
    ("trainer", "tasks", "job", "is_told"),
    [
        ({"devices": 4}, "1", "train", True),
        ({"devices": 2, "num_nodes": 2}, "2", "train", True),
        ({"accelerator": "cpu"}, "2", "train", True),
        ({"devices": 2, "num_nodes": 2}, "4", "train", False),
        ({"accelerator": "cpu"}, "1", "train", False),
        ({"devices": 4}, "1", "bash", False),  # an interactive job, in which Lightning starts the processes itself
        ({"devices": "auto"}, "4", "train", False),  # which only the node knows
        (
            {"devices": 4, "plugins": [{"_target_": "lightning_fabric.plugins.environments.LightningEnvironment"}]},
            "1",
            "train",
            False,
        ),
    ],
)
def test_the_tasks_that_slurm_has_started_are_held_against_the_trainer(trainer, tasks, job, is_told, monkeypatch):
    monkeypatch.setenv("SLURM_NTASKS", tasks)
    monkeypatch.setenv("SLURM_JOB_NAME", job)
    trainer = {"_target_": "pytorch_lightning.Trainer", **trainer}
    config = Config.load(
        {"system": {"_target_": "pytorch_lightning.demos.boring_classes.BoringModel"}, "trainer": trainer}
    )
    found = [problem.what for problem in device_problems(config.plan("fit"), is_here=True)]
    assert [what.startswith(f"SLURM has started {tasks} task") for what in found] == [True] * is_told
    assert [*device_problems(config.plan("fit"))] == []  # elsewhere that is as it will be
