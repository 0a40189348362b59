"""Schedulers that a config makes otherwise than in the run it resumes, as `T_max: "@trainer::max_epochs"` may be."""

import logging
import math
import warnings
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, TypeAlias

import pytorch_lightning as pl
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, ReduceLROnPlateau

from lighter.errors import listing

Schedule: TypeAlias = dict[str, Any]  # the state of a scheduler that has made no step, and what it set in its optimizer

log = logging.getLogger("lighter")

_RATES = ("base_lrs", "_last_lr")  # those of the optimizer, which keeps what it had
_SCHEDULED = ("lr", "initial_lr", "min_lr", "max_lr", "momentum", "base_momentum", "max_momentum", "betas")


def new_schedules(trainer: pl.Trainer) -> list[Schedule]:
    """The schedules of a run whose schedulers have just been made: no checkpoint has restored them yet."""
    return [_schedule(config.scheduler) for config in trainer.lr_scheduler_configs]


def rebuild_changed(trainer: pl.Trainer, saved: Sequence[Schedule], new: Sequence[Schedule]) -> None:
    """Puts each scheduler that is made otherwise than before where it would be had it been made so from the start.

    One that does not count its steps, or goes by a value as a plateau scheduler does, stays as the checkpoint has it.
    """
    for config, before, now in zip(trainer.lr_scheduler_configs, saved, new, strict=False):
        scheduler, outcome = config.scheduler, "it stays as the checkpoint has it"
        changes = _changes(before["state"], now["state"]) or _changed_lambda(scheduler)
        if not changes:
            continue
        counts = isinstance(scheduler, LRScheduler) and hasattr(scheduler, "last_epoch")
        if counts and not isinstance(scheduler, ReduceLROnPlateau):
            group = scheduler.optimizer.param_groups[0]
            was = float(group["lr"])
            _rebuild(scheduler, now)
            step, rate = scheduler.last_epoch, float(group["lr"])
            outcome = f"it continues at step {step} of the new schedule, at a rate of {rate:.4g} in place of {was:.4g}"
        shown = listing([one for one in changes if not one.startswith("_")] or changes)
        log.warning("scheduler: %s is another by this config (%s); %s", type(scheduler).__name__, shown, outcome)


def _schedule(scheduler: Any) -> Schedule:
    groups = getattr(getattr(scheduler, "optimizer", None), "param_groups", ())
    set_there = [{key: group[key] for key in _SCHEDULED if key in group} for group in groups]
    return deepcopy({"state": scheduler.state_dict(), "groups": set_there})


def _rebuild(scheduler: LRScheduler, new: Schedule) -> None:
    new, steps = deepcopy(new), scheduler.last_epoch
    for group, values in zip(scheduler.optimizer.param_groups, new["groups"], strict=True):
        group.update(values)
    scheduler.load_state_dict(new["state"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the optimizer has made no step before
        while scheduler.last_epoch < steps:
            scheduler.step()


def _changes(before: Any, after: Any, place: str = "") -> list[str]:
    """What is different in two states, with both values, but for the rates."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        pairs = {key: (before.get(key), after.get(key)) for key in [*before, *after] if key not in _RATES}
    elif isinstance(before, list | tuple) and isinstance(after, list | tuple) and len(before) == len(after):
        pairs = dict(enumerate(zip(before, after, strict=True)))
    else:
        one, other = (value.tolist() if hasattr(value, "tolist") else value for value in (before, after))
        return [] if one == other else [f"{place}: {one} -> {other}"]
    return [told for key, pair in pairs.items() for told in _changes(*pair, f"{place}::{key}" if place else str(key))]


def _changed_lambda(scheduler: LRScheduler) -> list[str]:
    """Whether a LambdaLR, whose state does not hold its functions, would have set another rate than it has."""
    if not isinstance(scheduler, LambdaLR):
        return []
    factors = [each(scheduler.last_epoch) for each in scheduler.lr_lambdas]
    pairs = zip(scheduler.base_lrs, factors, scheduler.get_last_lr(), strict=True)
    return [] if all(math.isclose(base * factor, rate) for base, factor, rate in pairs) else ["lr_lambda"]
