"""Loaders at the place of a checkpoint: some are told it, of the others the batches seen are drawn again, and left."""

from collections.abc import Mapping
from typing import Any

import pytorch_lightning as pl
from lightning_fabric.utilities.data import _set_sampler_epoch
from torch.utils._pytree import tree_leaves

from lighter.resuming.progress import Loops, Phase, Position
from lighter.training.loaders.data_loader import BATCH, EPOCH, next_epoch

__all__ = ["current_epoch", "discard", "in_order_of_epoch", "is_stateful", "replays", "tell_loaders", "validates_now"]


def is_stateful(loader: Any) -> bool:
    """Whether a loader keeps a state of its own, which Lightning puts into a checkpoint."""
    return hasattr(loader, "state_dict") and hasattr(loader, "load_state_dict")


def replays(trainer: pl.Trainer) -> bool:
    """Whether a loader of the training data keeps no state of its own."""
    return not all(map(is_stateful, tree_leaves(trainer.train_dataloader)))


def discard(trainer: pl.Trainer, batches: int) -> None:
    """Draws so many batches; the loaders' iterators have just been made."""
    fetcher: Any = trainer.fit_loop._data_fetcher  # noqa: SLF001  # what the training takes its batches from
    for _ in range(batches):
        next(fetcher)
    fetcher.fetched -= batches  # Lightning is about to add those that it counts as done


def tell_loaders(trainer: pl.Trainer, loops: Loops, where: Position) -> None:
    """Lets the states of Lighter's loaders in a checkpoint say what was trained on, not what was read ahead."""
    fetcher: Any = trainer.fit_loop._data_fetcher  # noqa: SLF001  # it counts what it has read
    is_start = where["phase"] in {Phase.EPOCH, Phase.EPOCH_END}
    ahead = 0 if is_start else max(fetcher.fetched - where["batch"], 0)
    states = loops["state_dict"].get("combined_loader", [])
    for index, state in enumerate(states):
        if isinstance(state, Mapping) and {EPOCH, BATCH} <= state.keys():
            # Of several loaders each counts for itself: a short one begins anew while a long one goes on.
            states[index] = next_epoch(state) if is_start else {**state, BATCH: max(state[BATCH] - ahead, 0)}


def current_epoch(trainer: pl.Trainer) -> int:
    """The epoch that begins next; while data is set up Lightning has not counted it yet."""
    current: Any = trainer.fit_loop.epoch_progress.current
    return int(current.processed)


def validates_now(trainer: pl.Trainer) -> bool:
    """Whether a validation follows the batch just done."""
    fit: Any = trainer.fit_loop
    return bool(fit.epoch_loop._should_check_val_fx(fit._data_fetcher))  # noqa: SLF001  # Lightning's own answer


def in_order_of_epoch(trainer: pl.Trainer, loader: Any) -> None:
    """Tells a sampler the epoch before its loader is asked, which Lightning does too late where workers read ahead."""
    _set_sampler_epoch(loader, current_epoch(trainer))
