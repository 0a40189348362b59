"""Hooks that a callback has no use for, and that each batch would otherwise call."""

from typing import TypeVar

import pytorch_lightning as pl

C = TypeVar("C", bound=type[pl.Callback])

_OF_EACH_BATCH = (
    "on_train_batch_start",
    "on_train_batch_end",
    "on_before_zero_grad",
    "on_before_backward",
    "on_after_backward",
    "on_before_optimizer_step",
    "on_validation_batch_start",
    "on_validation_batch_end",
)

__all__ = ["without_idle_hooks"]


def without_idle_hooks(kind: C) -> C:
    """The class with None for those it inherits: Lightning times each hook that can be called, also an empty one."""
    for hook in _OF_EACH_BATCH:
        if getattr(kind, hook) is getattr(pl.Callback, hook):
            setattr(kind, hook, None)
    return kind
