"""The optimizer and the scheduler of a System, in any form they are given."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeAlias, cast

import pytorch_lightning as pl
import torch
from lightning_fabric.utilities.data import sized_len
from pytorch_lightning.utilities.types import LRSchedulerConfig, LRSchedulerConfigType, OptimizerLRScheduler
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from torch.utils.data import DataLoader

from lighter.errors import RunError, listing, suggestion
from lighter.training.logged_name import VAL_LOSS, Kind, LoggedName
from lighter.training.optimizers.parameter_groups import described, settle_groups
from lighter.training.optimizers.selecting import Trained
from lighter.training.stages import Mode
from lighter.training.torch_internals import leaves

OptimizerSpec: TypeAlias = Optimizer | Callable[[Any], Any] | Sequence[Any]
SchedulerSpec: TypeAlias = LRScheduler | Callable[[Optimizer], Any] | Mapping[str, Any]

SCHEDULER_KEYS = tuple(field.name for field in fields(LRSchedulerConfig))
INTERVALS = ("epoch", "step")

log = logging.getLogger("lighter")


def check_optimizer(optimizer: Any, place: str = "optimizer") -> None:
    """Raises TypeError unless it is None, an Optimizer, a callable to make one, or a list of these."""
    if isinstance(optimizer, list | tuple) and optimizer:
        for index, one in enumerate(optimizer):
            check_optimizer(one, f"{place}::{index}")
    elif not (optimizer is None or isinstance(optimizer, Optimizer) or callable(optimizer)):
        raise TypeError(f"{place}: an Optimizer or a function of the parameters is wanted, not {optimizer!r}")


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


def trained_parameters(**parts: object) -> Trained:
    """The parameters of the modules that are to be trained, each once; RunError where there is none."""
    parameters = Trained(**parts)
    if not parameters:
        raise RunError(
            "the optimizer has nothing to train: no parameter of the model or the criterion requires a gradient; "
            "unfreeze a part of the model (requires_grad_(True)), or use another stage than fit"
        )
    return parameters


def build_optimizer(optimizer: OptimizerSpec | None, parameters: Trained, place: str = "optimizer") -> Optimizer:
    """The optimizer itself, one of several that are given in a list.

    Raises RunError where none was given, TypeError where the callable makes something else.
    """
    if optimizer is None:
        raise RunError(
            "the System has no optimizer, and fit needs one; give it one, as in "
            "optimizer: {_target_: torch.optim.Adam, _mode_: callable, lr: 0.001}"
        )
    built = optimizer if isinstance(optimizer, Optimizer | Sequence) else optimizer(parameters)
    if isinstance(built, list | tuple) and built:
        parts = [build_optimizer(one, parameters, f"{place}::{index}") for index, one in enumerate(built)]
        check_disjoint({f"{place}::{index}": part for index, part in enumerate(parts)}, parameters)
        from lighter.training.optimizers.joint_optimizer import JointOptimizer

        return JointOptimizer(parts)
    if not isinstance(built, Optimizer):
        raise TypeError(f"{place}: {optimizer!r} was to make an Optimizer from the parameters, and made {built!r}")
    settle_groups(built, place)
    return built


def check_disjoint(optimizers: Mapping[str, Optimizer], parameters: Trained) -> None:
    """Raises RunError where two optimizers, by the names of their places, train the same parameter."""
    found: dict[torch.Tensor, str] = {}
    for place, optimizer in optimizers.items():
        for one in trained_by(optimizer):
            if found.setdefault(one, place) != place:
                name = parameters.name_of(one)
                raise RunError(
                    f"'{name}' is trained by {found[one]} and by {place}; say which parameters each of them has, "
                    f"as in params: {{names: {name.rpartition('.')[0]}}}, and for the last params: {{rest: true}}"
                )


def trained_by(*optimizers: Optimizer) -> Iterator[nn.Parameter]:
    """The parameters of the optimizers."""
    return (one for optimizer in optimizers for group in optimizer.param_groups for one in group["params"])


def report_optimizers(optimizers: Sequence[Optimizer], parameters: Trained) -> None:
    """Logs the groups that have names, and what no optimizer trains though it could be trained."""
    if groups := described(optimizers):
        log.info("optimizer: %s", groups)
    left = set(parameters).difference(trained_by(*optimizers))
    if left:
        names = listing(name for name, one in parameters.names.items() if one in left)
        log.warning("optimizer: %d parameters are trained by none, and stay as they are: %s", len(left), names)


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


def configured(
    optimizer: Any,
    scheduler: SchedulerSpec | None,
    parameters: Callable[[], Trained],
    plateau: Callable[[], Mapping[str, Any]],
) -> OptimizerLRScheduler:
    """The one optimizer of a System and its scheduler, as Lightning takes them."""
    is_given = optimizer is None or isinstance(optimizer, Optimizer)
    trained = Trained() if is_given else parameters()
    built = build_optimizer(optimizer, trained)
    if not is_given:
        report_optimizers([built], trained)
    if scheduler is None:
        return built
    return {"optimizer": built, "lr_scheduler": build_scheduler(scheduler, built, plateau())}


def rates(optimizers: Sequence[Optimizer], names: Sequence[str] = ()) -> dict[str, torch.Tensor]:
    """Learning rate and momentum by the names under which they are logged.

    `train/lr` and `train/momentum`; then the name or index of the optimizer, if there are several, and the name or
    index of the parameter group, if there are several.
    """
    found: dict[str, torch.Tensor] = {}
    for number, optimizer in enumerate(optimizers):
        called = names[number] if number < len(names) else str(number)
        for index, group in enumerate(optimizer.param_groups):
            parts = [called] if len(optimizers) > 1 else []
            parts += [str(group.get("name", index))] if len(optimizer.param_groups) > 1 else []
            for kind, value in ((Kind.LR, group.get("lr")), (Kind.MOMENTUM, group.get("momentum"))):
                if value is not None:
                    # A copy: a learning rate may be a tensor that the scheduler changes in place.
                    name = str(LoggedName(Mode.TRAIN, kind, "/".join(parts), unit=None))
                    found[name] = torch.as_tensor(value, dtype=torch.float64).clone()
    return found


def plateau(trainer: pl.Trainer, validation: Any = None) -> dict[str, Any]:
    """What a ReduceLROnPlateau looks at, and how often, if its config does not say; `validation`: its loaders."""
    lengths = {sized_len(one) for one in leaves(validation) if isinstance(one, DataLoader)}
    if not trainer.enable_validation or lengths == {0}:
        return {"monitor": str(LoggedName(Mode.TRAIN, Kind.LOSS))}
    return {"monitor": VAL_LOSS, "frequency": trainer.check_val_every_n_epoch or 1}
