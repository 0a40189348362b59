"""What a run needs and its config lacks, and what stands where nothing may."""

import copy

import pytest

from lighter.config import Config
from lighter.config.checks.requirements import of_stage, project_problems, requirements, structural
from lighter.config.loading import load_file, load_mapping
from lighter.training.stages import Stage

CALL = {"_target_": "x.Y"}
WHOLE = {
    "project": ".",
    "seed": 1,
    "vars": {"anything": 1},
    "system": {
        "model": CALL,
        "criterion": CALL,
        "optimizer": CALL,
        "dataloaders": {"train": CALL, "val": CALL, "test": CALL, "predict": CALL},
        "metrics": {"val": CALL},
        "adapters": {"batch": {"input": 0}, "train": {"criterion": {}}},
    },
    "trainer": {"max_epochs": 1},
    "args": {"fit": {"ckpt_path": None}},
    "run": {"dir": "runs/x", "every_n_train_steps": 5, "every_n_minutes": 0.5},
}


def told(config, stage=None):
    return [(problem.what, problem.place, problem.help) for problem in requirements(load_mapping(config), stage)]


def changed(place, value):
    config = copy.deepcopy(WHOLE)
    *above, last = place.split("::")
    inside = config
    for key in above:
        inside = inside[key]
    inside[last] = value
    return config


@pytest.mark.parametrize("stage", [None, *Stage])
def test_nothing_is_wrong(stage):
    assert told(WHOLE, stage) == []


@pytest.mark.parametrize(
    ("stage", "lacks"),
    [
        (Stage.FIT, ["model", "dataloaders::train", "criterion", "optimizer"]),
        (Stage.VALIDATE, ["model", "dataloaders::val"]),
        (Stage.TEST, ["model", "dataloaders::test"]),
        (Stage.PREDICT, ["model", "dataloaders::predict"]),
    ],
)
def test_what_a_stage_lacks(stage, lacks):
    found = told({"system": {"model": None}}, stage)
    assert [what for what, _, _ in found] == [f"'{stage}' needs 'system::{key}'" for key in lacks]
    mode = lacks[1].removeprefix("dataloaders::")
    assert found[0][2] == "write 'model: ...' below 'system'"
    assert found[1][2] == f"write 'dataloaders: {{{mode}: ...}}' below 'system', or 'data' with a LightningDataModule"


@pytest.mark.parametrize(
    ("known", "written", "what"),
    [
        ("optimizer", "optimzer", "'fit' needs 'system::optimizer'"),
        ("dataloaders", "dataloader", "'fit' needs 'system::dataloaders::train'"),
    ],
)
def test_what_a_stage_lacks_is_told_once_at_the_key_that_was_meant_for_it(known, written, what):
    config = copy.deepcopy(WHOLE)
    config["system"][written] = config["system"].pop(known)
    place = f"system::{written}"
    assert told(config, Stage.FIT) == [(what, place, f"did you mean '{known}' by '{written}'?")]
    assert [(one.what, one.place) for one in Config(config).check(Stage.FIT) if one.place.startswith(place)] == [
        (what, place)
    ]


def test_of_loaders_a_misspelt_mode_is_told_alone():
    config = copy.deepcopy(WHOLE)
    config["system"]["dataloaders"]["trian"] = config["system"]["dataloaders"].pop("train")
    assert [what for what, _, _ in told(config, Stage.FIT)] == ["'system::dataloaders' holds no 'trian'"]


def test_what_is_lacking_is_told_where_it_belongs(write):
    tree = load_file(write("a.yaml", "system:\n  model: $1\n  dataloaders:\n    val: $1\n"))
    (problem,) = requirements(tree, Stage.TEST)
    assert (problem.position.line, problem.help) == (
        3,
        "write 'test: ...' below 'system::dataloaders', or 'data' with a LightningDataModule",
    )


