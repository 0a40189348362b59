"""A LightningModule that leaves optimizer and scheduler to whoever runs it, with those of a config."""

from collections.abc import Callable
from functools import partial, update_wrapper
from types import MethodType
from typing import Any, TypeVar

from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch.optim import Optimizer

from lighter.training.optimizers.building import SchedulerSpec, configured, plateau, trained_parameters

Module = TypeVar("Module")  # a LightningModule of either package


def with_optimizer(
    module: Module, optimizer: Callable[[Any], Optimizer], scheduler: SchedulerSpec | None = None
) -> Module:
    """The module itself, whose `configure_optimizers` makes these of its parameters, as LightningCLI has it.

    `optimizer` is called with the parameters that require a gradient, `scheduler` with the optimizer; it may be a
    mapping of Lightning's, with `scheduler`, `interval`, `monitor` and so on.
    """
    # With the looks of a function, by which Lightning sees that it is there; of a function in here no copy can be sent.
    made = update_wrapper(partial(_configured, optimizer=optimizer, scheduler=scheduler), _configured)
    module.configure_optimizers = MethodType(made, module)  # type: ignore[attr-defined]  # what all this is for
    return module


def _configured(
    module: Any, optimizer: Callable[[Any], Optimizer], scheduler: SchedulerSpec | None
) -> OptimizerLRScheduler:
    return configured(
        optimizer, scheduler, partial(trained_parameters, module=module), partial(plateau, module.trainer)
    )
