"""Two configs compared, place by place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter import Config
from lighter.config.differing import Difference, differences

KEYS = st.sampled_from(["a", "b", "1"])
VALUES = st.recursive(
    st.sampled_from([None, True, 1, 1.0, "1", "x", "$1 + 1"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3),
    max_leaves=8,
)


def told(old, new):
    return list(map(str, differences(Config(old).tree, Config(new).tree)))


def test_what_was_added_removed_and_changed_is_told_in_order():
    old = {"b": {"lr": 0.1, "betas": [0.9, 0.99], "same": {"x": 1}}, "a": 1, "list": list(range(11))}
    new = {"list": [*range(10), 12], "b": {"lr": 0.2, "same": {"x": 1}, "more": {"y": {"z": "1"}}}, "c": []}
    assert told(old, new) == [
        "removed  a: 1",
        "removed  b::betas: [0.9, 0.99]",
        "changed  b::lr: 0.1 -> 0.2",
        "added    b::more::y::z: '1'",
        "added    c: []",
        "changed  list::10: 10 -> 12",
    ]


def test_elements_stand_in_the_order_of_their_numbers():
    places = [d.place for d in differences(Config({"a": []}).tree, Config({"a": list("x" * 12)}).tree)]
    assert places == [("a", str(index)) for index in range(12)]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (1, True, "changed  a: 1 -> true"),
        (1, 1.0, "changed  a: 1 -> 1.0"),
        (1, "1", "changed  a: 1 -> '1'"),
        (None, "null", "changed  a: null -> 'null'"),
        ("$1", "$$1", "changed  a: $1 -> $$1"),
        ({}, None, "changed  a: {} -> null"),
        ([1], {"0": 1}, "changed  a: [1] -> {'0': 1}"),
        ({"b": 1}, 2, "changed  a: {b: 1} -> 2"),
        ("a\nb", "x" * 300, f'changed  a: "a\\nb" -> {"x" * 300}'),
        ({1: "x"}, {"1": "x"}, "changed  a::1: the key 1 -> the key '1'"),
    ],
)
def test_values_stand_as_they_are_written(old, new, line):
    assert told({"a": old}, {"a": new}) == [line]


def test_an_added_list_is_one_value_unless_it_holds_others():
    assert told({}, {"a": [1, 2], "b": [1, {"c": 2}]}) == [
        "added    a: [1, 2]",
        "added    b::0: 1",
        "added    b::1::c: 2",
    ]


def test_not_a_number_equals_itself_here():
    assert told({"a": float("nan")}, {"a": float("nan")}) == []


def test_two_spellings_of_one_value_are_no_difference(write):
    write("a.yaml", "a: &x 1e-3\nb: *x\nc: {d: 1_000}")
    write("b.json", '{"c": {"d": 1000}, "b": 0.001, "a": 0.001}')
    assert differences(Config("a.yaml").tree, Config("b.json").tree) == []


@given(VALUES, VALUES)
def test_only_equal_configs_have_no_differences(one, other):
    old, new = Config({"a": one}), Config({"a": other})
    assert differences(old.tree, old.tree) == []
    there, back = differences(old.tree, new.tree), differences(new.tree, old.tree)
    assert bool(there) == (in_order(one) != in_order(other))
    assert [Difference(d.place, d.new, d.old) for d in there if d.old and d.new] == [d for d in back if d.old and d.new]


def in_order(value):
    """The value as a text in which keys stand in order; JSON tells 1, 1.0, true and "1" apart."""
    return json.dumps(value, sort_keys=True)