@pytest.mark.parametrize(
    "config",
    [
        {"system": {"model": CALL, "criterion": CALL, "optimizer": CALL}, "data": CALL},
        {"system": {"model": CALL, "criterion": CALL, "optimizer": CALL, "dataloaders": "@vars::loaders"}},
        {"system": {"model": CALL, "criterion": CALL, "optimizer": CALL, "dataloaders": CALL}},
        {"system": {"_target_": "my.Module"}},
        {"system": "@vars::system"},
        {"system": "$make()"},
    ],
)
def test_what_cannot_be_seen_is_not_missed(config):
    assert told(config, Stage.FIT) == []


@pytest.mark.parametrize(
    ("place", "value", "what", "help"),
    [
        ("sytem", {}, "'sytem' is no top-level key", "did you mean 'system'?"),
        ("model", 1, "'model' is no top-level key", "did you mean 'system::model'?"),
        ("max_epochs", 1, "'max_epochs' is no top-level key", "did you mean 'trainer::max_epochs'?"),
        (
            "run_dir",
            "x",
            "'run_dir' is no top-level key",
            "write '--run_dir=...' on the command line, or 'run::dir' in a config",
        ),
        ("resume", "last", "'resume' is no top-level key", "it is a flag of the command line: write '--resume=...'"),
        ("quux", 1, "'quux' is no top-level key", "put values of your own under 'vars'"),
        ("plugins", 1, "'plugins' takes a mapping", "write 'plugins: {names: [my_project.plugins]}'"),
        ("seed", -1, "'seed' takes a whole number from 0 to 2**32 - 1", "write 'seed: 42'"),
        ("seed", 2**32, "'seed' takes a whole number from 0 to 2**32 - 1", "write 'seed: 42'"),
        ("seed", True, "'seed' takes a whole number from 0 to 2**32 - 1", "write 'seed: 42'"),
        ("seed", "@vars::seed", "'seed' takes a whole number from 0 to 2**32 - 1", "write 'seed: 42'"),
        ("run::dirs", "x", "'run' holds no 'dirs'", "did you mean 'dir'?"),
        (
            "run::every_n_train_steps",
            0,
            "'run::every_n_train_steps' takes a whole number above 0, or null for never",
            "write 'run::every_n_train_steps: 30'",
        ),
        (
            "run::every_n_train_steps",
            1.5,
            "'run::every_n_train_steps' takes a whole number above 0, or null for never",
            "write 'run::every_n_train_steps: 30'",
        ),
        (
            "run::every_n_minutes",
            True,
            "'run::every_n_minutes' takes a number above 0, or null for never",
            "write 'run::every_n_minutes: 30'",
        ),
        (
            "run::every_n_minutes",
            [5],
            "'run::every_n_minutes' takes a number above 0, or null for never",
            "write 'run::every_n_minutes: 30'",
        ),
        ("run::dir", 5, "'run::dir' takes the path of a folder", "write 'run::dir: path/to/folder'"),
        ("run", 5, "'run' takes a mapping", "it may hold dir, every_n_train_steps, every_n_minutes, on_nan"),
        ("args::ft", {}, "'args' holds no 'ft'", "did you mean 'fit'?"),
        ("args", [1], "'args' takes a mapping", "it may hold fit, validate, test, predict"),
        ("args::test", 5, "'args::test' takes a mapping", "write arguments of the Trainer's 'test' below it"),
        ("trainer", 5, "'trainer' takes a mapping", "write 'max_epochs: ...' below it"),
        ("trainer", "@vars::trainer", "'trainer' takes a mapping", "write '%vars::trainer' to copy that piece"),
        ("system", None, "'system' takes a mapping", "write 'system:' and 'model:' below it"),
        ("system", [1], "'system' takes a mapping", "write 'system:' and 'model:' below it"),
        ("system::dataloaders::trian", CALL, "'system::dataloaders' holds no 'trian'", "did you mean 'train'?"),
        (
            "system::dataloaders",
            [CALL],
            "'system::dataloaders' takes a mapping",
            "it may hold train, val, test, predict",
        ),
        ("system::metrics::valid", CALL, "'system::metrics' holds no 'valid'", "did you mean 'val'?"),
        ("system::adapters::crit", {}, "'system::adapters' holds no 'crit'", "did you mean 'criterion'?"),
        ("system::adapters::train::bach", {}, "'system::adapters::train' holds no 'bach'", "did you mean 'batch'?"),
        ("data", CALL, "'data' and 'system::dataloaders' both give data", "keep one of the two"),
        ("project", 5, "'project' takes the path of a folder", "write 'project: path/to/folder'"),
        ("project", "@x", "'project' takes the path of a folder", "write 'project: path/to/folder'"),
    ],
)
def test_what_is_wrong(place, value, what, help):
    assert told(changed(place, value)) == [(what, place if place != "system" else "system", help)]


