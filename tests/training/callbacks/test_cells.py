"""Values of a batch as columns."""

from typing import Any

import numpy as np
import pytest
import torch

from lighter.errors import RunError
from lighter.training.callbacks.cells import LIMIT, Column, Columns, Gathered, cells, joined, length, picked, plain
from lighter.training.callbacks.samples import Lists

ONE = torch.tensor([1.0, 2.0])
TWO = torch.tensor([[1, 2], [3, 4]])


def columns(value: Any, count: int = 2) -> dict[str, list[Any]]:
    found = cells({"pred": value}, count, Lists("TableWriter"))
    return {name: plain(column) for name, column in found.items()}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (ONE, {"pred": [1.0, 2.0]}),
        (ONE.half(), {"pred": [1.0, 2.0]}),
        (ONE.bfloat16(), {"pred": [1.0, 2.0]}),
        (ONE.reshape(2, 1, 1), {"pred": [1.0, 2.0]}),
        (ONE.numpy(), {"pred": [1.0, 2.0]}),
        (torch.tensor([True, False]), {"pred": [True, False]}),
        (TWO, {"pred_0": [1, 3], "pred_1": [2, 4]}),
        (TWO.reshape(2, 1, 2), {"pred": [[[1, 2]], [[3, 4]]]}),
        (torch.zeros(2, 0), {"pred": [[], []]}),
        ({"a": ONE, "b": {"c": TWO}}, {"pred_a": [1.0, 2.0], "pred_b_c_0": [1, 3], "pred_b_c_1": [2, 4]}),
        ({"a": [{"b": (ONE, ONE)}]}, {"pred_a_0_b_0": [1.0, 2.0], "pred_a_0_b_1": [1.0, 2.0]}),
        ((ONE, TWO), {"pred_0": [1.0, 2.0], "pred_1_0": [1, 3], "pred_1_1": [2, 4]}),
        ([ONE, ONE, ONE], {"pred_0": [1.0, 2.0], "pred_1": [1.0, 2.0], "pred_2": [1.0, 2.0]}),
        ([torch.tensor(1), torch.tensor(2)], {"pred": [1, 2]}),
        ([torch.ones(1), TWO], {"pred": [[1.0], [[1, 2], [3, 4]]]}),
        (["x", "y"], {"pred": ["x", "y"]}),
        (("x", "y"), {"pred": ["x", "y"]}),
        ([[1], [2, 3]], {"pred": [[1], [2, 3]]}),
        ([{"a": 1}, {"b": 2}], {"pred": [{"a": 1}, {"b": 2}]}),
        (
            [
                {"boxes": torch.ones(1, 2), "label": torch.tensor(3)},
                {"boxes": torch.ones(0, 2), "label": torch.tensor(4)},
            ],
            {"pred_boxes": [[[1.0, 1.0]], []], "pred_label": [3, 4]},
        ),
        ([{"a": [ONE]}, {"a": []}], {"pred_a": [[[1.0, 2.0]], []]}),
        (np.array(["x", "y"]), {"pred": ["x", "y"]}),
        ("whole", {"pred": ["whole", "whole"]}),
        (torch.tensor(5), {"pred": [5, 5]}),
        (None, {"pred": [None, None]}),
    ],
)
def test_what_columns_a_value_makes(value: Any, found: dict[str, list[Any]]) -> None:
    assert columns(value) == found


def test_a_long_vector_is_a_list_in_one_cell() -> None:
    assert len(columns(torch.zeros(2, LIMIT))) == LIMIT
    assert columns(torch.zeros(1, LIMIT + 1), 1) == {"pred": [[0.0] * (LIMIT + 1)]}


def test_numbers_keep_their_type() -> None:
    found = cells({"a": torch.tensor([1, 2], dtype=torch.uint8), "b": ONE.double()}, 2, Lists("TableWriter"))
    assert [column.dtype for column in found.values() if isinstance(column, np.ndarray)] == [np.uint8, np.float64]


@pytest.mark.parametrize("value", [torch.zeros(3, 2), [1, 2, 3], (ONE, torch.zeros(3)), np.zeros(5)])
def test_what_has_not_one_entry_a_sample_is_told(value: Any) -> None:
    with pytest.raises(RunError, match="in a batch of 4; one entry a sample is wanted, so pick or change it"):
        columns(value, 4)


def test_two_columns_of_one_name_are_told() -> None:
    with pytest.raises(RunError, match="TableWriter: two columns are called 'a_b'; give one of them another name"):
        cells({"a": {"b": ONE}, "a_b": ONE}, 2, Lists("TableWriter"))


def test_plain_values_can_be_written_as_json() -> None:
    value = {"a": (ONE, np.float32(1)), 2: [None, True, "x", object]}
    assert plain(value) == {"a": [[1.0, 2.0], 1.0], "2": [None, True, "x", "<class 'object'>"]}


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
