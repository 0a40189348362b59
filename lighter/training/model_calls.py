"""What the forward of a model asks for besides its inputs."""

import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from lighter.training.adapters import Keywords, Positional
from lighter.training.torch_internals import COMPILED

CLOCK = ("epoch", "step")


def clock_arguments(model: Callable[..., Any]) -> dict[str, int]:
    """Which of `epoch` and `step` the model takes by name, and at which position; the first is its input, by any name.

    Looks through wrappers that pass everything on (torch.compile, DataParallel and their kin).
    """
    try:
        signature = _signature(model.forward if isinstance(model, nn.Module) else model)
    except (TypeError, ValueError):  # a scripted or C function has no signature
        return {}
    parameters = list(signature.parameters.values())
    if all(one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD) for one in parameters):
        inner = getattr(model, COMPILED, None) or getattr(model, "module", None)
        return {} if inner is None else clock_arguments(inner)
    free = {one.name: at for at, one in enumerate(parameters) if at and one.kind is one.POSITIONAL_OR_KEYWORD}
    free |= {one.name: sys.maxsize for one in parameters if one.kind is one.KEYWORD_ONLY}
    return {name: free[name] for name in CLOCK if name in free}


def left_free(clock: Mapping[str, int], input: Any) -> list[str]:
    """Those arguments that inputs by position have not taken."""
    taken = len(input) if type(input) is Positional else 1
    return [name for name, at in clock.items() if at >= taken]


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    if sys.version_info >= (3, 14):  # where an annotation is evaluated when it is read, and its name may be missing
        from annotationlib import Format

        return inspect.signature(function, annotation_format=Format.FORWARDREF)
    return inspect.signature(function)


def infer(inferer: Callable[..., Any], model: Callable[..., Any], input: Any) -> Any:
    """What `inferer(input, model)` gives; of several inputs the first is its input, the others follow the model."""
    if type(input) is Positional:
        return inferer(input[0], model, *input[1:])
    if type(input) is Keywords:
        first, *others = input.items()
        return inferer(first[1], model, **dict(others))
    return inferer(input, model)
