"""Which targets are loggers of Lightning's, and what of their arguments a run's config may leave to the run."""

import inspect
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from lighter.config.signatures import function_of, signature_of
from lighter.training.lightnings import within

_LOGGERS = within("loggers.")
# What a class imports when it is called, of which one will do, and the extra that brings it.
_IMPORTS = {
    "MLFlowLogger": (("mlflow",), "mlflow"),
    "TensorBoardLogger": (("tensorboard", "tensorboardX"), "tensorboard"),
    "WandbLogger": (("wandb",), "wandb"),
}
# Arguments without which a class cannot be called; a run knows its own folder.
_REQUIRED = {"CSVLogger": ("save_dir",), "TensorBoardLogger": ("save_dir",)}


def tracker_kind(target: object) -> str | None:
    """The name of the class of Lightning's loggers that a class is or comes from; None for anything else."""
    for base in target.__mro__ if isinstance(target, type) else ():
        if f"{base.__module__}.".startswith(_LOGGERS):
            return base.__name__
    return None


def left_to_run(target: object) -> tuple[str, ...]:
    """The required arguments that a run gives to a logger of this class."""
    return _REQUIRED.get(tracker_kind(target) or "", ())


def unmet_import(target: object) -> tuple[str, str] | None:
    """The package that a logger of this class needs and that is not installed, and the extra that brings it."""
    packages, extra = _IMPORTS.get(tracker_kind(target) or "", ((), ""))
    return (packages[0], extra) if packages and not any(map(find_spec, packages)) else None


def takes(target: Callable[..., Any], name: str) -> bool:
    """Whether a logger's class takes an argument: by its name, or handed on by Lightning's own `**kwargs`."""
    signature = signature_of(target)
    if signature is None or name in signature.parameters:
        return signature is not None
    has_rest = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in signature.parameters.values())
    return has_rest and str(getattr(function_of(target), "__module__", "")).startswith(_LOGGERS)
