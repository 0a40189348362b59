"""The prediction of a batch, taken apart into its samples."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from lighter.errors import RunError
from lighter.training.callbacks.samples import Lists, array, fits, on_host, parts, sample

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
        "If it holds outputs, write transforms: $tuple, or pick a part of it"
    )
    with pytest.raises(RunError) as told:
        lists.holds_outputs("pred", [ONE[:1], ONE[:1]], 1)
    assert str(told.value) == (
        "TableWriter: 'pred' is a list of length 2 in a batch of 1, so its entries are outputs of the model; in a "
        "batch of 2 it was taken for a list of samples; write transforms: $tuple, or pick a part of it"
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
