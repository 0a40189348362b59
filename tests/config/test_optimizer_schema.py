"""How optimizers are written: one, a list, or several by name; and whose parameters each of them has."""

from dataclasses import fields

import pytest
from pytorch_lightning.utilities.types import LRSchedulerConfig

from lighter.config.dumping import plain
from lighter.config.loading import load_mapping
from lighter.config.schema import (
    ALTERNATING_KEYS,
    OFFERED,
    SCHEDULER_KEYS,
    alternation_problems,
    is_by_name,
    later_places,
    offered_at,
    scheduler_problems,
    takes_new_option,
    with_parameters,
)
from lighter.training.optimizers.alternating import OPTIONS

ADAM = {"_target_": "torch.optim.Adam"}
CALLABLE = {**ADAM, "_mode_": "callable"}
STEP = {"_target_": "torch.optim.lr_scheduler.StepLR"}
GROUPED = "lighter.training.optimizers.parameter_groups.grouped"


def tree(optimizer, scheduler=None):
    return load_mapping({"system": {"optimizer": optimizer, "scheduler": scheduler}})


@pytest.mark.parametrize(
    ("optimizer", "scheduler", "places"),
    [
        (ADAM, STEP, ["optimizer", "scheduler"]),
        (ADAM, {"scheduler": STEP, "interval": "step"}, ["optimizer", "scheduler"]),
        (ADAM, {"scheduler": {**STEP, "_mode_": "callable"}}, ["optimizer"]),
        ([ADAM, CALLABLE], None, ["optimizer"]),
        ({"a": ADAM, "b": CALLABLE}, None, ["optimizer::a"]),
        (
            {"a": {"optimizer": ADAM, "every": 2}, "b": "@vars"},
            {"b": STEP},
            ["optimizer::a", "optimizer::b", "scheduler::b"],
        ),
        ({"a": ADAM}, {"scheduler": STEP}, ["optimizer::a", "scheduler"]),
        ({"a": ADAM, "b": None}, {"a": {"scheduler": STEP}}, ["optimizer::a", "scheduler::a"]),
        (None, None, []),
    ],
)
def test_what_is_made_later(optimizer, scheduler, places):
    assert ["::".join(place[1:]) for place in later_places(tree(optimizer, scheduler))] == places


def test_what_is_offered():
    assert {place[0] for place in OFFERED} == {"system"}
    assert offered_at(("system", "optimizer", "a")) == "params"
    assert offered_at(("system", "scheduler")) == "optimizer"


@pytest.mark.parametrize(
    ("node", "is_so"), [({"a": ADAM}, True), (ADAM, False), ({}, False), ([ADAM], False), ("@a", False)]
)
def test_several_stand_under_names(node, is_so):
    assert is_by_name(load_mapping({"x": node}).get("x")) is is_so
    assert not is_by_name(None)


@pytest.mark.parametrize(
    ("params", "completed"),
    [
        ({"names": "model.head"}, {"_target_": GROUPED, "names": "model.head"}),
        ("model.head", {"_target_": GROUPED, "names": "model.head"}),
        (["model.head", "*.bias"], {"_target_": GROUPED, "names": ["model.head", "*.bias"]}),
        ({"_target_": "my.groups"}, {"_target_": "my.groups"}),
        ("$@system::model.parameters()", "$@system::model.parameters()"),
        ([{"params": "$x"}], [{"params": "$x"}]),
        ([], []),
    ],
)
def test_parameters_are_said_without_a_target(params, completed):
    for node, at in (({**ADAM, "params": params}, ()), ([{**ADAM, "params": params}], ("0",))):
        found = plain(with_parameters(load_mapping({"x": node})).get("x"))
        assert (found[0] if at else found)["params"] == completed


def test_only_parameters_of_a_call_are_completed():
    node = {"a": {"optimizer": {**ADAM, "params": "model"}}, "params": {"b": 1}}
    found = plain(with_parameters(load_mapping(node)))
    assert found["a"]["optimizer"]["params"] == {"_target_": GROUPED, "names": "model"}
    assert found["params"] == {"b": 1}


