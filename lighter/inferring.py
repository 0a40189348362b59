"""An inferer, such as MONAI's sliding window, in place of the model."""

from collections.abc import Callable
from typing import Any

from lighter.adapters import Keywords, Positional

__all__ = ["infer"]


def infer(inferer: Callable[..., Any], model: Callable[..., Any], input: Any) -> Any:
    """What `inferer(input, model)` gives; of several inputs the first is its input, the others follow the model."""
    if type(input) is Positional:
        return inferer(input[0], model, *input[1:])
    if type(input) is Keywords:
        first, *others = input.items()
        return inferer(first[1], model, **dict(others))
    return inferer(input, model)
