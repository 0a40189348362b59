"""The tree to a plan, and what is wrong with the tree before any import."""

import pytest

from lighter.config import Config
from lighter.config.nodes import DEEPEST
from lighter.config.plan import Constant, Later
from lighter.config.planning import plan
from lighter.config.schema import Scope


def told(config):
    return [(problem.what, problem.place) for problem in Config(config).check_structure()]


def whats(config):
    return [what for what, _ in told(config)]


def test_what_is_needed_comes_first():
    config = {"c": "$@b + @a::x", "a": {"x": "$1", "y": "@c"}, "b": {"_target_": "builtins.int", "_args_": ["@a::x"]}}
    assert list(Config(config).plan().steps) == [("a", "x"), ("b",), ("c",)]


@pytest.mark.parametrize(
    ("config", "what", "place"),
    [
        ({"size": 1, "x": "@sise"}, "there is no 'sise'", "x"),
        ({"x": "$@y + 1"}, "there is no 'y'", "x"),
        ({"a": {"x": "@::y"}}, "there is no 'a::y'", "a::x"),
        ({"x": "@::::y"}, "'@::::y' leads above the config", "x"),
        ({"x": "$@::::y"}, "'@::::y' leads above the config", "x"),
        ({"x": "@x"}, "circular references: 'x' -> 'x'", "x"),
        ({"x": ["@x"]}, "circular references: 'x' -> 'x::0' -> 'x'", "x::0"),
        ({"x": "$@y", "y": {"k": "@x"}}, "circular references: 'x' -> 'y' -> 'y::k' -> 'x'", "y::k"),
        ({"x": "$1 +"}, "'$1 +' is no Python expression: invalid syntax", "x"),
        ({"x": "$import"}, "'$import' is no Python expression: ", "x"),
        ({"x": "$len(mth.pi)"}, "the name 'mth' is not known in '$len(mth.pi)'", "x"),
        ({"x": {"_target_": "a.B", "_mode_": "call"}}, "'call' is no mode of a call", "x::_mode_"),
    ],
)
def test_a_mistake_is_told_where_it_is_written(config, what, place):
    ((said, at),) = told(config)
    assert said.startswith(what)
    assert at == place


def test_all_mistakes_are_told_together():
    assert len(told({"a": "@x", "b": ["$1 +", "@::c"], "d": {"_target_": 1}, "e": "@e", "f": "$unknown"})) == 6


def test_one_mistake_is_told_once_however_often_it_is_referred_to():
    assert whats({"a": "@no", "b": "@a", "c": ["@a", "@b"]}) == ["there is no 'no'"]


@pytest.mark.parametrize(
    ("names", "near"),
    [
        ("mth", "did you mean 'math'?"),
        ("tourch", "did you mean 'torch'?"),
        ("lenn", "did you mean 'len'?"),
        ("pathlb", "did you mean 'pathlib'?"),
        ("size", "did you mean '@vars::size'?"),
        ("x", "did you mean '@x'?"),
    ],
)
def test_the_nearest_name_is_suggested(names, near):
    (problem,) = Config({"i": "$import pathlib", "vars": {"size": 1}, "x": f"${names}"}).check_structure()
    assert problem.help == near


def test_a_name_that_nothing_is_near_is_imported():
    (problem,) = Config({"x": "$qwertz.x"}).check_structure()
    assert problem.help == "write '$import qwertz' in a value of its own"


def test_a_reference_may_have_been_meant_as_text():
    (problem,) = Config({"x": "@somebody"}).check_structure()
    assert problem.help.endswith("a text that begins with '@' is written with '@@'")


def test_each_unknown_name_is_told():
    assert [what.split("'")[1] for what in whats({"x": "$a + b + @y", "y": 1})] == ["a", "b"]
    assert len(whats({"x": "$[" + ",".join(f"n{i}" for i in range(1000)) + "]"})) == 12


@pytest.mark.parametrize(
    "code", ["$import os", "$from posix import uname as os", "$import re; import os", "$import os.path"]
)
def test_imports_are_known_wherever_they_stand(code):
    assert told({"a": "$os", "z": [{"k": code}]}) == []


def test_long_chains_are_planned():
    count = 10_000
    chain = {f"a{i}": f"@a{i - 1}" for i in range(1, count)}
    planned = Config({"a0": 1, **chain}).plan()
    assert planned.values[f"a{count - 1}",].value == 1
    (problem,) = Config({"a0": f"@a{count - 1}", **chain}).check_structure()
    assert len(problem.what) < 200
    assert " -> ... -> " in problem.what


