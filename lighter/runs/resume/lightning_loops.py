"""Where in its loops a run is when a checkpoint is written, in the form from which Lightning resumes there."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeAlias

import pytorch_lightning as pl

from lighter.training.lightning_internals import batches_read
from lighter.training.loaders.data_loader import BATCH, EPOCH, next_epoch
from lighter.training.torch_internals import leaves

Loops: TypeAlias = dict[str, Any]  # what Lightning keeps of the fit loop in a checkpoint

_BATCHES, _STEPPED = "epoch_loop.batch_progress", "_batches_that_stepped"


class Phase(StrEnum):
    """At which kind of place a checkpoint was written."""

    EPOCH = "epoch"  # before an epoch begins, all that belongs to the one before it done
    EPOCH_END = "epoch end"  # by a callback at the end of an epoch
    BATCH = "batch"  # between two batches, all that belongs to the first done
    VALIDATION = "validation"  # in the middle of one, which is repeated


Position: TypeAlias = dict[str, Any]  # phase, batches done, whether all of the epoch, steps that loggers know of


def position(loops: Loops, phase: Phase | None) -> Position:
    """The position that the progress in a checkpoint says; without a phase, one of those Lightning saves at."""
    epoch, batches = loops["epoch_progress"]["current"], loops[_BATCHES]
    steps: int = loops["epoch_loop.state_dict"][_STEPPED]
    if phase in {None, Phase.VALIDATION} and epoch["processed"] != epoch["ready"]:
        steps += 1  # of the batch just done, which Lightning counts after its validation
    if phase is Phase.BATCH and epoch["processed"] != epoch["completed"]:
        steps -= 1  # of the epoch that is broken off here: what it logs at its end is logged again at the true one
    if phase is None:
        phase = Phase.EPOCH_END if epoch["processed"] == epoch["ready"] else Phase.BATCH
    is_start = phase in {Phase.EPOCH, Phase.EPOCH_END}
    is_last = phase is not Phase.BATCH or batches["current"]["started"] == batches["current"]["ready"]
    return {
        "phase": str(phase),
        "batch": 0 if is_start else batches["current"]["processed"],
        "is_last": is_last and batches["is_last_batch"] and not is_start,
        "logged": steps,
    }


def is_at_batch_end(loops: Loops) -> bool:
    """Whether a callback writes the checkpoint at the end of a batch, before its validation."""
    batches = loops[_BATCHES]["current"]
    return bool(batches["completed"] < batches["processed"])


def as_at_epoch_start(loops: Loops) -> None:
    """Takes back that the next epoch has begun: Lightning would take its batches for done already."""
    for count in loops["epoch_progress"].values():
        count["ready"] = count["completed"]


def as_at_batch_end(loops: Loops) -> None:
    """Lets a checkpoint before batch n + 1 look like one from the end of batch n, from where Lightning resumes.

    It then counts the end of batch n again, and its step. An epoch that ended with that batch is not done.
    """
    for count in loops["epoch_progress"].values():
        count["processed"] = count["completed"]
    batches = loops[_BATCHES]
    for count in _counts(batches):
        count.update(ready=count["completed"], started=count["completed"], processed=count["completed"])
        count["completed"] -= 1
    batches["is_last_batch"] = False
    loops["epoch_loop.state_dict"][_STEPPED] -= 1


def as_at_validation_start(loops: Loops) -> None:
    """Lets a validation that was begun, or is about to be, look as if no batch of it were done."""
    for count in _counts(loops[_BATCHES]):
        count["completed"] = count["processed"]
    for count in _counts(loops["epoch_loop.val_loop.batch_progress"]):
        count.update(ready=1, started=1, processed=0, completed=0)


def _counts(progress: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, int]]:
    return progress["total"], progress["current"]


def is_stateful(loader: Any) -> bool:
    """Whether a loader keeps a state of its own, which Lightning puts into a checkpoint."""
    return hasattr(loader, "state_dict") and hasattr(loader, "load_state_dict")


def needs_fast_forward(trainer: pl.Trainer) -> bool:
    """Whether a loader of the training data keeps no state of its own."""
    return not all(map(is_stateful, leaves(trainer.train_dataloader)))


def correct_loader_states(trainer: pl.Trainer, loops: Loops, where: Position) -> None:
    """Lets the states of Lighter's loaders in a checkpoint say what was trained on, not what was read ahead."""
    is_start = where["phase"] in {Phase.EPOCH, Phase.EPOCH_END}
    ahead = 0 if is_start else max(batches_read(trainer) - where["batch"], 0)
    states = loops["state_dict"].get("combined_loader", [])
    for index, state in enumerate(states):
        if isinstance(state, Mapping) and {EPOCH, BATCH} <= state.keys():
            # Of several loaders each counts for itself: a short one restarts while a long one continues.
            states[index] = next_epoch(state) if is_start else {**state, BATCH: max(state[BATCH] - ahead, 0)}
