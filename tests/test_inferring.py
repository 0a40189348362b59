"""An inferer in place of the model."""

from typing import Any

import pytest

from lighter.adapters import Keywords, Positional
from lighter.inferring import infer


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
