"""The prediction of a batch, taken apart into its samples, or into the columns of a table."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from lighter.errors import RunError
from lighter.training.callbacks.samples import (
    LIMIT,
    Column,
    Columns,
    Lists,
    array,
    cells,
    fits,
    on_host,
    parts,
    plain,
    sample,
)
from lighter.training.callbacks.table_file import Gathered, joined, length, picked

ONE = torch.tensor([1.0, 2.0])
TWO = torch.tensor([[1, 2], [3, 4]])
RAGGED = [torch.zeros(3, 4), torch.ones(0, 4)]


class Pair(NamedTuple):
    a: Any
    b: Any


@dataclass
class Output:
    logits: Any
    name: str = "x"


@pytest.mark.parametrize(
    ("value", "second"),
    [
        (ONE, 2.0),
        (TWO, [3, 4]),
        (TWO.numpy(), [3, 4]),
        (torch.tensor(5), 5),
        ("whole", "whole"),
        (["x", "y"], "y"),
        ({"a": ONE, "b": [{"c": TWO, "d": ONE}]}, {"a": 2.0, "b": ({"c": [3, 4], "d": 2.0},)}),
        ((ONE, TWO), (2.0, [3, 4])),
        (RAGGED, []),
        ([{"boxes": RAGGED[0]}, {"boxes": TWO}], {"boxes": [[1, 2], [3, 4]]}),
        (Pair(ONE, TWO), {"a": 2.0, "b": [3, 4]}),
        (Output(TWO), {"logits": [3, 4], "name": "x"}),
    ],
)
def test_what_is_of_one_sample(value: Any, second: Any) -> None:
    assert listed(sample("pred", value, 1, 2, Lists("FileWriter"))) == second
    assert fits(value, 2)


def listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: listed(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return tuple(map(listed, value))
    return value.tolist() if isinstance(value, torch.Tensor | np.ndarray) else value


@pytest.mark.parametrize("value", [ONE, [1, 2], (ONE, TWO), {"a": ONE}, [TWO]])
def test_what_has_not_one_entry_a_sample_is_told(value: Any) -> None:
    assert not fits(value, 5)
    with pytest.raises(RunError, match=r"FileWriter: 'pred(_a)?' is .*, in a batch of 5; one entry a sample is wanted"):
        sample("pred", value, 0, 5, Lists("FileWriter"))


def test_a_list_that_may_be_either_is_taken_for_samples_and_that_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    lists = Lists("TableWriter")
    assert [lists.holds_outputs("pred", [ONE, ONE], 2) for _ in range(2)] == [False, False]
    (message,) = caplog.messages
    assert message == (
        "TableWriter: 'pred' is a list of length 2, as the batch is, and is taken for a list of samples. "
        "If it holds outputs, write transforms: {pred: $tuple}, or pick a part of it"
    )
    with pytest.raises(RunError) as told:
        lists.holds_outputs("pred", [ONE[:1], ONE[:1]], 1)
    assert str(told.value) == (
        "TableWriter: 'pred' is a list of length 2 in a batch of 1, so its entries are outputs of the model; in a "
        "batch of 2 it was taken for a list of samples; write transforms: {pred: $tuple}, or pick a part of it"
    )


def test_a_tuple_is_outputs_and_a_list_of_mappings_is_samples(caplog: pytest.LogCaptureFixture) -> None:
    assert Lists("TableWriter").holds_outputs("pred", (ONE, ONE), 2)
    assert not Lists("TableWriter").holds_outputs("pred", [{"boxes": torch.zeros(1, 4)}], 1)
    assert caplog.messages == []


@pytest.mark.parametrize(("first", "outputs"), [(([torch.zeros(4), torch.zeros(4)], 4), True), ((RAGGED, 2), False)])
def test_what_a_batch_has_shown_holds_for_those_after_it(first: Any, outputs: bool) -> None:
    lists = Lists("TableWriter")
    assert lists.holds_outputs("pred", *first) is outputs
    assert lists.holds_outputs("pred", [ONE, ONE], 2) is outputs


def test_what_has_keys_has_parts() -> None:
    class Keyed:
        def keys(self) -> list[str]:
            return ["a"]

        def __getitem__(self, key: str) -> int:
            return 1

    assert parts(Keyed()) == {"a": 1}
    assert parts(ONE) is parts([1]) is parts("x") is parts((1, 2)) is None


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float8_e4m3fn])
def test_small_floats_become_float32(dtype: torch.dtype) -> None:
    found = array(torch.tensor([1.5, 2], requires_grad=True).to(dtype))
    assert (found.dtype, found.tolist()) == (np.float32, [1.5, 2.0])


def test_an_array_of_a_tensor_of_another_class() -> None:
    found = array(MetaTensor(ONE))
    assert type(found) is np.ndarray
    assert array(np.ones(1, np.float16)).dtype == np.float32


def test_on_host_keeps_the_structure_and_drops_the_graph() -> None:
    leaf = torch.ones(2, requires_grad=True)
    found = on_host(
        {"a": [leaf * 2, (leaf, "x")], "b": MetaTensor(ONE, affine=torch.diag(torch.tensor([3.0, 1, 1, 1])))}
    )
    assert not found["a"][0].requires_grad
    assert isinstance(found["a"][1], tuple)
    assert found["b"].affine[0, 0] == 3


def test_a_list_of_one_is_the_one_sample(caplog: pytest.LogCaptureFixture) -> None:
    assert not Lists("FileWriter").holds_outputs("pred", [TWO[:1]], 1)
    assert caplog.messages == []


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
        ([None, torch.ones(2)], {"pred": [None, [1.0, 1.0]]}),
        ([torch.tensor(1.5), None], {"pred": [1.5, None]}),
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
def test_no_column_is_made_of_what_has_not_one_entry_a_sample(value: Any) -> None:
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
