"""Layers of a built model, replaced by their dotted names."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from torch import nn

from lighter.errors import RunError, suggestion
from lighter.training.patterns import named_modules, plain_name
from lighter.training.ranks import is_first
from lighter.training.torch_internals import children_at_each_place

Layer: TypeAlias = nn.Module | Callable[[nn.Module], nn.Module] | None
Model = TypeVar("Model", bound=nn.Module)

log = logging.getLogger("lighter")


def replace_layers(model: Model, layers: Mapping[str, Layer]) -> Model:
    """The same model, with other layers at some of its names.

    A layer that is at several places of the model is replaced at each. The new one takes over train or eval mode.

    Args:
        model: any `torch.nn.Module`; it is changed in place.
        layers: by dotted name (`fc`, `features.0`, `classifier.-1`) a module, a function that makes one from the layer
            that is there, or None for `torch.nn.Identity`.

    Raises:
        RunError: there is no such layer; the message has the nearest name.
        TypeError: what is given is no layer, and makes none.
    """
    for name, layer in layers.items():
        old = _found(model, name)
        new = _made(layer, old, name)
        new.train(old.training)
        found = [
            (parent, start, own)
            for start, parent in model.named_modules()
            for own, child in children_at_each_place(parent)
            if child is old
        ]
        for parent, _, own in found:
            setattr(parent, own, new)
        places = [plain_name(f"{start}.{own}".lstrip(".")) for _, start, own in found]
        where = f", at {', '.join(places)}" if len(places) > 1 else ""
        if is_first():
            log.info("layer %s: %s in place of %s%s", name, type(new).__name__, type(old).__name__, where)
    return model


def _found(model: nn.Module, name: str) -> nn.Module:
    known: dict[str, nn.Module] = {}
    for own, layer in named_modules(model):
        known.setdefault(own, layer)
    found = known.get(_from_start({**known, "": model}, name))
    if found is None:
        near = suggestion(name, known) or "it has no layers"
        raise RunError(f"replace_layers: there is no layer '{name}' in {type(model).__name__}; {near}")
    return found


def _from_start(known: Mapping[str, nn.Module], name: str) -> str:
    """The name, with positions from the end of a list (`classifier.-1`) as those from its start."""
    parts = name.split(".")
    for depth, part in enumerate(parts):
        parent = known.get(".".join(parts[:depth]))
        if part.startswith("-") and part[1:].isdigit() and isinstance(parent, nn.Sequential | nn.ModuleList):
            parts[depth] = str(len(parent) + int(part))
    return ".".join(parts)


def _made(layer: Any, old: nn.Module, name: str) -> nn.Module:
    if layer is None:
        return nn.Identity()
    new = layer if isinstance(layer, nn.Module) or not callable(layer) else layer(old)
    if not isinstance(new, nn.Module):
        raise TypeError(f"replace_layers: a module, or a function that makes one, is wanted for '{name}', not {new!r}")
    return new
