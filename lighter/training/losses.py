"""What a criterion gives, as losses by name."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor

from lighter.errors import RunError
from lighter.training.adapters.accessors import described
from lighter.training.adapters.loss import TOTAL
from lighter.training.logged_name import Kind

Losses: TypeAlias = Mapping[str, Tensor]

LOSS = Kind.LOSS.value


def with_total(result: Any) -> Any:
    """The same with the sum of all losses as total, where it is a mapping of losses without one."""
    if not isinstance(result, Mapping) or TOTAL in result or not result:
        return result
    return {TOTAL: sum(torch.as_tensor(loss) for loss in result.values()), **result}


def named_losses(result: Any) -> Losses:
    """The losses by the names under which they are logged: `loss` is the one to minimise.

    Raises RunError, saying what is there, where that one is not known.
    """
    if isinstance(result, Tensor):
        return {LOSS: result}
    if isinstance(result, Mapping) and TOTAL in result:
        return {LOSS if name == TOTAL else f"{LOSS}/{name}": torch.as_tensor(loss) for name, loss in result.items()}
    raise RunError(f"the criterion gave {described(result)}, and the loss to minimise is not known; {_cure(result)}")


def _cure(result: Any) -> str:
    if isinstance(result, Mapping):
        weights = ", ".join(f"{name}: 1.0" for name in list(result)[:3]) or "dice: 1.0"
        return f"return a '{TOTAL}' as well, or say how to sum: adapters: {{criterion: {{loss: {{{weights}}}}}}}"
    if isinstance(result, Sequence) and not isinstance(result, str):
        return "say which part is the loss, as in adapters: {criterion: {loss: 0}}"
    return f"return a tensor, or a mapping with the key '{TOTAL}'"
