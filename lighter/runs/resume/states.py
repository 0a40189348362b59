"""All that is random in a run: the states of the process and of its loaders, as plain data."""

from typing import Any, TypeAlias

import pytorch_lightning as pl

from lighter.training.loaders.data_loader import DataLoader, next_epoch
from lighter.training.loaders.random_states import global_states, restore, restore_global, states
from lighter.training.torch_internals import leaves

States: TypeAlias = dict[str, Any]


def captured(trainer: pl.Trainer) -> States:
    """The states as they are now, of this rank."""
    train, val = leaves(trainer.train_dataloader), leaves(trainer.val_dataloaders)
    return {
        "process": global_states(),
        "train": [states(one) for one in train],
        "val": [states(one) for one in val],
        # Lightning keeps those of the training data.
        "own": [next_epoch(one.state_dict()) if isinstance(one, DataLoader) else None for one in val],
    }


def put_back(trainer: pl.Trainer, found: States) -> None:
    """Makes the states those that were captured."""
    restore_global(found["process"])
    for name, loaders in (("train", trainer.train_dataloader), ("val", trainer.val_dataloaders)):
        for loader, state in zip(leaves(loaders), found[name], strict=False):
            restore(loader, state)
    for number, loader in enumerate(leaves(trainer.val_dataloaders)):
        tell_pass(loader, found, number)


def tell_pass(loader: Any, found: States, number: int) -> None:
    """Lets a loader of validation data begin with the pass that comes next."""
    own = found["own"][number] if number < len(found["own"]) else None
    if own is not None and isinstance(loader, DataLoader):
        loader.load_state_dict(own)
