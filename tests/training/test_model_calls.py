"""Which of `epoch` and `step` a model asks for."""

import functools
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lighter.training.adapters import Keywords, Positional
from lighter.training.model_calls import clock_arguments, infer


class Plain(nn.Module):
    def forward(self, input: Tensor) -> Tensor:
        return input


class Clocked(nn.Module):
    def forward(self, input: Tensor, mask: Tensor | None = None, *, step: int, epoch: int = 0) -> Tensor:
        return input


class StepFirst(nn.Module):
    def forward(self, step: Tensor, epoch: int) -> Tensor:
        return step


class NotImported(nn.Module):
    def forward(self, input: "Image", epoch: "Epoch") -> "Image":  # type: ignore[name-defined]  # noqa: F821  # as it is
        return input


class Anything(nn.Module):
    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return args


class Wrapper(nn.Module):
    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs)


@pytest.mark.parametrize(
    ("model", "asked"),
    [
        (Plain(), ()),
        (Clocked(), ("epoch", "step")),
        (StepFirst(), ("epoch",)),
        (Anything(), ()),
        (NotImported(), ("epoch",)),
        (Wrapper(Clocked()), ("epoch", "step")),
        (nn.DataParallel(Clocked()), ("epoch", "step")),
        (nn.Linear(1, 1), ()),
        (lambda x, step: x, ("step",)),
        (functools.partial(lambda x, step, epoch: x, epoch=1), ("epoch", "step")),
        (max, ()),
    ],
)
def test_what_a_model_asks_for(model: Any, asked: tuple[str, ...]) -> None:
    assert tuple(clock_arguments(model)) == asked


@pytest.mark.filterwarnings("ignore:`torch.jit.script_method`:DeprecationWarning")  # torch's own, within torch.compile
def test_a_compiled_model_is_looked_through() -> None:
    assert tuple(clock_arguments(torch.compile(Clocked()))) == ("epoch", "step")
    assert tuple(clock_arguments(Wrapper(torch.compile(Clocked())))) == ("epoch", "step")  # type: ignore[arg-type]  # a Module


@pytest.mark.parametrize(
    ("input", "called"),
    [
        (1, ((1,), {})),
        ([1, 2], (([1, 2],), {})),
        (Positional((1, 2, 3)), ((1, 2, 3), {})),
        (Keywords(x=1, y=2), ((1,), {"y": 2})),
    ],
)
def test_the_first_of_several_inputs_is_that_of_the_inferer(input: Any, called: Any) -> None:
    def inferer(first: Any, model: Any, *others: Any, **named: Any) -> Any:
        return model(first, *others, **named)

    assert infer(inferer, lambda *positional, **named: (positional, named), input) == called
