from typing import Any

import torch
from monai.data import MetaTensor  # type: ignore[attr-defined]  # offered without an __all__

from lighter.results.exporting.model_call import ModelCall, call_with, tensors
from lighter.training.adapters import Keywords, Positional


def test_an_input_is_the_one_argument() -> None:
    call = call_with(torch.ones(3, 2), epoch=0)
    assert [one.shape for one in call.args] == [(3, 2)]
    assert (call.kwargs, call.count) == ({"epoch": 0}, 3)


def test_several_inputs_are_several_arguments() -> None:
    assert len(call_with(Positional([torch.ones(3, 2), torch.ones(3)])).args) == 2
    call = call_with(Keywords(mask=torch.ones(4, 2)), epoch=0)
    assert (call.args, list(call.kwargs), call.count) == ((), ["mask", "epoch"], 4)


def test_a_mapping_is_one_argument_too() -> None:
    call = call_with({"ids": torch.ones(5, 2), "length": torch.tensor(2)})
    assert list(call.args[0]) == ["ids", "length"]
    assert call.count == 5


def test_an_input_without_samples_counts_as_one() -> None:
    assert call_with(torch.tensor(1.0)).count == 1
    assert call_with("text").count == 1


def test_metadata_and_gradients_are_left_behind() -> None:
    given = MetaTensor(torch.ones(2, 1, requires_grad=True) * 2)
    (tensor,) = call_with(given).args
    assert type(tensor) is torch.Tensor
    assert not tensor.requires_grad


def test_the_samples_are_cut_and_doubled_where_there_are_any() -> None:
    call = ModelCall((torch.arange(3), {"a": [torch.arange(2), "b"]}), {"c": torch.zeros(3, 1)}, 3)
    first, twice = call.first(), call.twice()
    assert (first.count, twice.count) == (1, 6)
    assert [tuple(one.shape) for one in tensors((first.args, first.kwargs))] == [(1,), (2,), (1, 1)]
    assert [tuple(one.shape) for one in tensors((twice.args, twice.kwargs))] == [(6,), (2,), (6, 1)]
    assert twice.args[0].tolist() == [0, 1, 2, 0, 1, 2]


def test_a_call_gives_what_the_model_gives_without_gradients() -> None:
    def model(input: Any, *, factor: int) -> Any:
        assert not torch.is_grad_enabled()
        return {"a": input * factor, "b": None, "c": (1, input)}

    assert [one.tolist() for one in tensors(call_with(torch.ones(1), factor=3)(model))] == [[3], [1]]