@pytest.mark.parametrize(
    ("place", "key", "takes"),
    [
        ("a", "every", True),
        ("a", "evry", False),
        ("params::groups", "head", True),
        ("a::params::groups::head", "lr", True),
        ("", "b", False),
    ],
)
def test_where_a_new_option_may_stand(place, key, takes):
    assert takes_new_option(("system", "optimizer", *filter(None, place.split("::"))), key) is takes


@pytest.mark.parametrize(
    ("optimizer", "scheduler", "told"),
    [
        (
            {"a": {"optimizer": ADAM, "evry": 2}},
            None,
            ("'system::optimizer::a' holds no 'evry'", "did you mean 'every'?"),
        ),
        (
            {"lr": 0.1},
            None,
            (
                "'system::optimizer::lr' is no optimizer",
                "write '_target_: torch.optim.Adam' beside it, or below each name",
            ),
        ),
        ({"gen": ADAM}, {"gan": STEP}, ("'system::scheduler' holds no 'gan'", "did you mean 'gen'?")),
    ],
)
def test_what_is_wrong_with_names_is_told(optimizer, scheduler, told):
    (problem,) = alternation_problems(tree(optimizer, scheduler))
    assert (problem.what, problem.help[: len(told[1])]) == told
    assert problem.position is not None


@pytest.mark.parametrize(
    ("optimizer", "scheduler"),
    [
        (ADAM, {"gan": STEP}),
        ({"a": ADAM, "b": None, "c": {"optimizer": ADAM, "every": 2}}, {"scheduler": STEP}),
        ({"a": ADAM}, {"a": STEP}),
        ({"a": "@vars::x"}, None),
    ],
)
def test_of_what_may_be_right_nothing_is_told(optimizer, scheduler):
    assert list(alternation_problems(tree(optimizer, scheduler))) == []


def test_the_options_are_those_that_the_system_takes():
    assert ("optimizer", *OPTIONS) == ALTERNATING_KEYS


PLAIN, OF_LIGHTNING = {"scheduler": STEP}, {"scheduler": STEP, "interval": "step", "frequency": 2, "monitor": "x"}


@pytest.mark.parametrize(
    ("optimizer", "scheduler"),
    [
        (ADAM, None),
        (ADAM, STEP),
        (ADAM, PLAIN),
        (ADAM, OF_LIGHTNING),
        (ADAM, {**PLAIN, "interval": None}),
        (ADAM, {**PLAIN, "interval": "@vars::interval"}),
        (ADAM, "@vars::scheduler"),
        ({"a": ADAM}, {"a": STEP}),
        ({"a": ADAM, "b": ADAM}, {"a": OF_LIGHTNING, "b": None}),
    ],
)
def test_keys_beside_a_scheduler(optimizer, scheduler):
    assert list(scheduler_problems(tree(optimizer, scheduler))) == []


@pytest.mark.parametrize(
    ("scheduler", "place", "what", "help"),
    [
        ({"schedular": STEP}, "schedular", "'{}' holds no 'schedular'", "did you mean 'scheduler'?"),
        ({**PLAIN, "intrval": "step"}, "intrval", "'{}' holds no 'intrval'", "did you mean 'interval'?"),
        ({**PLAIN, "interval": "steps"}, "interval", "no scheduler steps each 'steps'", "did you mean 'step'?"),
        ({"interval": "step"}, "", "'{}' has no 'scheduler'", "write 'scheduler: {_target_: ...}' below it"),
    ],
)
def test_other_keys_beside_a_scheduler_are_told(scheduler, place, what, help):
    for optimizer, given, at in ((ADAM, scheduler, ""), ({"a": ADAM}, {"a": scheduler}, "::a")):
        (found,) = scheduler_problems(tree(optimizer, given))
        above = f"system::scheduler{at}"
        assert (found.place, found.what) == ("::".join(filter(None, (above, place))), what.format(above))
        assert found.help.startswith(help)


def test_the_keys_are_lightnings():
    assert tuple(field.name for field in fields(LRSchedulerConfig)) == SCHEDULER_KEYS
