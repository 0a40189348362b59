"""A call of a model with a batch: its arguments, and how many samples they hold."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from lightning_utilities.core.apply_func import apply_to_collection
from torch import Tensor

from lighter.training.adapters import Keywords, Positional
from lighter.training.batches import plain
from lighter.training.torch_internals import leaves, with_leaves


@dataclass(frozen=True)
class ModelCall:
    """Positional and keyword arguments; `count` is how many samples the first tensor has."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    count: int = 1

    def __call__(self, model: Callable[..., Any]) -> Any:
        """What the model gives, without gradients."""
        with torch.no_grad():
            return model(*self.args, **self.kwargs)

    @property
    def leaves(self) -> list[Any]:
        """All that the arguments hold, in PyTorch's order."""
        return leaves((self.args, self.kwargs))

    def has_batch(self, leaf: Any) -> bool:
        """Whether something among the leaves is a tensor with a sample for each of its first dimension."""
        return isinstance(leaf, Tensor) and leaf.dim() > 0 and leaf.shape[0] == self.count

    def first(self) -> "ModelCall":
        """The same with the first sample alone."""
        return self._changed(lambda tensor: tensor[:1], 1)

    def twice(self) -> "ModelCall":
        """The same with each sample twice: of one sample PyTorch would take the 1 for a fixed number."""
        return self._changed(lambda tensor: torch.cat([tensor, tensor]), 2 * self.count)

    def _changed(self, change: Callable[[Tensor], Tensor], count: int) -> "ModelCall":
        args, kwargs = with_leaves(
            lambda leaf: change(leaf) if self.has_batch(leaf) else leaf, (self.args, self.kwargs)
        )
        return ModelCall(args, kwargs, count)


def call_with(input: Any, **others: Any) -> ModelCall:
    """The call that a System makes with an input of the batch adapter, and with further keyword arguments."""
    input = apply_to_collection(input, Tensor, lambda tensor: plain(tensor).detach())
    if isinstance(input, Keywords):
        args, kwargs = (), {**input, **others}
    else:
        args, kwargs = tuple(input) if isinstance(input, Positional) else (input,), others
    return ModelCall(args, kwargs, next((one.shape[0] for one in tensors((args, kwargs)) if one.dim()), 1))


def tensors(output: Any) -> list[Tensor]:
    """The tensors in what a model takes or gives, in PyTorch's order."""
    return [leaf for leaf in leaves(output) if isinstance(leaf, Tensor)]
