"""A plan to objects, each built exactly once."""

import copy
import functools
import pickle
import traceback

import pytest

from lighter.config import Config
from lighter.config.building import Builder
from lighter.config.plan import Plan
from lighter.config.planning import plan
from lighter.config.schema import Scope

RECORD = """
calls = []

class Made:
    def __init__(self, *args, **kwargs):
        self.args, self.kwargs = args, kwargs
        calls.append(kwargs.get("name"))

    def __call__(self, *args, **kwargs):
        return args, kwargs

class Part:
    def __init__(self, params, lr=1):
        self.params, self.lr = params, lr

def append(items):
    items.append("more")
    return items

def fail():
    raise KeyError("the user's own")
"""


@pytest.fixture
def parts(write):
    """A module that remembers what was made of it."""
    import importlib

    write("record_parts.py", RECORD)
    return importlib.import_module("record_parts")


MADE = {"_target_": "record_parts.Made"}


@pytest.mark.parametrize(
    ("config", "value"),
    [
        ({"x": [1, {"a": None}]}, [1, {"a": None}]),
        ({"x": {"_target_": "builtins.int", "_args_": ["12"]}}, 12),
        ({"x": {"_target_": "builtins.dict", "_args_": [[["a", 1]]], "b": 2}}, {"a": 1, "b": 2}),
        ({"x": {"_target_": "math.pi", "_mode_": "callable"}}, 3.141592653589793),
        ({"x": {"_target_": "builtins.sorted", "_args_": "$([2, 1],)"}}, [1, 2]),
        ({"x": "$[@y[i] * 2 for i in range(len(@y))]", "y": [1, 2]}, [2, 4]),
        ({"x": "$(lambda f: f())(lambda: [@y for _ in '12'])", "y": "$3"}, [3, 3]),
        ({"x": "$f'{@y} @y {{@y}}'", "y": 1}, "1 @y {@y}"),
        ({"x": "$'@y'", "y": 1}, "@y"),
        ({"x": "$(@y @ @y).tolist()", "y": "$e(1) + 1", "i": "$from numpy import eye as e"}, [[4.0]]),
        ({"x": "$math.floor(2.5)"}, 2),
        ({"x": {"a": "@::b", "b": "@::::y"}, "y": 5}, {"a": 5, "b": 5}),
        ({"x": "@y::0::k", "y": [{"k": "@z"}], "z": "$7"}, 7),
        ({"x": {"_target_": "@cls", "_args_": ["3"]}, "cls": "builtins.int"}, 3),
        ({"x": {"_target_": "$int", "_args_": ["3"]}}, 3),
        ({"x": {"_target_": {"_target_": "functools.partial", "_args_": ["$int", "11"]}, "base": 2}}, 3),
        ({"x": "$(y := 2) * y"}, 4),
        ({"x": "$os.path.join('a', sep)", "i": "$from os import sep", "j": ["$import os"]}, "/"),
        ({"x": "@@y", "y": 1}, "@y"),
        ({"x": "$@i('a', 'b')", "i": "$from posixpath import join"}, "a/b"),
        ({"x": "$@i.join('a', 'b')", "i": "$import os.path"}, "a/b"),
        ({1: "a", "x": "@1"}, "a"),
    ],
)
def test_what_stands_there_is_built(config, value):
    assert Config(config).resolve("x") == value


def test_an_object_is_the_same_wherever_it_is_named(parts):
    config = Config({"a": MADE, "b": ["@a", {"k": "@a"}], "c": {**MADE, "x": "@a", "y": "@b::0"}, "d": "$[@a, @::c]"})
    built = config.resolve()
    assert built["a"] is built["b"][0] is built["b"][1]["k"] is built["c"].kwargs["x"] is built["c"].kwargs["y"]
    assert built["d"] == [built["a"], built["c"]]
    assert config.resolve("c") is built["c"]
    assert len(parts.calls) == 2


def test_lists_and_mappings_reach_each_call_as_fresh_copies(parts):
    append = {"_target_": "record_parts.append", "items": "@l"}
    config = Config({"l": [1], "a": append, "b": append, "c": "$@l", "d": "@l"})
    assert config.resolve() == {"l": [1], "a": [1, "more"], "b": [1, "more"], "c": [1], "d": [1]}
    first, second = config.resolve("l"), config.resolve("l")
    assert first is not second


