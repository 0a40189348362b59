"""What makes a model ready for its devices: compiled, in channels last, or split over several (FSDP2)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import torch
from lightning_utilities.core.apply_func import apply_to_collection
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh
from torch.nn.parameter import is_lazy

from lighter.errors import suggestion

CompileSpec: TypeAlias = bool | Mapping[str, Any] | None

CHANNELS_LAST = "channels_last"
FORMATS = {4: torch.channels_last, 5: torch.channels_last_3d}  # by the number of dimensions
SMALLEST = 1_000_000  # parameters of a module that is gathered on its own; smaller ones wait for those around them
LISTS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)


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
        if not is_lazy(parameter) and parameter.dim() in FORMATS:
            parameter.data = in_channels_last(parameter.data)


def in_channels_last(value: Any) -> Any:
    """The same batch, its images (4 dimensions) and volumes (5) rearranged; their shapes stay."""
    return apply_to_collection(value, Tensor, _rearranged)


def _rearranged(tensor: Tensor) -> Tensor:
    format = FORMATS.get(tensor.dim())
    return tensor if format is None else tensor.contiguous(memory_format=format)


def shard(model: nn.Module, mesh: DeviceMesh, smallest: int = SMALLEST) -> None:
    """Splits the parameters of a model, in place, over the data-parallel dimension of the mesh.

    A model that has a method `parallelize(mesh)` of its own is split by that, over all dimensions. Else each of its
    layers with `smallest` parameters or more is gathered when it runs, and the rest together with the model. Layers
    are the entries of an nn.Sequential, nn.ModuleList or nn.ModuleDict, and modules whose own parameters are that many.
    Source: Zhao et al., PyTorch FSDP, 2023, in its second form, `torch.distributed.fsdp.fully_shard`.
    """
    own: Any = getattr(model, "parallelize", None)
    if callable(own):
        own(mesh)
        return
    if mesh.mesh_dim_names and "data_parallel" in mesh.mesh_dim_names:
        mesh = mesh["data_parallel"]
    from torch.distributed.fsdp import fully_shard

    for layer in [*_layers(model, smallest), model]:
        fully_shard(layer, mesh=mesh)


def _layers(module: nn.Module, smallest: int) -> Iterator[nn.Module]:
    for child in module.children():
        is_entry = isinstance(module, LISTS) and not isinstance(child, LISTS)
        if sum(parameter.numel() for parameter in child.parameters(recurse=is_entry)) >= smallest:
            yield child
        else:
            yield from _layers(child, smallest)
