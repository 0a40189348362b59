"""All that is random in a run: the states of the process and of its loaders, as plain data."""

from typing import Any, TypeAlias

import pytorch_lightning as pl
from torch.utils._pytree import tree_leaves

from lighter.loaders.random_states import global_states, restore, restore_global, states

States: TypeAlias = dict[str, Any]

__all__ = ["States", "captured", "put_back", "put_back_in_loader"]


def captured(trainer: pl.Trainer) -> States:
    """The states as they are now, of this rank."""
    train, val = tree_leaves(trainer.train_dataloader), tree_leaves(trainer.val_dataloaders)
    return {"process": global_states(), "train": [states(one) for one in train], "val": [states(one) for one in val]}


def put_back(trainer: pl.Trainer, found: States) -> None:
    """Makes the states those that were captured."""
    restore_global(found["process"])
    for name, loaders in (("train", trainer.train_dataloader), ("val", trainer.val_dataloaders)):
        for loader, state in zip(tree_leaves(loaders), found[name], strict=False):
            restore(loader, state)


def put_back_in_loader(loader: Any, found: States, name: str, index: int) -> None:
    """The same for one loader that is about to be used, and for the process that makes its iterator."""
    restore_global(found["process"])
    if index < len(found[name]):
        restore(loader, found[name][index])
