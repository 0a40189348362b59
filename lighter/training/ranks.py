"""The processes of a run: which of them this one is, how many they are, and a value of each brought to all.

Nothing heavy is imported before it is needed: the command line asks too.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


def is_first() -> bool:
    """Whether this process writes and says what is written and said once."""
    return rank() == 0


def rank() -> int:
    """The number of this process among those of the run, from 0."""
    from lightning_fabric.utilities.rank_zero import rank_zero_only

    found: int = rank_zero_only.rank  # type: ignore[attr-defined]  # Lightning sets it on the function
    return found


def rank_count() -> int:
    """How many processes run together."""
    import torch.distributed as dist

    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def gathered(value: Any) -> list[Any]:
    """The value of each rank, in their order; with several, tensors are on the CPU. A collective call."""
    import torch.distributed as dist
    from lightning_utilities.core.apply_func import apply_to_collection
    from torch import Tensor

    if rank_count() == 1:
        return [value]
    found: list[Any] = [None] * rank_count()
    dist.all_gather_object(found, apply_to_collection(value, Tensor, _on_cpu))
    return found


def _on_cpu(tensor: "Tensor") -> "Tensor":
    # A copy also on the CPU: a part of a larger tensor would take all of it along.
    return tensor.detach().to("cpu", copy=True)