def test_data_that_is_no_module():
    config = {"system": {"model": CALL}}
    for data in ({"batch_size": 1}, [1], "text"):
        assert [what for what, _, _ in told(config | {"data": data})] == ["'data' takes a LightningDataModule"]
    assert told(config | {"data": None}) == []


def test_a_config_without_system():
    assert told({})[0][0] == "the config has no 'system'"


def test_null_is_as_good_as_nothing():
    assert (
        told({"system": {"model": CALL}, "seed": None, "trainer": None, "args": None, "run": None, "project": None})
        == []
    )


@pytest.mark.parametrize(
    ("project", "what", "help"),
    [
        ("my_projct", "there is no folder 'my_projct'", "did you mean 'my_project'?"),
        ("qqq", "there is no folder 'qqq'", "'configs' holds my_project, other"),
        (
            "../config/other",
            "there is no folder '../config/other'",
            "there is no 'config' either; the path starts from the folder of its file",
        ),
        ("../configs/othr", "there is no folder '../configs/othr'", "did you mean '../configs/other'?"),
        (
            "a/b",
            "there is no folder 'a/b'",
            "there is no 'configs/a' either; the path starts from the folder of its file",
        ),
        ("../file.py", "'../file.py' is no folder", "name the folder that holds the code"),
        ("x" * 300, "there is no folder '" + "x" * 300 + "'", "'configs' holds my_project, other"),
        ('"a\\0b"', "there is no folder 'a\0b'", "'configs' holds my_project, other"),
    ],
)
def test_a_project_that_is_not_there(write, project, what, help):
    write("configs/my_project/a.py", "")
    write("configs/other/a.py", "")
    write("file.py", "")
    tree = load_file(write("configs/a.yaml", f"project: {project}"))
    (problem,) = project_problems(tree)
    assert (problem.what, problem.help) == (what, help)
    assert problem.position.line == 1


def test_a_project_is_found_from_its_file(write):
    write("code/a.py", "")
    assert project_problems(load_file(write("configs/a.yaml", "project: ../code"))) == []


def what(mapping, stage=None):
    return [problem.what for problem in structural(load_mapping(mapping), stage)]


def test_a_plain_mapping_needs_nothing_of_a_run():
    assert what({"anything": 1}) == []
    assert what({"anything": 1}, Stage.FIT) == ["'anything' is no top-level key", "the config has no 'system'"]


def test_what_no_stage_uses_is_looked_at_too():
    system = {"model": {"_target_": "m"}, "dataloaders": {"test": {"_target_": "d"}}}
    metrics = {"test": "@no::such", "val": "@nothing"}
    mistakes = ["there is no 'no::such'", "there is no 'nothing'"]
    assert what({"system": {**system, "metrics": metrics}}) == mistakes
    assert what({"system": {**system, "metrics": metrics}}, Stage.TEST) == mistakes


def test_the_project_is_looked_for_in_any_config():
    assert what({"project": "no/such"}) == ["there is no folder 'no/such'"]


def test_a_stage_knows_the_targets_that_are_not_written():
    tree = load_mapping({"system": {}})
    assert of_stage(tree, None) is tree
    assert list(of_stage(tree, Stage.FIT).entries) == ["system", "trainer"]


def test_nothing_is_imported(write):
    write("bad.py", "raise AssertionError('this is not to be imported')")
    assert what({"a": {"_target_": "bad.Thing"}, "b": "$import bad"}) == []
