"""The optimizer and the scheduler of a System, in any form they are given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeAlias, cast

import torch
from pytorch_lightning.utilities.types import LRSchedulerConfig, LRSchedulerConfigType
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from lighter.errors import RunError, suggestion

OptimizerSpec: TypeAlias = Optimizer | Callable[[list[nn.Parameter]], Optimizer]
SchedulerSpec: TypeAlias = LRScheduler | Callable[[Optimizer], Any] | Mapping[str, Any]

SCHEDULER_KEYS = tuple(field.name for field in fields(LRSchedulerConfig))
INTERVALS = ("epoch", "step")

__all__ = [
    "OptimizerSpec",
    "SchedulerSpec",
    "build_optimizer",
    "build_scheduler",
    "check_optimizer",
    "check_scheduler",
    "rates",
    "trained_parameters",
]


def check_optimizer(optimizer: Any) -> None:
    """Raises TypeError unless it is None, an Optimizer, or a callable to make one."""
    if not (optimizer is None or isinstance(optimizer, Optimizer) or callable(optimizer)):
        raise TypeError(f"optimizer: an Optimizer or a function of the parameters is wanted, not {optimizer!r}")


def check_scheduler(scheduler: Any) -> None:
    """Raises TypeError or ValueError unless it is None, a scheduler, a callable to make one, or Lightning's mapping."""
    if isinstance(scheduler, Mapping):
        for key in scheduler:
            if key not in SCHEDULER_KEYS:
                raise ValueError(f"scheduler: there is no {key!r}; {suggestion(str(key), SCHEDULER_KEYS)}")
        if scheduler.get("interval", "epoch") not in INTERVALS:
            near = suggestion(str(scheduler["interval"]), INTERVALS, "write one of")
            raise ValueError(f"scheduler::interval: {scheduler['interval']!r} is no interval; {near}")
        if scheduler.get("scheduler") is None:
            raise ValueError("scheduler: the mapping has no 'scheduler'; write the scheduler itself under that key")
        scheduler = scheduler["scheduler"]
    if not (scheduler is None or isinstance(scheduler, LRScheduler) or callable(scheduler)):
        raise TypeError(f"scheduler: a scheduler or a function of the optimizer is wanted, not {scheduler!r}")


def trained_parameters(*modules: object) -> list[nn.Parameter]:
    """The parameters of the modules that are to be trained, each once; RunError where there is none."""
    parameters: dict[nn.Parameter, None] = {}
    for module in modules:
        if isinstance(module, nn.Module):
            parameters.update(dict.fromkeys(found for found in module.parameters() if found.requires_grad))
    if not parameters:
        raise RunError(
            "the optimizer has nothing to train: no parameter of the model or the criterion requires a gradient; "
            "unfreeze a part of the model (requires_grad_(True)), or use another stage than fit"
        )
    return list(parameters)


def build_optimizer(optimizer: OptimizerSpec | None, parameters: list[nn.Parameter]) -> Optimizer:
    """The optimizer itself; RunError where none was given, TypeError where the callable makes something else."""
    if optimizer is None:
        raise RunError(
            "the System has no optimizer, and fit needs one; give it one, as in "
            "optimizer: {_target_: torch.optim.Adam, _mode_: callable, lr: 0.001}"
        )
    built = optimizer if isinstance(optimizer, Optimizer) else optimizer(parameters)
    if not isinstance(built, Optimizer):
        raise TypeError(f"optimizer: {optimizer!r} was to make an Optimizer from the parameters, and made {built!r}")
    return built


def build_scheduler(
    scheduler: SchedulerSpec, optimizer: Optimizer, plateau: Mapping[str, Any]
) -> LRSchedulerConfigType:
    """The scheduler as Lightning's mapping; `plateau` completes that of a ReduceLROnPlateau without monitor."""
    given = dict(scheduler) if isinstance(scheduler, Mapping) else {"scheduler": scheduler}
    built = given["scheduler"]
    if not isinstance(built, LRScheduler):
        built = built(optimizer)
        if isinstance(built, Mapping):
            check_scheduler(built)
            given.update(built)
            built = built["scheduler"]
    if not hasattr(built, "step"):
        raise TypeError(f"scheduler: {scheduler!r} was to make a scheduler from the optimizer, and made {built!r}")
    given["scheduler"] = built
    if isinstance(built, ReduceLROnPlateau) and given.get("monitor") is None:
        given = {**plateau, **{key: value for key, value in given.items() if value is not None}}
    return cast(LRSchedulerConfigType, given)


def rates(optimizers: Sequence[Optimizer]) -> dict[str, torch.Tensor]:
    """Learning rate and momentum (the first beta of Adam) by the names under which they are logged.

    `train/lr` and `train/momentum`; then the index of the optimizer, if there are several, and the name or index of the
    parameter group, if there are several.
    """
    found: dict[str, torch.Tensor] = {}
    for number, optimizer in enumerate(optimizers):
        for index, group in enumerate(optimizer.param_groups):
            parts = [str(number)] if len(optimizers) > 1 else []
            parts += [str(group.get("name", index))] if len(optimizer.param_groups) > 1 else []
            momentum = group.get("momentum", next(iter(group.get("betas") or ()), None))
            for name, value in (("lr", group.get("lr")), ("momentum", momentum)):
                if value is not None:
                    # A copy: a learning rate may be a tensor that the scheduler changes in place.
                    found["/".join(["train", name, *parts])] = torch.as_tensor(value, dtype=torch.float64).clone()
    return found
