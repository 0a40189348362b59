"""What a plan is made of."""

import pickle

import pytest

from lighter.config import Config
from lighter.config.plan import Call, Constant, Evaluation, Import, Items, Later, Pairs, Use, is_true, plain

ONE = Constant(1)


@pytest.mark.parametrize(
    ("argument", "is_plain", "depth"),
    [
        (ONE, True, 0),
        (Use(("a",)), False, 0),
        (Later(("a",)), False, 0),
        (Items(()), True, 1),
        (Items((ONE, Pairs((("k", ONE),)))), True, 2),
        (Items((ONE, Pairs((("k", Use(("a",))),)))), False, 2),
    ],
)
def test_what_is_known_before_building(argument, is_plain, depth):
    assert (argument.is_plain, argument.depth) == (is_plain, depth)


def test_plain_values():
    assert plain(Items((ONE, Pairs((("k", Items((ONE,))), (2, ONE)))))) == [1, {"k": [1], 2: 1}]


def test_what_stands_twice_is_made_once():
    argument = Items((ONE, ONE))
    for _ in range(60):
        argument = Items((argument, argument))
    made = plain(argument)
    assert made[0] is made[1]


@pytest.mark.parametrize(
    ("value", "result"),
    [
        (True, True),
        ("true", True),
        (" TRUE ", True),
        (1, True),
        (False, False),
        (None, False),
        ("yes", False),
        ("", False),
        (0, False),
    ],
)
def test_what_disables(value, result):
    assert is_true(value) is result


def test_a_plan_holds_steps_in_their_order():
    config = Config({"b": "$@a + os.sep", "a": {"_target_": "builtins.str"}, "i": "$import os"})
    plan = config.plan()
    assert [(type(step), place) for place, step in plan.steps.items()] == [
        (Call, ("a",)),
        (Evaluation, ("b",)),
        (Import, ("i",)),
    ]
    assert [step.place for step in plan.imports] == [("i",)]


def test_a_call_stands_where_its_target_is_written(write):
    write("a.yaml", "a:\n  x: 1\n  _target_: builtins.dict")
    call = Config.load("a.yaml").plan().steps["a",]
    assert (call.position.line, call.position.column) == (3, 13)


def test_a_plan_goes_through_pickle():
    plan = Config({"a": {"_target_": "builtins.dict", "x": "$[1]"}}).plan()
    assert pickle.loads(pickle.dumps(plan)).steps.keys() == plan.steps.keys()
