"""An entry over what stood at its place."""

from typing import Any

import pytest

from lighter.config.dumping import plain
from lighter.config.key_path import ROOT, parse_path
from lighter.config.loading import load_mapping
from lighter.config.merging import combined, merge, merged, place, unmarked
from lighter.config.nodes import DEEPEST
from lighter.config.tree import Entry, find, key_position
from lighter.errors import ConfigError

CONFIG: dict[str, Any] = {
    "vars": {"lr": 1},
    "system": {"model": {"_target_": "a.B", "size": 1}, "dataloaders": {"train": {"_target_": "a.L"}}},
    "trainer": {"callbacks": [{"_target_": "a.C", "n": 1}, {"_target_": "a.D"}]},
    "other": {"x": 1},
    "nothing": None,
}


def placed(written, value=None, mark=""):
    tree = load_mapping(CONFIG, "base")
    node = load_mapping({"x": value}, "override").get("x")
    return plain(place(tree, parse_path(written), Entry("x", node, node.position, mark)))


def expected(path, value):
    tree = plain(load_mapping(CONFIG))
    *above, last = [int(key) if key.isdecimal() else key for key in path]
    inside = tree
    for key in above:
        inside = inside[key]
    inside[last] = value
    return tree


@pytest.mark.parametrize(
    "written",
    [
        "vars::lr",
        "vars::new",
        "system::model::size",
        "system::model::new",
        "system::criterion",
        "system::dataloaders::val",
        "trainer::max_epochs",
        "trainer::callbacks::0::n",
        "trainer::callbacks::1::new",
        "trainer::callbacks::1",
        "trainer#callbacks#0#n",
        "other::x",
        "new",
    ],
)
def test_an_override_sets_a_place(written):
    assert placed(written, 7) == expected(parse_path(written), 7)


def test_an_override_makes_what_is_missing_on_the_way():
    assert placed("args::fit::ckpt_path", "x")["args"] == {"fit": {"ckpt_path": "x"}}
    assert placed("vars::a::b", {"+c": [1]})["vars"] == {"lr": 1, "a": {"b": {"c": [1]}}}
    assert placed("system::model::deep::er", 1)["system"]["model"]["deep"] == {"er": 1}


def test_null_is_an_empty_mapping_where_keys_may_be_set():
    tree = place(load_mapping({"vars": None}), ("vars", "a"), load_mapping({"a": 1}).entries["a"])
    assert plain(tree) == {"vars": {"a": 1}}


@pytest.mark.parametrize(
    ("written", "value", "mark", "result"),
    [
        ("trainer::callbacks", [1], "+", [*CONFIG["trainer"]["callbacks"], 1]),
        ("trainer::callbacks", None, "~", None),
        ("trainer::callbacks::0", None, "~", [{"_target_": "a.D"}]),
        ("trainer::callbacks::0", {"n": 2}, "", [{"_target_": "a.C", "n": 2}, {"_target_": "a.D"}]),
        ("trainer::callbacks::0", {"n": 2}, "=", [{"n": 2}, {"_target_": "a.D"}]),
    ],
)
def test_marks(written, value, mark, result):
    assert placed(written, value, mark)["trainer"].get("callbacks") == result


@pytest.mark.parametrize(
    ("written", "mark", "what", "help"),
    [
        ("other::y", "", "there is no 'other::y'", "'other' has x; to add a new key write '+other::y=...'"),
        (
            "other::xx",
            "",
            "there is no 'other::xx'",
            "did you mean 'other::x'?; to add a new key write '+other::xx=...'",
        ),
        (
            "system::dataloaders::trian::n",
            "",
            "there is no 'system::dataloaders::trian::n'",
            "did you mean 'system::dataloaders::train::n'?",
        ),
        (
            "trainer::callbacks::2",
            "",
            "there is no 'trainer::callbacks::2'",
            "to append write '+trainer::callbacks=[...]'",
        ),
        ("trainer::callbacks::2::n", "", "there is no 'trainer::callbacks::2::n'", "counted from 0 to 1"),
        ("trainer::callbacks::2", "+", "there is no 'trainer::callbacks::2'", "counted from 0 to 1"),
        ("vars::lr::x", "", "there is no 'vars::lr::x'", "'vars::lr' is a single value"),
        ("nothing::x", "", "there is no 'nothing::x'", "to add a new key write '+nothing::x=...'"),
        ("vars::lrr", "~", "there is no 'vars::lrr'", "did you mean 'vars::lr'?"),
        ("vars::lr", "+", "'+' adds to a list or a mapping, and 'vars::lr' is neither", "leave out the '+'"),
        ("vars::" + "::".join("a" * DEEPEST), "", f"the nesting is deeper than {DEEPEST} levels", ""),
        ("", "", "an override names no place", "write 'a::b=value'"),
    ],
)
def test_what_is_refused(written, mark, what, help):
    with pytest.raises(ConfigError) as raised:
        placed(written, 1, mark)
    (problem,) = raised.value.problems
    assert problem.what == what
    assert help in problem.help


