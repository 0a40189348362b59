"""Values of a batch as columns."""

from typing import Any

import numpy as np
import pytest
import torch

from lighter.callbacks.cells import LIMIT, cells
from lighter.errors import RunError

ONE = torch.tensor([1.0, 2.0])
TWO = torch.tensor([[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (ONE, {"pred": [1.0, 2.0]}),
        (ONE.reshape(2, 1, 1), {"pred": [1.0, 2.0]}),
        (ONE.numpy(), {"pred": [1.0, 2.0]}),
        (torch.tensor([True, False]), {"pred": [True, False]}),
        (TWO, {"pred_0": [1, 3], "pred_1": [2, 4]}),
        (TWO.reshape(2, 1, 2), {"pred": ["[[1, 2]]", "[[3, 4]]"]}),
        ({"a": ONE, "b": {"c": TWO}}, {"pred_a": [1.0, 2.0], "pred_b_c_0": [1, 3], "pred_b_c_1": [2, 4]}),
        ((ONE, TWO), {"pred_0": [1.0, 2.0], "pred_1_0": [1, 3], "pred_1_1": [2, 4]}),
        ([ONE, ONE, ONE], {"pred_0": [1.0, 2.0], "pred_1": [1.0, 2.0], "pred_2": [1.0, 2.0]}),
        ([ONE, TWO], {"pred": ["[1.0, 2.0]", "[[1, 2], [3, 4]]"]}),
        (["x", "y"], {"pred": ["x", "y"]}),
        (("x", "y"), {"pred": ["x", "y"]}),
        ([[1], [2, 3]], {"pred": ["[1]", "[2, 3]"]}),
        ([{"a": 1}, {"b": 2}], {"pred": ['{"a": 1}', '{"b": 2}']}),
        (np.array(["x", "y"]).tolist(), {"pred": ["x", "y"]}),
        ("whole", {"pred": ["whole", "whole"]}),
        (torch.tensor(5), {"pred": [5, 5]}),
        (None, {"pred": [None, None]}),
    ],
)
def test_what_columns_a_value_makes(value: Any, found: dict[str, list[Any]]) -> None:
    assert cells("pred", value, 2) == found


def test_a_long_vector_is_a_list_in_one_cell() -> None:
    assert len(cells("pred", torch.zeros(2, LIMIT), 2)) == LIMIT
    assert cells("pred", torch.zeros(1, LIMIT + 1), 1) == {"pred": [str([0.0] * (LIMIT + 1))]}


@pytest.mark.parametrize("value", [torch.zeros(3, 2), [1, 2, 3], (ONE, torch.zeros(3))])
def test_what_has_not_one_entry_a_sample_is_told(value: Any) -> None:
    with pytest.raises(RunError, match="in a batch of 4; a table needs one entry a sample, so pick or change it"):
        cells("pred", value, 4)
