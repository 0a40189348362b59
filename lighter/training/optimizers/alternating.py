"""Several optimizers that alternate on a batch, each with a loss of its own: a generator and its discriminator."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.types import LRSchedulerConfigType, OptimizerLRScheduler
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau

from lighter.errors import RunError, listing, suggestion
from lighter.training.adapters.accessors import described
from lighter.training.adapters.loss import LOSS, TOTAL, Losses
from lighter.training.lightning_internals import finds_unused_parameters, is_last_batch, trainer_of
from lighter.training.optimizers.building import (
    build_optimizer,
    build_scheduler,
    check_disjoint,
    check_optimizer,
    check_scheduler,
    report_optimizers,
    trained_by,
)
from lighter.training.optimizers.selecting import Trained

REFUSED = {"gradient_clip_val": (None, 0), "accumulate_grad_batches": (1,)}  # by Lightning, but for these values


class StepOptions(NamedTuple):
    """What one of the optimizers does: on every n-th batch, over how many of these a step, with which clipping."""

    every: int = 1
    accumulate_grad_batches: int = 1
    gradient_clip_val: float | None = None
    gradient_clip_algorithm: str | None = None


STEPS = "optimizer_steps"  # in a checkpoint
OPTIONS = StepOptions._fields


def alternating_optimizers(optimizer: Any, scheduler: Any) -> "AlternatingOptimizers | None":
    """The optimizers that are given by name; None where there is one optimizer.

    Raises TypeError or ValueError, naming the place, for what is not right.
    """
    if not isinstance(optimizer, Mapping):
        check_optimizer(optimizer)
        check_scheduler(scheduler)
        return None
    optimizer = {name: given for name, given in optimizer.items() if given is not None}
    if not optimizer:
        raise ValueError("optimizer: the mapping is empty; write an optimizer under a name of your choice")
    for name, given in optimizer.items():
        place = f"optimizer::{name}"
        if name == TOTAL:
            raise ValueError(f"{place}: '{TOTAL}' is the name of the sum of the losses; choose another")
        if isinstance(given, Mapping):
            _options(given, place)
        check_optimizer(given["optimizer"] if isinstance(given, Mapping) else given, place)
    return AlternatingOptimizers(dict(optimizer), _schedulers(scheduler, tuple(optimizer)))


class AlternatingOptimizers:
    """The optimizers by name, in the order in which they step, and the schedulers of some of them."""

    def __init__(self, optimizers: Mapping[str, Any], schedulers: Mapping[str, Any]) -> None:
        self.names = tuple(optimizers)
        self._given = optimizers
        self._given_schedulers = schedulers
        self._options: dict[str, StepOptions] = {}
        self._schedulers: dict[str, LRSchedulerConfigType] = {}
        self._adds_total = False
        self.steps: Counter[str] = Counter()  # of each optimizer; a checkpoint holds it, for the schedulers

    def check_trainer(self, trainer: pl.Trainer) -> None:
        """Raises RunError for what Lightning refuses where there are several optimizers, and says what to write."""
        for flag, allowed in REFUSED.items():
            value = getattr(trainer, flag)
            if value not in allowed:
                raise RunError(
                    f"trainer::{flag}: {value!r} is for one optimizer, and there are {listing(self.names)}; "
                    f"write it for each, as in optimizer: {{{self.names[0]}: {{optimizer: ..., {flag}: {value!r}}}}}"
                )

    def configure(
        self, parameters: Trained, plateau: Callable[[], Mapping[str, Any]], trainer: pl.Trainer
    ) -> OptimizerLRScheduler:
        """Builds the optimizers and schedulers, and gives them as Lightning takes them."""
        if len(self.names) > 1 and not finds_unused_parameters(trainer.strategy):
            raise RunError(
                f"at the step of one of the optimizers {listing(self.names)}, DDP waits for the gradients of the "
                "others; write trainer: {strategy: ddp_find_unused_parameters_true}"
            )
        built = {name: self._build(name, parameters) for name in self.names}
        check_disjoint({f"optimizer::{name}": one for name, one in built.items()}, parameters)
        report_optimizers(list(built.values()), parameters)
        self._schedulers = {
            name: build_scheduler(scheduler, built[name], plateau())
            for name, scheduler in self._given_schedulers.items()
        }
        # What it does not use in manual optimization, Lightning warns of.
        used = ("scheduler", "interval", "frequency", "name")
        configs: dict[str, dict[str, Any]] = {name: {"optimizer": one} for name, one in built.items()}
        for name, scheduler in self._schedulers.items():
            configs[name]["lr_scheduler"] = {key: value for key, value in scheduler.items() if key in used}
        return cast(OptimizerLRScheduler, list(configs.values()))

    def check_losses(self, result: Any) -> None:
        """Raises RunError where the criterion gave no loss to one of the optimizers."""
        if isinstance(result, Mapping) and all(name in result for name in self.names):
            self._adds_total = TOTAL not in result
            return
        raise RunError(
            f"the criterion gave {described(result)}, and each optimizer needs a loss of its name; "
            f"return a mapping, such as {{{', '.join(f'{name!r}: ...' for name in self.names)}}}"
        )

    def step(self, module: pl.LightningModule, evaluate: Callable[[], tuple[Any, Losses]]) -> tuple[Any, Losses]:
        """The steps that are due on a batch; the last prediction, and the loss of each as it was at its step."""
        trainer = trainer_of(module)
        if trainer is None:
            return evaluate()
        loop, is_last = trainer.fit_loop.epoch_loop, is_last_batch(trainer)
        batch = loop.total_batch_idx + 1
        before = batch - loop.batch_idx - 1  # in the epochs before
        if batch == 1:
            self.steps.clear()
        found: tuple[Any, Losses] | None = None
        own: dict[str, Tensor] = {}
        optimizers: Any = module.optimizers()
        several = optimizers if isinstance(optimizers, list) else [optimizers]
        for name, optimizer in zip(self.names, several, strict=True):
            every, window = self._options[name].every, self._options[name].accumulate_grad_batches
            has_turn = batch % every == 0 and any(one.requires_grad for one in trained_by(optimizer))
            if has_turn:
                with module.toggled_optimizer(optimizer):
                    found = evaluate()
                    own[f"{LOSS}/{name}"] = _backward(module, found[1], name, window)
            # A window of accumulation ends with its epoch, as Lightning's do where there is one optimizer.
            is_due = is_last or (has_turn and (batch // every - before // every) % window == 0)
            if is_due and _has_gradients(optimizer):
                optimizer.step()
                optimizer.zero_grad()
                self.steps[name] += 1
                self._advance(module, name, "step", self.steps[name])
        if is_last:
            for name in self._schedulers:
                self._advance(module, name, "epoch", module.current_epoch + 1, watching=False)
        if found is None:
            with torch.no_grad():
                found = evaluate()
        return found[0], self._logged(found[1], own)

    @staticmethod
    def gradients_wait(trainer: pl.Trainer) -> bool:
        """Whether one of the optimizers has gradients that wait for its step."""
        return any(map(_has_gradients, trainer.optimizers))

    def clip(self, module: pl.LightningModule, optimizer: Optimizer) -> None:
        """Clips the gradients of an optimizer that is about to step; precision plugins have unscaled them."""
        options = self._options[self.names[module.trainer.optimizers.index(optimizer)]]
        if options.gradient_clip_val:
            module.clip_gradients(optimizer, options.gradient_clip_val, options.gradient_clip_algorithm)

    def end_epoch(self, module: pl.LightningModule) -> None:
        """Steps the schedulers that look at a value of the epoch, if all of it is done."""
        for name in self._schedulers if is_last_batch(module.trainer) else ():
            self._advance(module, name, "epoch", module.current_epoch + 1, watching=True)

    def _build(self, name: str, parameters: Trained) -> Optimizer:
        given, place = self._given[name], f"optimizer::{name}"
        parameters.place = place
        if not isinstance(given, Mapping) and not isinstance(given, Optimizer | Sequence):
            given = given(parameters)
        self._options[name] = StepOptions(**(_options(given, place) if isinstance(given, Mapping) else {}))
        return build_optimizer(given["optimizer"] if isinstance(given, Mapping) else given, parameters, place)

    def _logged(self, losses: Losses, own: Mapping[str, Tensor]) -> Losses:
        """The losses without their graph; of the optimizers those that had a turn, each as it was at its step."""
        detached = {**{name: loss.detach() for name, loss in losses.items()}, **own}
        if self._adds_total:
            detached[LOSS] = torch.stack([loss for name, loss in detached.items() if name != LOSS]).sum()
        idle = {f"{LOSS}/{name}" for name in self.names} - own.keys()
        return {name: loss for name, loss in detached.items() if name not in idle}

    def _advance(
        self, module: pl.LightningModule, name: str, interval: str, index: int, watching: bool | None = None
    ) -> None:
        """Steps a scheduler when it is time, as Lightning does where there is one optimizer."""
        config = self._schedulers.get(name)
        if config is None or config.get("interval", "epoch") != interval or index % (config.get("frequency") or 1):
            return
        watches = isinstance(config["scheduler"], ReduceLROnPlateau)
        if watching not in {None, watches}:
            return
        value = _watched(module.trainer, f"scheduler::{name}", config) if watches else None
        if value is not None or not watches:
            module.lr_scheduler_step(config["scheduler"], value)


def _has_gradients(optimizer: Optimizer) -> bool:
    return any(one.grad is not None for one in trained_by(optimizer))


def _options(given: Mapping[str, Any], place: str) -> dict[str, Any]:
    """The options beside an optimizer. Raises ValueError for one that is not known or not a number of batches."""
    if given.get("optimizer") is None:
        raise ValueError(f"{place}: the mapping has no 'optimizer'; write the optimizer itself under that key")
    options = {key: value for key, value in given.items() if key != "optimizer"}
    for key, value in options.items():
        if key not in OPTIONS:
            raise ValueError(f"{place}: there is no {key!r}; {suggestion(str(key), ('optimizer', *OPTIONS))}")
        if key in {"every", "accumulate_grad_batches"} and (type(value) is not int or value < 1):
            raise ValueError(f"{place}::{key}: a whole number of batches from 1 up is wanted, not {value!r}")
    return options


def _schedulers(scheduler: Any, names: Sequence[str]) -> dict[str, Any]:
    if scheduler is None:
        return {}
    if not isinstance(scheduler, Mapping) or "scheduler" in scheduler:
        raise TypeError(
            f"scheduler: there are several optimizers, and each has its own; write {{{names[0]}: ...}} around it"
        )
    for name, given in scheduler.items():
        if name not in names:
            raise ValueError(f"scheduler: there is no optimizer {name!r}; {suggestion(str(name), names)}")
        check_scheduler(given)
    return {name: given for name, given in scheduler.items() if given is not None}


def _backward(module: pl.LightningModule, losses: Losses, name: str, count: int) -> Tensor:
    """Makes the gradients of an optimizer, one of `count` batches for a step."""
    loss = losses[f"{LOSS}/{name}"]
    if not loss.requires_grad:
        raise RunError(
            f"the loss '{name}' does not depend on any parameter that the optimizer of this name trains; "
            f"say which ones these are, as in optimizer: {{{name}: {{_target_: ..., params: {{names: model.{name}}}}}}}"
        )
    module.manual_backward(loss / count if count > 1 else loss)
    return loss.detach()


def _watched(trainer: pl.Trainer, place: str, config: LRSchedulerConfigType) -> Any:
    """The value that a scheduler looks at; None where it is not there and need not be."""
    monitor, known = str(config.get("monitor")), trainer.callback_metrics
    if monitor in known or not config.get("strict", True):
        return known.get(monitor)
    raise RunError(f"{place}: no value is called '{monitor}'; {suggestion(monitor, known)}")
