"""How far the outputs of an exported model are from the model's own."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lighter.errors import RunError


@dataclass(frozen=True, slots=True)
class Difference:
    """The largest over all outputs, as it is and relative to the greatest value of its output."""

    absolute: float = 0.0
    relative: float = 0.0

    def __or__(self, other: "Difference") -> "Difference":
        return Difference(max(self.absolute, other.absolute), max(self.relative, other.relative))


def difference(own: Sequence[Tensor], exported: Sequence[Tensor]) -> Difference:
    """The largest over pairs of outputs. Raises RunError where they are not of the same number or shapes."""
    shapes, others = [tuple(one.shape) for one in own], [tuple(one.shape) for one in exported]
    if shapes != others:
        raise RunError(f"the exported model gives outputs of shapes {others}, and the model {shapes}")
    found = Difference()
    for one, other in zip(own, exported, strict=True):
        found |= _of_pair(_wide(one), _wide(other))
    return found


def _wide(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().to(torch.complex128 if tensor.is_complex() else torch.float64)


def _of_pair(own: Tensor, other: Tensor) -> Difference:
    # Equal infinities, and what is no number in both, differ by nothing.
    same = (own == other) | (own.isnan() & other.isnan())
    gaps = torch.where(same, 0.0, (own - other).abs())
    absolute = gaps.max().item() if gaps.numel() else 0.0
    if math.isnan(absolute):
        return Difference(math.inf, math.inf)
    if absolute == 0:
        return Difference()
    finite = own.abs()[own.isfinite()]
    largest = finite.max().item() if finite.numel() else 0.0
    return Difference(absolute, absolute / largest if largest else math.inf)