def test_plus_adds_a_key_anywhere():
    assert placed("other::y", 2, "+")["other"] == {"x": 1, "y": 2}


def laid(more):
    return plain(merge(load_mapping(CONFIG, "base"), load_mapping(more, "more")))


def test_top_level_keys_may_be_places():
    tree = laid({"other": {"z": 3}, "other::y": 2, "trainer#callbacks#0#n": 5, "~trainer::callbacks::1": None})
    assert tree["other"] == {"x": 1, "z": 3, "y": 2}
    assert tree["trainer"]["callbacks"] == [{"_target_": "a.C", "n": 5}]


def test_deeper_keys_are_not():
    assert laid({"vars": {"a::b": 1, "#ff": 2}})["vars"] == {"lr": 1, "a::b": 1, "#ff": 2}


def test_edits_of_one_mapping_follow_each_other():
    more = {"vars::a": {"x": 1}, "vars::a::y": 2, "=vars::lr": 4}
    assert laid(more)["vars"] == {"lr": 4, "a": {"x": 1, "y": 2}}


def test_all_mistakes_are_told_together():
    with pytest.raises(ConfigError) as raised:
        laid({"~x": 1, "a::": 1, "other::x::y": 1, "vars": {"+lr": 1}})
    assert len(raised.value.problems) == 4


def test_the_key_above_a_change_stays_where_it_was_written():
    tree = merge(load_mapping(CONFIG, "base"), load_mapping({"system::model::size": 2}, "more"))
    assert key_position(tree, ("system", "model")).source.name == "base"
    assert find(tree, ("system", "model", "size")).position.source.name == "more"


def test_many_edits_are_laid():
    count = 3000
    base, more = {f"k{i}": 0 for i in range(count)}, {f"vars::k{i}": i for i in range(count)}
    tree = merge(load_mapping({"vars": base}), load_mapping(more))
    assert plain(tree)["vars"] == {f"k{i}": i for i in range(count)}


def over(base, more):
    problems = []
    tree = merged(load_mapping(base, "base"), load_mapping(more, "more"), ROOT, problems)
    return plain(tree), [problem.what for problem in problems]


@pytest.mark.parametrize(
    ("base", "more", "result"),
    [
        ({"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, {"a": {"b": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": 1}}, {"a": 2}, {"a": 2}),
        ({"a": None}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"=a": {"c": 2}}, {"a": {"c": 2}}),
        ({}, {"=a": 1}, {"a": 1}),
        ({"a": [1]}, {"+a": [2, 3]}, {"a": [1, 2, 3]}),
        ({"a": [1]}, {"+a": 2}, {"a": [1, 2]}),
        ({"a": {"b": 1}}, {"+a": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({}, {"+a": [1]}, {"a": [1]}),
        ({"a": 1, "b": 2}, {"~a": None}, {"b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"~b": None, "d": 3}}, {"a": {"c": 2, "d": 3}}),
        ({"a": {"b": {"c": [1]}}}, {"a": {"b": {"+c": [2]}}}, {"a": {"b": {"c": [1, 2]}}}),
        ({"a": 1}, {"a": [{"+b": [1]}]}, {"a": [{"b": [1]}]}),
        ({1: "a"}, {1: "b"}, {1: "b"}),
    ],
)
def test_one_over_another(base, more, result):
    assert over(base, more) == (result, [])


@pytest.mark.parametrize(
    ("base", "more", "what"),
    [
        ({"a": 1}, {"~b": None}, "there is no 'b' to remove"),
        ({"a": {"b": 1}}, {"a": {"~c": None}}, "there is no 'a::c' to remove"),
        ({"a": 1}, {"a": {"~c": None}}, "there is no 'a::c' to remove"),
        ({"a": 1}, {"+a": [1]}, "'+' adds to a list or a mapping, and 'a' is neither"),
        ({"a": {"b": 1}}, {"+a": [1]}, "'a' is a mapping: '+' adds a mapping to it"),
    ],
)
def test_what_cannot_be_done(base, more, what):
    assert over(base, more)[1] == [what]


def test_a_key_that_is_added_to_stands_where_it_stood():
    tree = merged(load_mapping({"a": {"b": 1}}, "base"), load_mapping({"a": {"c": 2}}, "more"), ROOT, [])
    assert key_position(tree, ("a",)).source.name == "base"
    assert find(tree, ("a", "c")).position.source.name == "more"


def test_a_key_that_is_replaced_stands_where_it_is_replaced():
    entry = load_mapping({"=a": {"c": 2}}, "more").entries["a"]
    previous = load_mapping({"a": {"b": 1}}, "base").entries["a"]
    assert combined(previous, entry, ("a",), []).position.source.name == "more"


def test_nothing_is_made_anew_without_marks():
    tree = load_mapping({"a": [{"b": 1}]})
    assert unmarked(tree, ROOT, []) is tree
