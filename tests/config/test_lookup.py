"""What is said of a place that is not there."""

import pytest

from lighter.config.key_path import parse_path
from lighter.config.loading import load_mapping
from lighter.config.tree import HELPED, absent, levels, or_text

TREE = load_mapping(
    {
        "system": {"model": {"size": 3}, "copy": "%vars::m", "same": "@system::model", "code": "$1"},
        "list": [1, 2],
        "none": [],
        "e": {},
    }
)


@pytest.mark.parametrize(
    ("written", "help"),
    [
        ("sytem::model", "did you mean 'system::model'?"),
        ("system::modle::size", "did you mean 'system::model::size'?"),
        ("system::x", "'system' has model, copy, same, code"),
        ("xyz", "the config has system, list, none, e"),
        ("model::size", "did you mean 'system::model::size'?"),
        ("same", "did you mean 'system::same'?"),
        ("e::x", "'e' is empty"),
        ("list::2", "'list' is a list of 2, counted from 0 to 1"),
        ("list::a", "'list' is a list of 2, counted from 0 to 1"),
        ("none::0", "'none' is an empty list"),
        ("system::model::size::x", "'system::model::size' is a single value"),
        ("system::copy::a::b", "'system::copy' is copied from 'vars::m': write 'vars::m::a::b'"),
        ("system::same::a", "'system::same' is '@system::model': write 'system::model::a'"),
        ("system::code::a", "'system::code' is an expression, which has nothing below it"),
    ],
)
def test_a_place_that_is_not_there(written, help):
    assert absent(TREE, parse_path(written)) == (f"there is no '{written}'", help)


def test_a_place_below_another_is_told_whole():
    tree = load_mapping({"size": 1})
    assert absent(tree, ("sze",), ("a", "b")) == ("there is no 'a::b::sze'", "did you mean 'a::b::size'?")


def test_after_many_mistakes_nothing_near_is_looked_for():
    assert absent(TREE, ("sytem",), reported=HELPED + 1) == ("there is no 'sytem'", "")


@pytest.mark.parametrize(
    ("help", "written", "said"),
    [
        ("did you mean 'a'?", "%d", "did you mean 'a'?"),
        ("it has b", "%d", "it has b; a text that begins with '%' is written with '%%'"),
        ("", "@d", "a text that begins with '@' is written with '@@'"),
        ("it has b", "@a::d", "it has b"),
    ],
)
def test_where_nothing_is_near_a_word_may_be_text(help, written, said):
    assert or_text(help, written) == said


@pytest.mark.parametrize(("place", "said"), [(("a",), "'a' is 1 level deep"), (("a", "b"), "'a::b' is 2 levels deep")])
def test_how_far_a_place_can_climb(place, said):
    assert levels(place) == f"each '::' in front climbs one level, and {said}"
