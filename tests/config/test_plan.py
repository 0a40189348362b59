"""What a plan is made of."""

import pickle

from lighter.config import Config
from lighter.config.plan import Call, Evaluation, Import


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