def test_within_one_call_they_are_shared_as_in_the_config(parts):
    made = Config({"l": [1], "a": {**MADE, "x": "@l", "y": ["@l"]}}).resolve("a")
    assert made.kwargs["x"] is made.kwargs["y"][0]


def test_it_is_pickled_with_what_it_has_built_and_never_copied():
    builder = Config.load({"vars": {"a": "$torch.ones(2)", "b": "$torch.add(@vars::a, 1)"}}).builder()
    builder.build(("vars", "a"))
    again = pickle.loads(pickle.dumps(builder))
    assert again.build(("vars", "b")).tolist() == [2, 2]
    assert copy.deepcopy(builder) is builder


def test_a_lambda_finds_its_references_when_it_is_called_later():
    call = Config({"n": "$4", "f": "$lambda x: [x * @n + i for i in range(@m)]", "m": 2}).resolve("f")
    assert call(2) == [8, 9]


@pytest.mark.parametrize("mode", ["callable", "$'call' + 'able'", "@m"])
def test_a_callable_is_given_back_with_its_arguments_bound(mode):
    built = Config({"m": "callable", "x": {"_target_": "builtins.int", "_mode_": mode, "base": 2}}).resolve("x")
    assert isinstance(built, functools.partial)
    assert built("11") == 3
    assert Config({"m": "callable", "x": {"_target_": "builtins.int", "_mode_": mode}}).resolve("x") is int


def test_default_mode_calls():
    assert Config({"x": {"_target_": "builtins.int", "_mode_": "default"}}).resolve("x") == 0


def test_debug_mode_calls_under_pdb(monkeypatch):
    import pdb  # noqa: T100  # not to be entered

    seen = []
    monkeypatch.setattr(pdb, "runcall", lambda call: seen.append(call) or call())
    assert Config({"x": {"_target_": "builtins.int", "_mode_": "debug", "_args_": ["3"]}}).resolve("x") == 3
    assert len(seen) == 1


@pytest.mark.parametrize("disabled", [True, "true", " TRUE", "@yes", "$1 == 1"])
def test_what_is_disabled_is_not_built(parts, disabled):
    off = {**MADE, "_disabled_": disabled, "name": "off"}
    built = Config(
        {
            "yes": True,
            "a": off,
            "l": [off, 1],
            "m": {"k": off},
            "c": {**MADE, "x": off, "_args_": [off, 2]},
            "r": ["@a"],
        }
    ).resolve()
    assert (built["l"], built["m"], built["r"]) == ([1], {}, [None])
    assert (built["c"].args, built["c"].kwargs) == ((2,), {})
    assert "off" not in parts.calls


def test_what_a_disabled_call_needs_is_not_built_either(parts):
    config = Config({"a": {**MADE, "_disabled_": "@off", "x": {**MADE, "name": "inner"}}, "off": True})
    assert config.resolve("a") is None
    assert parts.calls == []


@pytest.mark.parametrize("disabled", [False, "false", None, "False", "$0"])
def test_what_is_not_disabled_is_built(parts, disabled):
    Config({"a": {**MADE, "_disabled_": disabled}}).resolve()
    assert len(parts.calls) == 1


def test_requirements_are_built_before(parts):
    config = Config(
        {
            "a": {"_requires_": ["@b", "$@c"], **MADE, "name": "a"},
            "b": {**MADE, "name": "b"},
            "c": {**MADE, "name": "c"},
        }
    )
    config.resolve("a")
    assert parts.calls == ["b", "c", "a"]


def test_a_description_is_no_argument(parts):
    assert Config({"a": {**MADE, "_desc_": "what it is"}}).resolve("a").kwargs == {}


def test_only_what_is_asked_for_is_built(parts):
    config = Config({"a": {**MADE, "name": "a"}, "b": {**MADE, "name": "b"}, "c": {"d": "@b"}})
    config.resolve("c")
    assert parts.calls == ["b"]
    config.resolve()
    assert parts.calls == ["b", "a"]


