"""The tree: places, sizes, positions."""

import pytest

from lighter.config.loading import load_mapping
from lighter.config.tree import Entry, Mapping, child, children, find, key_position, walk
from lighter.errors import Position, Source

HERE = Position(Source("here"))
TREE = load_mapping({"a": {"b": [1, {"c": 2}]}, "d": "@a"})


def test_children_are_known_by_text():
    assert [key for key, _ in children(TREE)] == ["a", "d"]
    assert [key for key, _ in children(find(TREE, ("a", "b")))] == ["0", "1"]
    assert list(children(find(TREE, ("d",)))) == []


@pytest.mark.parametrize(
    "path", [("x",), ("a", "x"), ("a", "b", "2"), ("a", "b", "-1"), ("d", "a"), ("a", "b", "0", "x")]
)
def test_what_is_not_there_is_none(path):
    assert find(TREE, path) is None
    assert key_position(TREE, path) is None


@pytest.mark.parametrize("key", ["01", "\u0661", "1_0", " 1", "1 ", "+1", "9" * 5000])
def test_a_position_in_a_list_is_written_in_one_way(key):
    assert child(find(TREE, ("a", "b")), key) is None


def test_a_walk_sees_all_parents_first():
    places = [place for place, _ in walk(TREE)]
    assert places == [(), ("a",), ("a", "b"), ("a", "b", "0"), ("a", "b", "1"), ("a", "b", "1", "c"), ("d",)]


def test_a_tree_knows_its_size_depth_and_marks():
    assert (TREE.size, TREE.depth, TREE.marked) == (7, 4, False)
    assert Mapping({"a": Entry("a", TREE, HERE, "+")}, HERE).marked
    assert load_mapping({"a": [{"~b": 1}]}).marked


def test_a_key_has_its_own_position():
    at = Position(Source("x"), 3)
    tree = Mapping({"a": Entry("a", TREE, at)}, HERE)
    assert key_position(tree, ("a",)) is at
    assert key_position(TREE, ()) is TREE.position
