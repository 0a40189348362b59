"""The output of a step, as callbacks get it."""

from collections.abc import Mapping
from typing import Any

from lighter.adapters.transforms import Transforms, functions_by_source

__all__ = ["LoggingAdapter"]


class LoggingAdapter:
    """Makes the step's output for callbacks; `transforms` change input, target or pred on the way."""

    def __init__(self, transforms: Mapping[str, Transforms] | None = None) -> None:
        self._transforms = tuple(functions_by_source(transforms, type(self).__name__).items())

    def __call__(self, output: dict[str, Any]) -> dict[str, Any]:
        """The output itself, changed: a mapping with identifier, input, target, pred, loss, step and epoch."""
        for source, transforms in self._transforms:
            if output[source] is not None:
                for transform in transforms:
                    output[source] = transform(output[source])
        return output
