"""What a run's config may hold, and what of it a stage uses."""

import pytest

import lighter
from lighter.config.dumping import plain
from lighter.config.loading import load_mapping
from lighter.config.schema import (
    ADAPTER_PARTS,
    SYSTEM_TARGET,
    TRAINER_TARGET,
    is_system,
    means,
    scope,
    stage_named,
    takes_new_key,
    with_defaults,
)
from lighter.config.tree import find, is_nothing
from lighter.errors import UsageError
from lighter.project.locating import locate
from lighter.training.stages import Stage

ADAM = {"_target_": "torch.optim.Adam"}
CONFIG = {
    "system": {
        "model": 1,
        "criterion": 1,
        "optimizer": ADAM,
        "scheduler": {"_target_": "x.Y"},
        "dataloaders": {"train": 1, "val": 1, "test": 1, "predict": 1},
        "metrics": {"train": 1, "val": 1, "test": 1},
        "adapters": {"train": {"batch": {}}, "test": {}, "criterion": {"pred": 0}},
    },
    "trainer": {},
    "args": {"fit": {}, "test": {}},
    "vars": {},
}


@pytest.mark.parametrize(
    ("stage", "modes"),
    [
        (Stage.FIT, {"dataloaders": "test predict", "metrics": "test", "adapters": "test"}),
        (Stage.VALIDATE, {"dataloaders": "train test predict", "metrics": "train test", "adapters": "train test"}),
        (Stage.TEST, {"dataloaders": "train val predict", "metrics": "train val", "adapters": "train"}),
        (Stage.PREDICT, {"dataloaders": "train val test", "metrics": "train val test", "adapters": "train test"}),
    ],
)
def test_a_stage_leaves_out_the_modes_it_does_not_run(stage, modes):
    skipped = scope(load_mapping(CONFIG), stage).skipped
    left_out = {("system", part, mode) for part, named in modes.items() for mode in named.split()}
    assert {place for place in skipped if len(place) == 3} == left_out


@pytest.mark.parametrize(
    ("stage", "parts"),
    [
        (Stage.FIT, set()),
        (Stage.VALIDATE, {"optimizer", "scheduler"}),
        (Stage.TEST, {"optimizer", "scheduler"}),
        (Stage.PREDICT, {"criterion", "optimizer", "scheduler"}),
    ],
)
def test_a_stage_leaves_out_the_parts_it_has_no_use_for(stage, parts):
    skipped = scope(load_mapping(CONFIG), stage).skipped
    assert {place[1] for place in skipped if len(place) == 2} == parts


def test_a_stage_builds_its_own_arguments():
    tree = load_mapping(CONFIG)
    assert scope(tree, Stage.TEST).roots == (("system",), ("trainer",), ("args", "test"))
    assert scope(tree, Stage.PREDICT).roots == (("system",), ("trainer",))
    assert scope(tree, None).roots == (("system",), ("trainer",), ("args",))


@pytest.mark.parametrize(
    ("optimizer", "is_later"),
    [
        (ADAM, True),
        ("$make()", True),
        (None, False),
        ({**ADAM, "_mode_": "callable"}, False),
        ([{**ADAM, "_mode_": "callable"}, ADAM], True),
    ],
)
def test_what_is_made_later(optimizer, is_later):
    tree = load_mapping({"system": {"optimizer": optimizer}})
    assert (("system", "optimizer") in scope(tree, Stage.FIT).later) is is_later


def test_optimizers_by_name_are_for_training_alone():
    tree = load_mapping({"system": {"optimizer": {"a": ADAM, "b": ADAM}}})
    assert scope(tree, Stage.FIT).later == {("system", "optimizer", "a"), ("system", "optimizer", "b")}
    assert scope(tree, Stage.TEST).later == frozenset()


