"""The second check: targets are imported, not called."""

import importlib

import pytest

from lighter.config import Config

WHOLE = "write a whole number"
PARTS = """
import functools
from typing import Literal

called = []

def inject(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, injected=1, **kwargs)
    return wrapper

class Net:
    def __init__(self, size: int, rate: float = 0.1, mode: Literal["a", "b"] = "a"):
        called.append(size)

    @classmethod
    def small(cls, rate: float = 0.1):
        return cls(1, rate)

class Loose(Net):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)

@inject
def injected(size, injected):
    return size

def named(_name_, _id_):
    return _name_

table = {"net": Net}
value = 3
"""


@pytest.fixture(autouse=True)
def parts(write):
    """A module of targets that remembers what was called."""
    write("check_parts.py", PARTS)
    module = importlib.import_module("check_parts")
    yield module
    assert module.called == []


def told(config):
    return [(problem.what, problem.place, problem.help) for problem in Config(config).check()]


def call(name, **arguments):
    return {"x": {"_target_": f"check_parts.{name}", **arguments}}


@pytest.mark.parametrize(
    ("config", "what", "place", "help"),
    [
        (call("Nett"), "'check_parts' has no 'Nett'", "x::_target_", "did you mean 'Net'?"),
        (
            call("value"),
            "'check_parts.value' cannot be called: it is of type int",
            "x::_target_",
            "name a class or a function, or take it as it is: '_mode_: callable'",
        ),
        (
            call("value", _mode_="callable", size=1),
            "'check_parts.value' cannot be called: it is of type int",
            "x::_target_",
            "name a class or a function, or take it as it is: '_mode_: callable'",
        ),
        (call("Net", size=1, rat=1), "check_parts.Net takes no argument 'rat'", "x::rat", "did you mean 'rate'?"),
        (call("Net", size=1, q=1), "check_parts.Net takes no argument 'q'", "x::q", "it takes size, rate, mode"),
        (call("Net"), "check_parts.Net needs the argument 'size'", "x", "write 'size: ...'"),
        (
            call("Net", _args_=[1], size=1),
            "check_parts.Net gets 'size' twice: in '_args_' and by name",
            "x::size",
            "leave one out",
        ),
        (
            call("Net", _args_=[1, 1, "a", 1]),
            "check_parts.Net takes 3 positional arguments, '_args_' gives 4",
            "x::_args_",
            "it takes size, rate, mode",
        ),
        (call("Net", size="3"), "check_parts.Net takes int for 'size', not '3'", "x::size", "write it without quotes"),
        (
            call("Net", size=[1, "@x"][0], mode="c"),
            "check_parts.Net takes one of 'a', 'b' for 'mode', not 'c'",
            "x::mode",
            "there are a, b",
        ),
        (call("Net.small", size=1), "check_parts.Net.small takes no argument 'size'", "x::size", "it takes rate"),
        (
            call("Net", _mode_="callable", rat=1),
            "check_parts.Net takes no argument 'rat'",
            "x::rat",
            "did you mean 'rate'?",
        ),
        (call("Net", _mode_="default"), "check_parts.Net needs the argument 'size'", "x", "write 'size: ...'"),
        (
            call("Net", size=["$1"]),
            "check_parts.Net takes int for 'size', not [...]",
            "x::size",
            "write a whole number",
        ),
        (call("Net", size=1, _mod_="callable"), "'_mod_' is no reserved key", "x::_mod_", "did you mean '_mode_'?"),
        (call("Loose", _mod_="callable"), "'_mod_' is no reserved key", "x::_mod_", "did you mean '_mode_'?"),
        ({"x": "$import check_partz"}, "there is no module 'check_partz'", "x", "did you mean 'check_parts'?"),
        ({"x": "$from check_parts import Nett"}, "'check_parts' has no 'Nett'", "x", "did you mean 'Net'?"),
    ],
)
def test_what_is_wrong(config, what, place, help):
    assert told(config) == [(what, place, help)]


@pytest.mark.parametrize(
    "config",
    [
        call("Net", size=1),
        call("Net", _args_=[1, 0.5], mode="b"),
        call("Net", size="@n") | {"n": "$'three'"},
        call("Net", size="$1"),
        call("Net", _args_="$[1]", rate=1),
        call("Net", _mode_="callable"),
        call("Net", _mode_="$'callable'"),
        call("Net", _disabled_=True, q=1),
        call("Nett", _disabled_="true"),
        call("named", _name_="adam", _id_=1),
        call("Loose", _name_="adam", _own_=1),
        call("Loose", anything=1, _args_=[1, 2, 3, 4]),
        call("injected", size=1),
        call("Net.small"),
        {"x": {"_target_": "$check_parts.table['net']", "q": 1}, "i": "$import check_parts"},
        {"x": {"_target_": "@y", "q": 1}, "y": {"_target_": "check_parts.Net", "_mode_": "callable"}},
        {"x": "$1 / 0"},
    ],
)
def test_no_false_alarm(config):
    assert told(config) == []


def test_a_name_by_reference_is_looked_up():
    assert told({"x": {"_target_": "@name", "q": 1, "size": 1}, "name": "check_parts.Net"})[0][1] == "x::q"


def test_all_mistakes_are_told_together():
    assert len(told({"a": call("Net", q=1), "b": call("Nett"), "c": call("Net", size="x"), "d": "$import nope_1"})) == 5


def test_a_long_value_is_shown_short():
    ((what, _, _),) = told(call("Net", size=["long"] * 10_000))
    assert len(what) < 200


def test_a_module_that_raises_is_run_once(write):
    write(
        "raises_once.py",
        "import check_parts\ncheck_parts.runs = getattr(check_parts, 'runs', 0) + 1\nraise ValueError('no')",
    )
    config = {f"x{i}": {"_target_": f"raises_once.X{i % 2}"} for i in range(6)}
    (problem,) = Config.load(config).check()
    assert problem.again == tuple(f"x{i}::_target_" for i in range(1, 6))
    assert importlib.import_module("check_parts").runs <= 2


def test_the_argument_itself_is_pointed_at(write):
    write("a.yaml", "x:\n  _target_: check_parts.Net\n  size: 'a'\n  rat: 1\n")
    places = [(p.position.line, p.position.column) for p in Config.load("a.yaml").check()]
    assert places == [(4, 3), (3, 9)]


def test_lists_that_refer_to_lists_twice_are_checked():
    config = {"a0": [1], **{f"a{i}": [f"@a{i - 1}", f"@a{i - 1}"] for i in range(1, 90)}}
    ((what, _, _),) = told(config | call("Net", size="@a89"))
    assert what.startswith("check_parts.Net takes int for 'size', not [[[")


def test_what_is_made_later_may_lack_what_it_is_given():
    adam = {"_target_": "torch.optim.Adam", "lr": 1e-3}
    steps = {"_target_": "torch.optim.lr_scheduler.StepLR", "step_size": 1}
    system = {"_target_": "lighter.System", "model": None}
    assert told({"system": {**system, "optimizer": adam, "scheduler": {"scheduler": steps, "interval": "step"}}}) == []
    assert told({"system": {**system, "optimizer": {**adam, "_mode_": "callable"}, "scheduler": None}}) == []
    assert len(told({"system": {**system, "optimizer": steps, "criterion": adam}})) == 2
    assert len(told({"system": {"_target_": "check_parts.Loose", "optimizer": adam}})) == 1
