"""The order of a tensor's dimensions in memory: with channels last, convolutions on a GPU are faster."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import torch
from lightning_utilities.core.apply_func import apply_to_collection
from torch import Tensor, nn

from lighter.errors import suggestion

CompileSpec: TypeAlias = bool | Mapping[str, Any] | None

CHANNELS_LAST = "channels_last"
FORMATS = {4: torch.channels_last, 5: torch.channels_last_3d}  # by the number of dimensions


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


def check_memory_format(name: Any) -> None:
    """Raises ValueError unless it is None or 'channels_last', which serves images and volumes."""
    if name not in (None, CHANNELS_LAST):
        near = suggestion(str(name), (CHANNELS_LAST,), "write")
        raise ValueError(f"memory_format: there is no {name!r}; {near}, or leave it out")


def to_channels_last(model: nn.Module) -> None:
    """Rearranges a model's 4- and 5-dimensional parameters, in place; their shapes stay."""
    for parameter in model.parameters():
        if parameter.dim() in FORMATS:
            parameter.data = in_channels_last(parameter.data)


def in_channels_last(value: Any) -> Any:
    """The same batch, its images (4 dimensions) and volumes (5) rearranged; their shapes stay."""
    return apply_to_collection(value, Tensor, _rearranged)


def _rearranged(tensor: Tensor) -> Tensor:
    format = FORMATS.get(tensor.dim())
    return tensor if format is None else tensor.contiguous(memory_format=format)
