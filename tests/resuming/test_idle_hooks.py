"""A callback is called at each batch for nothing but what it does there."""

import pytest
import pytorch_lightning as pl

from lighter.resuming.boundaries import Boundaries
from lighter.resuming.idle_hooks import without_idle_hooks
from lighter.resuming.resume_point import ResumePoint


@without_idle_hooks
class OnlyEnds(pl.Callback):
    def on_train_batch_end(self, *args: object) -> None:
        """Does something."""


def test_hooks_that_are_not_overridden_are_none() -> None:
    hooks = ("on_train_start", "on_train_batch_start", "on_train_batch_end")
    assert [callable(getattr(OnlyEnds, hook)) for hook in hooks] == [True, False, True]
    assert callable(pl.Callback.on_train_batch_start)


@pytest.mark.parametrize(("kind", "busy"), [(ResumePoint, "on_train_batch_start"), (Boundaries, "on_train_batch_end")])
def test_what_runs_need_at_each_batch_is_one_hook(kind: type[pl.Callback], busy: str) -> None:
    hooks = [name for name in dir(pl.Callback) if name.startswith(("on_train_batch", "on_before", "on_after"))]
    assert [name for name in hooks if callable(getattr(kind, name))] == [busy]
