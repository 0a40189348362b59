"""A value of each rank, whatever it is made of, brought to all."""

from typing import Any

import torch.distributed as dist
from lightning_utilities.core.apply_func import apply_to_collection
from torch import Tensor


def gathered(value: Any) -> list[Any]:
    """The value of each rank, in their order; with several, tensors are on the CPU. A collective call."""
    if rank_count() == 1:
        return [value]
    found: list[Any] = [None] * rank_count()
    dist.all_gather_object(found, apply_to_collection(value, Tensor, _on_cpu))
    return found


def rank_count() -> int:
    """How many processes run together."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def _on_cpu(tensor: Tensor) -> Tensor:
    # A copy also on the CPU: a part of a larger tensor would take all of it along.
    return tensor.detach().to("cpu", copy=True)