@pytest.mark.parametrize(
    ("system", "is_one"),
    [
        ({}, True),
        ({"_target_": "lighter.System"}, True),
        ({"_target_": "lighter.system.System"}, True),
        ({"_target_": "lighter.training.system.System"}, True),
        ({"_target_": "my.Module"}, False),
        ({"_target_": "my.Module", "dataloaders": {"train": 1}}, True),
        ({"_target_": "my.Module", "dataloaders": {"_target_": "x.Y", "train": 1}}, False),
        ("@other", False),
        (None, False),
    ],
)
def test_what_is_a_system(system, is_one):
    tree = load_mapping({"system": system})
    assert is_system(tree) is is_one
    assert scope(tree, Stage.TEST).skipped == frozenset() or is_one
    assert scope(load_mapping({"system": {"_target_": "my.Module", "optimizer": 1}}), Stage.FIT).later == frozenset()


@pytest.mark.parametrize("promised", [SYSTEM_TARGET, *ADAPTER_PARTS.values()])
def test_older_names_mean_the_promised_one(promised):
    name = promised.rpartition(".")[2]
    names = [f"lighter.{module}.{name}" for module in (*lighter._FORMER, *lighter._FORMER.values())]
    assert sum(means(one, promised) for one in names) == 2
    assert {locate(one) for one in [promised, *names] if means(one, promised)} == {locate(promised)}
    assert not means(f"my.{name}", promised)


def test_left_out_targets_are_written_in():
    tree = plain(with_defaults(load_mapping(CONFIG)))
    assert tree["trainer"] == {"_target_": TRAINER_TARGET}
    assert tree["system"]["_target_"] == "lighter.System"
    adapters = tree["system"]["adapters"]
    assert adapters["train"]["batch"] == {"_target_": "lighter.BatchAdapter"}
    assert adapters["criterion"] == {"_target_": "lighter.CriterionAdapter", "pred": 0}
    assert adapters["test"] == {}


def test_parameters_are_grouped_without_a_target():
    tree = plain(with_defaults(load_mapping({"system": {"optimizer": [{**ADAM, "params": "model.head"}]}})))
    (adam,) = tree["system"]["optimizer"]
    assert adam["params"] == {"_target_": "lighter.training.optimizers.parameter_groups.grouped", "names": "model.head"}


@pytest.mark.parametrize(("key", "takes"), [("every", True), ("evry", False)])
def test_an_override_may_add_what_stands_beside_an_optimizer(key, takes):
    tree = load_mapping({"system": {"optimizer": {"a": {"optimizer": ADAM}}}})
    path = ("system", "optimizer", "a")
    assert takes_new_key(path, find(tree, path), key) is takes


@pytest.mark.parametrize("config", [{}, {"trainer": None}])
def test_there_is_always_a_trainer(config):
    assert plain(with_defaults(load_mapping(config))) == {"trainer": {"_target_": TRAINER_TARGET}}


def test_written_targets_stay():
    config = {"trainer": {"_target_": "my.Trainer"}, "system": {"_target_": "my.Module", "adapters": {"batch": {}}}}
    assert plain(with_defaults(load_mapping(config))) == config


@pytest.mark.parametrize(
    ("place", "key", "takes"),
    [
        ("", "x", True),
        ("vars", "x", True),
        ("args::fit", "x", True),
        ("trainer", "x", True),
        ("system", "x", True),
        ("system::optimizer", "lr", True),
        ("system::dataloaders", "val", True),
        ("system::dataloaders", "x", False),
        ("system::metrics", "val", True),
        ("system::metrics::val", "x", False),
        ("system::adapters", "x", True),
        ("system::adapters::criterion", "x", True),
        ("system::adapters::train::batch", "x", True),
        ("other", "x", False),
    ],
)
def test_where_a_new_key_may_stand(place, key, takes):
    config = {**CONFIG, "other": {}, "system": {**CONFIG["system"], "metrics": {"val": {}}}}
    path = tuple(place.split("::")) if place else ()
    assert takes_new_key(path, find(load_mapping(config), path), key) is takes


def test_nothing_is_absent_or_null():
    tree = load_mapping({"a": None, "b": 0})
    assert [is_nothing(tree.get(key)) for key in "abc"] == [True, False, True]


def test_a_stage_is_named():
    assert stage_named("fit") is Stage.FIT
    with pytest.raises(UsageError, match="did you mean 'validate'"):
        stage_named("validat")
