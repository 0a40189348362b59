"""A run whose system is a plugin model: what it lacks, and what of it a stage builds."""

import copy

import pytest

from lighter.config.checks.all_stages import survey
from lighter.config.config import Config
from lighter.config.dumping import plain
from lighter.config.loading import load_mapping
from lighter.config.plugin_schema import (
    has_plugin_data,
    is_plugin_system,
    plugin_system_problems,
    skipped_of_plugins,
    takes_new_part,
    with_plugins,
    without_effect,
)
from lighter.config.schema import scope, with_defaults
from lighter.config.tree import Mapping
from lighter.training.stages import Stage

CALL = {"_target_": "data_access/x"}
WHOLE = {
    "system": {
        "_target_": "lighter.plugins.PluginSystem",
        "model": {"_target_": "instantiate/a.B", "size": 1},
        "fit": {"epochs": 2},
        "data": {"train": CALL, "val": CALL, "test": CALL, "predict": CALL},
        "metrics": {"val": {}, "test": {}},
        "adapters": {"batch": {"input": 0}},
    }
}


def changed(place, value):
    config = copy.deepcopy(WHOLE)
    inside, (*above, last) = config["system"], place.split("::")
    for key in above:
        inside = inside[key]
    inside[last] = value
    return load_mapping(config)


def told(tree, stage=None):
    return [(problem.what, problem.help) for problem in plugin_system_problems(tree, stage)]


@pytest.mark.parametrize("stage", [None, *Stage])
def test_nothing_is_wrong(stage):
    assert is_plugin_system(load_mapping(WHOLE))
    assert told(load_mapping(WHOLE), stage) == []


def test_a_system_of_another_kind_is_none():
    assert not any(map(is_plugin_system, map(load_mapping, ({}, {"system": 1}, {"system": {"model": CALL}}))))


@pytest.mark.parametrize(
    ("place", "value", "what", "help"),
    [
        (
            "model",
            None,
            "'system::model' is to name a plugin's model type",
            "write '_target_: instantiate/my_project.SVC'",
        ),
        ("model", {"_target_": "sklearn.svm.SVC"}, "'system::model' is to name a plugin's model type", "write"),
        ("data", {"tain": CALL}, "'system::data' holds no 'tain'", "did you mean 'train'?"),
        ("metrics::vla", {}, "'system::metrics' holds no 'vla'", "did you mean 'val'?"),
        ("adapters::criterion", {}, "'system::adapters' holds no 'criterion'", "it may hold batch, fit, metrics"),
        ("fit", 3, "'system::fit' takes a mapping", "write arguments of its 'fit' below it"),
    ],
)
def test_what_is_wrong_is_told(place, value, what, help):
    ((found, cure),) = told(changed(place, value))
    assert found == what
    assert cure.startswith(help)


@pytest.mark.parametrize(
    ("stage", "mode"), [("fit", "train"), ("validate", "val"), ("test", "test"), ("predict", "predict")]
)
def test_what_a_stage_lacks_is_told(stage, mode):
    expected = (
        f"'{stage}' needs 'system::data::{mode}'",
        f"write '{mode}: {{_target_: data_access/...}}' below 'system::data'",
    )
    assert told(changed(f"data::{mode}", None), Stage(stage)) == [expected]
    whole = f"write 'data: {{{mode}: {{_target_: data_access/...}}}}' below 'system'"
    assert told(changed("data", None), Stage(stage)) == [(expected[0], whole)]
    assert not has_plugin_data(changed(f"data::{mode}", None), Stage(stage))
    assert told(changed("data", {"_target_": "some.data"}), Stage(stage)) == []


@pytest.mark.parametrize(
    ("stage", "places"),
    [
        ("fit", {"data::test", "data::predict", "metrics::test", "metrics::predict", "writers"}),
        ("test", {"data::train", "data::val", "data::predict", "metrics::train", "metrics::val", "metrics::predict"}),
    ],
)
def test_a_stage_skips_what_it_does_not_use(stage, places):
    found = skipped_of_plugins(load_mapping(WHOLE), Stage(stage))
    assert {"::".join(place[1:]) for place in found} == places


def test_val_data_that_nothing_measures_is_skipped():
    assert ("system", "data", "val") in set(skipped_of_plugins(changed("metrics", {}), Stage.FIT))


def test_the_plugins_of_the_type_are_filled_in():
    system = load_mapping(WHOLE).get("system")
    assert isinstance(system, Mapping)
    found = plain(with_plugins(system))
    assert found["fit"] == {"_target_": "fit/a.B", "_mode_": "callable", "epochs": 2}
    assert found["deserialize"] == {"_target_": "deserialize/a.B", "_mode_": "callable"}
    assert found["adapters"] == {"batch": {"_target_": "lighter.BatchAdapter", "input": 0}}
    assert found["model"] == WHOLE["system"]["model"]


def test_no_trainer_is_part_of_the_run():
    tree = with_defaults(load_mapping({**WHOLE, "trainer": {"max_epochs": 1}}))
    assert {place[0] for place in scope(tree, Stage.FIT).roots} == {"system"}
    assert "trainer" not in with_defaults(load_mapping(WHOLE)).entries


def test_keys_without_effect_are_told_with_their_place():
    (line,) = without_effect(load_mapping({**WHOLE, "trainer": {}}))
    assert line.endswith("'trainer' has no effect: a plugin model runs without a Trainer")
    assert list(without_effect(load_mapping(WHOLE))) == []


@pytest.mark.parametrize(
    ("place", "key", "takes"),
    [
        ("fit", "x", True),
        ("adapters::batch", "x", True),
        ("data", "val", True),
        ("data", "vla", False),
        ("model", "x", False),
    ],
)
def test_what_an_override_may_add(place, key, takes):
    assert takes_new_part(("system", *place.split("::")), key) is takes


def test_only_stages_with_data_are_checked():
    tree = copy.deepcopy(WHOLE)
    tree["system"]["data"] = {"train": CALL}
    assert survey(Config.load(tree)).stages == (Stage.FIT,)
