"""An entry over what stood at its place."""

import pytest

from lighter.config.dumping import plain
from lighter.config.loading import load_mapping
from lighter.config.merging import combined, merged, unmarked
from lighter.config.paths import ROOT
from lighter.config.tree import find, key_position


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
