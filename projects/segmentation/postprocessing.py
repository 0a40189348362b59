"""MONAI's postprocessing of a prediction, as it is done for each volume alone."""

from collections.abc import Callable
from typing import Any

from monai.data import MetaTensor, decollate_batch
from torch import Tensor

__all__ = ["PerVolume"]


class PerVolume:
    """Dictionary transforms for each volume of a batch, which may differ in shape afterwards: they find it as `key`."""

    def __init__(self, transform: Callable[[dict[str, Any]], dict[str, Any]], key: str) -> None:
        self.transform = transform
        self.key = key

    def __call__(self, batch: MetaTensor) -> list[Tensor]:
        return [self.transform({self.key: volume})[self.key] for volume in decollate_batch(batch)]