def test_lists_through_references_may_not_nest_without_end():
    config = {"a0": [1], **{f"a{i}": [f"@a{i - 1}"] for i in range(1, 10_000)}}
    assert set(whats(config)) == {f"references make this nest more than {DEEPEST} levels deep"}
    assert Config({"a0": 1, **{f"a{i}": [f"@a{i - 1}"] for i in range(1, DEEPEST)}}).check_structure() == []


def test_lists_that_refer_to_lists_twice_are_planned_once():
    config = {"a0": [1], **{f"a{i}": [f"@a{i - 1}", f"@a{i - 1}"] for i in range(1, 90)}}
    assert Config(config).check_structure() == []


def test_a_thousand_wrong_references_are_told():
    assert len(told({f"k{i}": f"@m{i}" for i in range(1000)})) == 1000


def test_what_is_disabled_is_not_looked_into():
    broken = {"_target_": "no.such", "x": "@no", "y": "$1 +"}
    assert told({"a": {**broken, "_disabled_": True}, "b": {**broken, "_disabled_": "@flag"}, "flag": "true"}) == []
    assert len(told({"a": {**broken, "_disabled_": False}})) == 2


@pytest.mark.parametrize(
    ("key", "written", "meant"),
    [("_disabled_", "yes", "true"), ("_disabled_", "1", "true"), ("_disabled_", "2", ""), ("_check_", "Off", "false")],
)
def test_a_call_is_switched_by_true_and_false_alone(write, key, written, meant):
    path = write("a.yaml", f"a: {{_target_: builtins.dict, {key}: {written}}}")
    (problem,) = Config(path).check_structure()
    assert problem.what == f"'{key}' takes true or false, not '{written}'"
    assert problem.help == f"write {meant or 'true or false'}"
    assert (problem.edit.old, problem.edit.new) == (written, meant) if meant else problem.edit is None


def test_a_disabled_call_vanishes_from_what_it_stands_in():
    call = {"_target_": "builtins.dict"}
    off = {**call, "_disabled_": True}
    planned = Config(
        {"l": [off, call], "m": {"a": off, "b": call}, "c": {**call, "x": off, "y": call}, "r": ["@l::0"]}
    ).plan()
    assert len(planned.values["l",].items) == 1
    assert [key for key, _ in planned.values["m",].pairs] == ["b"]
    assert list(planned.steps["c",].keywords) == ["y"]
    assert len(planned.values["r",].items) == 1


def test_what_is_left_out_or_built_later():
    config = Config({"a": {"x": "$1", "y": "$2", "z": "$3"}})
    scope = Scope((("a",),), skipped=frozenset({("a", "x")}), later=frozenset({("a", "y")}))
    planned = plan(config.tree, scope, [])
    assert list(planned.steps) == [("a", "z"), ("a", "y")]
    parts = dict(planned.values["a",].pairs)
    assert list(parts) == ["y", "z"]
    assert isinstance(parts["y"], Later)


def test_what_is_left_out_is_still_there_for_who_refers_to_it():
    config = Config({"a": {"x": {"k": 1}, "y": "@a::x"}})
    planned = plan(config.tree, Scope((("a",),), skipped=frozenset({("a", "x")})), [])
    assert [key for key, _ in planned.values["a",].pairs] == ["y"]
    assert [key for key, _ in planned.values["a", "y"].pairs] == ["k"]


def test_a_plan_grows_and_forgets_what_was_wrong():
    config = Config({"a": "$1", "b": ["@a", "@no"], "c": "@b"})
    known = plan(config.tree, Scope((("a",),)), [])
    problems = []
    assert plan(config.tree, Scope((("c",),)), problems, known) is known
    assert len(problems) == 1
    assert list(known.values) == [("a",)]


def test_a_place_that_is_not_there_plans_nothing():
    assert plan(Config({}).tree, Scope((("a",),)), []).values == {}


def test_plain_values_are_constants():
    assert isinstance(Config({"a": None, "b": "@a"}).plan().values["b",], Constant)


@pytest.mark.parametrize(
    ("key", "help"),
    [
        ("_partial_", "write '_mode_: callable', which gives the callable with these arguments bound"),
        ("_convert_", "leave it out: lists and mappings reach each call as plain ones"),
        ("_recursive_", "leave it out: what is below is built first; '_mode_: callable' hands on a class unbuilt"),
    ],
)
def test_keys_of_hydra(key, help):
    (problem,) = Config({"a": {"_target_": "dict", key: True}}).check_structure()
    assert (problem.what, problem.place, problem.help) == (f"'{key}' is a key of Hydra's", f"a::{key}", help)
