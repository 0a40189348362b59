"""What Lightning does around each step for nothing, left out by what a module and a profiler officially may be."""

from collections.abc import Callable
from contextlib import ContextDecorator
from functools import cache
from inspect import Parameter, Signature, getattr_static, unwrap
from types import CodeType, FunctionType, MethodType
from typing import Any, TypeVar

import pytorch_lightning as pl
import torch
from pytorch_lightning.profilers import PassThroughProfiler

from lighter.training.stages import Mode

_OURS = frozenset({"builtins", "lighter", "lightning", "lightning_fabric", "pytorch_lightning", "torch"})

# Lightning passes over a hook that cannot be called; around each other it takes two notes and asks its profiler.
_HOOKS = {
    Mode.TRAIN: (
        "on_train_batch_start",
        "on_train_batch_end",
        "on_before_zero_grad",
        "on_before_backward",
        "on_after_backward",
        "on_before_optimizer_step",
    ),
    Mode.VAL: ("on_validation_batch_start", "on_validation_batch_end"),
    Mode.TEST: ("on_test_batch_start", "on_test_batch_end"),
    Mode.PREDICT: ("on_predict_batch_start", "on_predict_batch_end"),
}


def leave_out_empty_hooks(module: pl.LightningModule, mode: Mode) -> None:
    """Takes those hooks of a mode's batches from a module that are Lightning's own and empty.

    Its class keeps them, for `super()`, and what calls them itself has them. Before an epoch Lightning asks for their
    parameters: they are to be there then.
    """
    for name in _HOOKS[mode]:
        is_empty = getattr(getattr(module, name), "__func__", None) is getattr(pl.LightningModule, name)
        if is_empty and not _is_named(type(module), name):
            vars(module)[name] = None


def put_back_empty_hooks(module: pl.LightningModule, *modes: Mode) -> None:
    """Gives back what was taken for some modes."""
    for name in (name for mode in modes for name in _HOOKS[mode]):
        if vars(module).get(name, name) is None:
            del vars(module)[name]


def _is_named(kind: type, name: str) -> bool:
    return name in _names_in_code(kind)


@cache
def _names_in_code(kind: type) -> frozenset[str]:
    """The names in the code of the classes that are neither Lightning's nor ours: of what they call, among others."""
    bases = [base for base in kind.__mro__ if base.__module__.partition(".")[0] not in _OURS]
    members = [getattr(one, "__func__", getattr(one, "fget", one)) for base in bases for one in vars(base).values()]
    codes = [one.__code__ for member in members if isinstance(one := unwrap(member), FunctionType)]
    for code in codes:  # which grows: a function in a function has code of its own
        codes += [one for one in code.co_consts if isinstance(one, CodeType)]
    return frozenset(name for code in codes for name in code.co_names)


class ClippingHook:
    """`configure_gradient_clipping`: none where the trainer clips nothing and no subclass has its own, or calls it."""

    def __get__(self, instance: Any, owner: type) -> Any:
        inherited, name = pl.LightningModule.configure_gradient_clipping, "configure_gradient_clipping"
        if instance is None:
            return inherited
        is_idle = instance.trainer.gradient_clip_val is None and not _is_named(owner, name)
        return None if is_idle and getattr_static(owner, name) is self else MethodType(inherited, instance)


class _Nothing(ContextDecorator):
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


class IdleProfiler(PassThroughProfiler):
    """Lightning's profiler that measures nothing, without a generator for each of the thirty parts of a step."""

    _nothing = _Nothing()

    def profile(self, action_name: str) -> Any:
        """A context in which nothing happens, of any name."""
        return self._nothing


def without_idle_profiling(trainer: Any) -> None:
    """Has a trainer of Lightning's that profiles nothing do so for less."""
    if type(trainer.profiler) is PassThroughProfiler:
        trainer.profiler = IdleProfiler()


def forget_gradients(optimizer: Any) -> bool:
    """Zeroes an optimizer's gradients as torch's own `zero_grad` does; False where the optimizer has its own."""
    if type(optimizer).zero_grad is not torch.optim.Optimizer.zero_grad:
        return False
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = None
    return True


_SHORTEST = Signature([Parameter("self", Parameter.POSITIONAL_ONLY), Parameter("args", Parameter.VAR_POSITIONAL)])
Step = TypeVar("Step", bound=Callable[..., Any])


def briefly_signed(step: Step) -> Step:
    """Says of a step no more than that it takes what comes: Lightning reads its signature at each batch."""
    step.__signature__ = _SHORTEST  # type: ignore[attr-defined]  # where inspect looks first
    return step
