"""A model that torch.compile makes faster."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import torch
from torch import nn

CompileSpec: TypeAlias = bool | Mapping[str, Any] | None

__all__ = ["CompileSpec", "check_compile", "compiled"]


def check_compile(compile: Any) -> None:
    """Raises TypeError unless it is true, false, or the arguments of torch.compile."""
    if not (compile is None or isinstance(compile, bool | Mapping)):
        raise TypeError(
            f"compile: true, or the arguments of torch.compile such as {{mode: max-autotune}}, not {compile!r}"
        )


def compiled(model: nn.Module, compile: CompileSpec) -> Callable[..., Any]:
    """What is called in place of the model; the model's parameters keep their names.

    `compile`: true, or the arguments of torch.compile; without them the model itself.
    """
    if compile is None or compile is False:
        return model
    # Not model.compile(), which leaves an nn.Sequential as it is.
    called: Callable[..., Any] = torch.compile(model, **(compile if isinstance(compile, Mapping) else {}))
    return called
