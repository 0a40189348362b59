"""Rows of a table, held by column."""

import numpy as np
import pytest

from lighter.callbacks.cells import Column, Columns
from lighter.callbacks.rows import Gathered, joined, length, picked


def test_rows_wait_until_there_are_enough() -> None:
    gathered = Gathered(rows=3)
    assert not gathered.add({"a": np.array([1, 2]), "b": ["x", "y"]})
    assert gathered.add({"a": np.array([3]), "b": ["z"]})
    found = gathered.take()
    assert {name: list(column) for name, column in found.items()} == {"a": [1, 2, 3], "b": ["x", "y", "z"]}
    assert gathered.take() == {}


@pytest.mark.parametrize("column", [np.zeros((1, 100)), [np.zeros(100)], ["x" * 800]])
def test_large_rows_are_enough_sooner(column: Column) -> None:
    gathered = Gathered(rows=1000, size=1500)
    assert not gathered.add({"a": column})
    assert gathered.add({"a": column})


def test_what_waits_is_a_copy() -> None:
    gathered = Gathered(rows=10)
    array, ragged = np.array([1]), [np.array([1])]
    gathered.add({"a": array, "b": ragged})
    array[0] = ragged[0][0] = 5
    found = gathered.take()
    assert (found["a"][0], found["b"][0][0]) == (1, 1)


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ([np.array([1]), np.array([2])], np.array([1, 2])),
        ([np.array([[1, 2]]), np.array([[3, 4]])], np.array([[1, 2], [3, 4]])),
        ([np.array([2**53 + 1]), np.array([0.5])], [2**53 + 1, 0.5]),
        ([np.array([1]), [None]], [1, None]),
        ([["x"], ["y"]], ["x", "y"]),
    ],
)
def test_columns_are_joined_without_loss(columns: list[Column], found: Column) -> None:
    joint = joined([{"a": column} for column in columns])["a"]
    assert type(joint) is type(found)
    assert np.array_equal(joint, found)


def test_arrays_of_other_shapes_become_a_list_of_them() -> None:
    joint = joined([{"a": np.zeros((1, 2))}, {"a": np.ones((2, 3))}])["a"]
    assert [one.shape for one in joint] == [(2,), (3,), (3,)]


def test_rows_are_picked_by_place() -> None:
    columns: Columns = {"a": np.array([1, 2, 3]), "b": ["x", "y", "z"]}
    found = picked(columns, np.array([2, 0]))
    assert (list(found["a"]), found["b"], length(found), length({})) == ([3, 1], ["z", "x"], 2, 0)