def test_long_chains_are_built():
    count = 3000
    config = {"a0": 0, **{f"a{i}": f"$@a{i - 1} + 1" for i in range(1, count)}}
    assert Config(config).resolve(f"a{count - 1}") == count - 1
    config = {"a0": 0, **{f"a{i}": f"@a{i - 1}" for i in range(1, 10_000)}}
    assert Config(config).resolve("a9999") == 0


def test_lists_that_refer_to_lists_twice_are_built_once():
    config = {"a0": [1], **{f"a{i}": [f"@a{i - 1}", f"@a{i - 1}"] for i in range(1, 90)}}
    built = Config(config).resolve("a89")
    assert built[0] is built[1]


def test_an_exception_keeps_its_type_and_traceback_and_gains_one_note(write, parts):
    write("a.yaml", "x:\n  y: {_target_: builtins.dict, z: {_target_: record_parts.fail}}")
    with pytest.raises(KeyError, match="the user's own") as raised:
        Config.load("a.yaml").resolve()
    assert raised.value.__notes__ == ["while building 'x::y::z' (a.yaml:2:46)"]
    assert traceback.extract_tb(raised.value.__traceback__)[-1].name == "fail"


@pytest.mark.parametrize(
    ("config", "error", "note"),
    [
        ({"x": "$1 / 0"}, ZeroDivisionError, "while building 'x' (mapping)"),
        ({"x": "$@y.no", "y": 1}, AttributeError, "while building 'x' (mapping)"),
        ({"i": "$import no_such_module", "x": "$1"}, ModuleNotFoundError, "while building 'i' (mapping)"),
        ({"x": {"_target_": "no_such_module.X"}}, ModuleNotFoundError, "while building 'x' (mapping)"),
        ({"x": {"_target_": "math.pi"}}, TypeError, "while building 'x' (mapping)"),
        ({"x": {"_target_": "builtins.int", "_args_": "$1"}}, TypeError, "while building 'x' (mapping)"),
        ({"x": {"_target_": "builtins.int", "no": 1}}, TypeError, "while building 'x' (mapping)"),
    ],
)
def test_every_exception_gains_the_note(config, error, note):
    with pytest.raises(error) as raised:
        Config(config).resolve("x")
    assert raised.value.__notes__ == [note]


def later(config, *places):
    tree = Config(config).tree
    return Builder(plan(tree, Scope((("x",),), later=frozenset(places)), []))


def test_what_is_built_later_gets_what_it_lacks(parts):
    inner = {"_target_": "record_parts.Part"}
    config = {"system": {"optimizer": {**inner, "lr": [{**inner, "params": 1}, inner]}}, "x": "@system"}
    builder = later(config, ("system", "optimizer"))
    deferred = builder.build(("x",))["optimizer"]
    made = deferred("given")
    assert made.params == "given"
    assert [part.params for part in made.lr] == [1, "given"]
    assert deferred("other") is made


def test_a_callable_is_left_to_lack_it(parts):
    config = {
        "system": {"optimizer": [{"_target_": "record_parts.Part", "_mode_": "callable", "lr": 2}]},
        "x": "@system",
    }
    (made,) = later(config, ("system", "optimizer")).build(("x",))["optimizer"]("given")
    assert made("mine").params == "mine"


def test_a_call_can_be_made_ready_and_not_made(parts):
    builder = later({"x": {**MADE, "_args_": [1], "a": {**MADE, "name": "inner"}}})
    bound = builder.bound(("x",))
    assert (bound.func, bound.args) == (parts.Made, (1,))
    assert bound.keywords["a"].kwargs == {"name": "inner"}
    assert parts.calls == ["inner"]


def test_a_project_owns_its_names(write):
    write("mine/parts.py", "class Thing:\n    pass\n")
    write(
        "a.yaml",
        "project: mine\nx: {_target_: mine.parts.Thing}\ny: '$type(@x) is t'\ni: $from project.parts import Thing as t",
    )
    assert Config.load("a.yaml").resolve("y") is True


def test_an_empty_plan_has_nothing():
    builder = Builder(Plan(Scope(())))
    with pytest.raises(KeyError):
        builder.build(("x",))
