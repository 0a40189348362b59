"""A model split over devices, each of which holds a part of every parameter (FSDP2)."""

from collections.abc import Iterator
from typing import Any

from torch import nn
from torch.distributed.device_mesh import DeviceMesh

SMALLEST = 1_000_000  # parameters of a module that is gathered on its own; smaller ones wait for those around them
LISTS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)


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
    for layer in [*_layers(model, smallest), model]:
        _fully_shard(layer, mesh)


def _layers(module: nn.Module, smallest: int) -> Iterator[nn.Module]:
    for child in module.children():
        is_entry = isinstance(module, LISTS) and not isinstance(child, LISTS)
        if _count(child, recurse=is_entry) >= smallest:
            yield child
        else:
            yield from _layers(child, smallest)


def _count(module: nn.Module, *, recurse: bool) -> int:
    return sum(parameter.numel() for parameter in module.parameters(recurse))


def _fully_shard(module: nn.Module, mesh: DeviceMesh) -> None:
    from torch.distributed.fsdp import fully_shard

    fully_shard(module, mesh=mesh)
