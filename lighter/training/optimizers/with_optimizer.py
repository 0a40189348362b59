"""A LightningModule that leaves optimizer and scheduler to whoever runs it, with those of a config."""

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any, TypeVar

from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch.optim import Optimizer

from lighter.training.optimizers.building import SchedulerSpec, configured, plateau, trained_parameters

Module = TypeVar("Module")  # a LightningModule of either package


def with_optimizer(
    module: Module, optimizer: Callable[[Any], Optimizer], scheduler: SchedulerSpec | None = None
) -> Module:
    """The module itself, with an optimizer and a scheduler from outside, as LightningCLI gives them.

    Args:
        module: a LightningModule; its `configure_optimizers` is replaced.
        optimizer: a function that makes the optimizer of the list of parameters that require a gradient.
        scheduler: a function that makes the scheduler of the optimizer, or Lightning's mapping with `scheduler`,
            `interval`, `frequency` and `monitor`.
    """
    # With the looks of a function, by which Lightning sees that it is there; a function in here could not be pickled.
    made = update_wrapper(partial(_configured, module, optimizer, scheduler), _configured)
    module.configure_optimizers = made  # type: ignore[attr-defined]  # what all this is for
    return module


def _configured(
    module: Any, optimizer: Callable[[Any], Optimizer], scheduler: SchedulerSpec | None
) -> OptimizerLRScheduler:
    trained = partial(trained_parameters, module=module)
    return configured(optimizer, scheduler, trained, lambda: plateau(module.trainer))
