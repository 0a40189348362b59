"""What a criterion gives, as losses by name."""

from typing import Any

import pytest
import torch

from lighter.errors import RunError
from lighter.training.adapters.loss import named_losses, with_total

ONE, TWO = torch.tensor(1.0), torch.tensor(2.0)


@pytest.mark.parametrize(
    ("result", "named"),
    [
        (ONE, {"loss": ONE}),
        ({"total": ONE, "dice": TWO}, {"loss": ONE, "loss/dice": TWO}),
        ({"total": ONE, "weight": 2.0}, {"loss": ONE, "loss/weight": TWO}),
    ],
)
def test_losses_by_name(result: Any, named: Any) -> None:
    assert named_losses(result) == named


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ({"dice": ONE}, "the criterion gave a dict with the keys dice, and the loss to minimise is not known"),
        (
            (ONE, TWO),
            r"a tuple of length 2, .*; say which part is the loss, as in adapters: \{criterion: \{loss: 0\}\}",
        ),
        ({"a": ONE, "b": TWO}, r"return a 'total' as well, or say how to sum: .*\{loss: \{a: 1.0, b: 1.0\}\}"),
        (1.5, "return a tensor, or a mapping with the key 'total'"),
    ],
)
def test_a_loss_that_is_not_known(result: Any, told: str) -> None:
    with pytest.raises(RunError, match=told):
        named_losses(result)


def test_a_total_of_losses_that_have_none() -> None:
    assert with_total({"a": ONE, "b": 2.0}) == {"total": torch.tensor(3.0), "a": ONE, "b": 2.0}
    for result in (ONE, (ONE, TWO), {}, {"total": ONE, "a": TWO}):
        assert with_total(result) is result
