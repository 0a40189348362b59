"""From a batch to input, target and identifier."""

import pickle
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from lighter.errors import RunError
from lighter.training.adapters.batch import BatchAdapter, Keywords, Positional

TENSOR = torch.zeros(4, 3)


@pytest.mark.parametrize(
    ("batch", "parts"),
    [
        ((1, 2), (1, 2, None)),
        ([1, 2], (1, 2, None)),
        ([1], (1, None, None)),
        ({"input": 1, "target": 2, "identifier": 3, "more": 4}, (1, 2, 3)),
        ({"input": 1}, (1, None, None)),
        (5, (5, None, None)),
    ],
)
def test_what_is_taken_by_convention(batch: Any, parts: tuple[Any, Any, Any]) -> None:
    assert BatchAdapter()(batch) == parts


def test_a_tensor_is_the_input() -> None:
    assert BatchAdapter()(TENSOR)[0] is TENSOR


def test_in_predict_the_first_is_the_input() -> None:
    assert BatchAdapter()((1, 2, 3), predicts=True) == (1, None, None)
    assert BatchAdapter()((1, 2), predicts=True) == (1, 2, None)


def test_a_batch_of_three_is_not_guessed() -> None:
    with pytest.raises(RunError) as told:
        BatchAdapter()((1, 2, 3))
    assert str(told.value) == (
        "BatchAdapter: the batch is a tuple of length 3, and only one of length 2 is known to be (input, target); "
        "say which part is which, as in adapters: {batch: {input: 0, target: 1, identifier: 2}}"
    )


def test_a_mapping_without_input_is_told() -> None:
    with pytest.raises(RunError) as told:
        BatchAdapter()({"image": 1, "label": 2})
    assert str(told.value) == (
        "BatchAdapter: the batch is a dict with the keys image, label, and has no 'input'; "
        "say which key it is, as in adapters: {batch: {input: image, target: label}}"
    )


def test_what_is_named_is_taken() -> None:
    adapter = BatchAdapter(input="image", target="labels::0", identifier=lambda batch: batch["path"])
    assert adapter({"image": 1, "labels": [2], "path": "a"}) == (1, 2, "a")


def test_what_is_not_named_beside_an_input_is_none() -> None:
    assert BatchAdapter(input=0)((1, 2)) == (1, None, None)


def test_an_identifier_alone_leaves_the_convention() -> None:
    adapter = BatchAdapter(identifier="path")
    assert adapter({"input": 1, "target": 2, "path": "a"}) == (1, 2, "a")


def test_a_named_part_must_be_there() -> None:
    with pytest.raises(RunError, match=r"BatchAdapter\(target\): the batch has no key 'label'"):
        BatchAdapter(input="image", target="label")({"image": 1})


def test_only_the_target_may_be_missing_in_predict() -> None:
    adapter = BatchAdapter(input="image", target="label", identifier="id")
    assert adapter({"image": 1, "id": 3}, predicts=True) == (1, None, 3)
    with pytest.raises(RunError, match="no key 'id'"):
        adapter({"image": 1}, predicts=True)


def test_several_inputs() -> None:
    inputs, *_ = BatchAdapter(input=["image", "mask"])({"image": 1, "mask": 2})
    assert inputs == Positional((1, 2))
    assert type(inputs) is Positional
    inputs, *_ = BatchAdapter(input={"x": "image", "m": "mask"})({"image": 1, "mask": 2})
    assert inputs == Keywords(x=1, m=2)
    assert type(inputs) is Keywords
    with pytest.raises(RunError, match=r"BatchAdapter\(input m\): the batch has no key 'mask'"):
        BatchAdapter(input={"m": "mask"})({"image": 1})


def test_several_targets_are_a_list_or_a_mapping() -> None:
    batch = {"image": 1, "mask": 2, "box": [3]}
    assert BatchAdapter(input="image", target=["mask", "box::0"])(batch) == (1, [2, 3], None)
    assert BatchAdapter(input="image", target={"m": "mask"})(batch) == (1, {"m": 2}, None)
    assert BatchAdapter(input="image", target=["mask", "label"])(batch, predicts=True) == (1, None, None)
    with pytest.raises(RunError, match=r"BatchAdapter\(target 1\): the batch has no key 'label'"):
        BatchAdapter(input="image", target=["mask", "label"])(batch)


def test_an_index_into_a_tensor_is_a_sample_and_not_an_input() -> None:
    with pytest.raises(RunError) as told:
        BatchAdapter(input=0, target=1)(TENSOR, predicts=True)
    assert str(told.value) == (
        "BatchAdapter(input): an index is given, but the batch is a Tensor of shape (4, 3), not a list; "
        "where the batch itself is the input, give this mode a batch adapter without arguments"
    )


def test_an_attribute_of_a_batch() -> None:
    assert BatchAdapter(input="x", target="y")(SimpleNamespace(x=1, y=2)) == (1, 2, None)


@pytest.mark.parametrize(
    ("size", "found"), [("count", 7), ("number", 8), ("label", 4), ("names", 2), (lambda batch: batch["count"] + 1, 8)]
)
def test_how_many_samples_a_batch_has(size: Any, found: int) -> None:
    batch = {"input": 1, "count": 7, "number": torch.tensor(8), "label": TENSOR, "names": ["a", "b"]}
    adapter = BatchAdapter(size=size)
    assert adapter.size is not None
    assert adapter.size(batch) == found
    assert adapter(batch) == (1, None, None)


def test_a_size_that_is_none() -> None:
    adapter = BatchAdapter(size="graph")
    assert adapter.size is not None
    with pytest.raises(
        RunError, match=r"BatchAdapter\(size\): a number or something with a length is wanted, not a SimpleN"
    ):
        adapter.size({"graph": SimpleNamespace()})


def test_it_reaches_other_processes() -> None:
    adapter = pickle.loads(pickle.dumps(BatchAdapter(input=["a", "b::0"], target=len, size="a")))
    assert adapter({"a": 1, "b": [2]}) == ((1, 2), 2, None)
    assert adapter.size({"a": 1}) == 1


@pytest.mark.parametrize("spec", [1.5, {"x": None}, [True]])
def test_a_wrong_argument_is_refused_when_it_is_made(spec: Any) -> None:
    with pytest.raises(TypeError, match=r"BatchAdapter\(input"):
        BatchAdapter(input=spec)
