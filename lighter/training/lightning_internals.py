"""What Lighter uses of Lightning that Lightning does not promise: every such name is here, with its reason.

tests/training/test_internals.py asks the installed release for each of them, so that a new one breaks there, loudly.
What a checkpoint of Lightning's loops is made of is in `lighter.runs.resume.lightning_loops`.
"""

# ruff: noqa: SLF001  # this is the one file for them
import os
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MethodType
from typing import Any, TypeVar, cast

import pytorch_lightning as pl
from lightning_fabric.utilities.data import _set_sampler_epoch
from lightning_fabric.utilities.distributed import DistributedSamplerWrapper
from pytorch_lightning.overrides.distributed import _IndexBatchSamplerWrapper
from pytorch_lightning.strategies import DDPStrategy, Strategy
from pytorch_lightning.utilities import CombinedLoader
from torch import Tensor
from torch.utils.data import BatchSampler, DistributedSampler

Hook = TypeVar("Hook", bound=Callable[..., Any])


def hook_if(wanted: Callable[[Any], bool]) -> Callable[[Hook], Hook]:
    """Makes a hook that counts as not overridden, to Lightning, while `wanted(module)` is false.

    Lightning asks whether a module overrides a hook, not whether the hook has something to give.
    """

    def decorate(function: Hook) -> Hook:
        return cast(Hook, _ConditionalHook(function, wanted))

    return decorate


class _ConditionalHook:
    """No `__set__`, so that an attribute of the instance may override it, as torch.compile and Lightning do."""

    def __init__(self, function: Callable[..., Any], wanted: Callable[[Any], bool]) -> None:
        self._function = function
        self._wanted = wanted
        self._inherited: dict[type, Callable[..., Any]] = {}  # Lightning asks at each batch
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner, self._name = owner, name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self._function
        if self._wanted(instance):
            return MethodType(self._function, instance)
        kind = type(instance)
        if kind not in self._inherited:
            self._inherited[kind] = getattr(super(self._owner, kind), self._name)
        return MethodType(self._inherited[kind], instance)


CallbackClass = TypeVar("CallbackClass", bound=type[pl.Callback])

# They deal samples to the ranks like cards, in the order of the data. A subclass may have a way of its own.
CARD_DEALERS = (DistributedSampler.__iter__, DistributedSamplerWrapper.__iter__)

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


def without_idle_hooks(kind: CallbackClass) -> CallbackClass:
    """The class with None for the hooks it inherits: Lightning times each that can be called, also an empty one."""
    for hook in _OF_EACH_BATCH:
        if getattr(kind, hook) is getattr(pl.Callback, hook):
            setattr(kind, hook, None)
    return kind


def trainer_of(module: pl.LightningModule) -> pl.Trainer | None:
    """The trainer that a module is attached to; the public property raises where there is none."""
    return module._trainer


def has_validation_data(trainer: pl.Trainer) -> bool:
    """Whether a fit has data to validate on: the one place that knows all sources of data."""
    return trainer.fit_loop.epoch_loop.val_loop._data_source.is_defined()


def is_logging_step(trainer: pl.Trainer) -> bool:
    """Whether the values of the training step under way go to the loggers.

    Lightning's own answers: they count batches and optimizer steps as loggers see them, and know of accumulation.
    """
    connector: Any = trainer._logger_connector
    return bool(connector.should_update_logs or trainer.fast_dev_run) and not gradients_wait(trainer)  # type: ignore[attr-defined]  # Lightning sets it outside of its class


def log_step_values(trainer: pl.Trainer, values: Mapping[str, Tensor]) -> None:
    """Gives values to the loggers: what `LightningModule.log` is given, Lightning reads again at each later step."""
    trainer._logger_connector.log_metrics(dict(values))


def watch_logged(trainer: pl.Trainer, see: Callable[[Mapping[str, Any]], None]) -> None:
    """Has `see` look at all values that go to loggers, when they have: a logger of one's own would be listed."""
    connector: Any = trainer._logger_connector
    log = connector.log_metrics

    def logged(metrics: Mapping[str, Any], step: int | None = None) -> None:
        log(metrics, step)
        see(metrics)

    connector.log_metrics = logged


def logged_step(trainer: pl.Trainer) -> int:
    """The step as loggers count it."""
    return trainer.fit_loop.epoch_loop._batches_that_stepped


def is_last_batch(trainer: pl.Trainer) -> bool:
    """Whether the batch under way is the last of its epoch."""
    return bool(trainer.fit_loop.epoch_loop._num_ready_batches_reached())


def gradients_wait(trainer: pl.Trainer) -> bool:
    """Whether the gradients of the batch just done wait for those of further ones."""
    return bool(trainer.fit_loop.epoch_loop._should_accumulate())


def validates_now(trainer: pl.Trainer) -> bool:
    """Whether a validation follows the batch just done."""
    fit: Any = trainer.fit_loop
    return bool(fit.epoch_loop._should_check_val_fx(fit._data_fetcher))


def batches_read(trainer: pl.Trainer) -> int:
    """How many batches of the epoch have been read, those that are read ahead included."""
    fetcher: Any = trainer.fit_loop._data_fetcher
    return int(fetcher.fetched)


def skip_batches(trainer: pl.Trainer, count: int) -> None:
    """Draws so many batches; the loaders' iterators have just been made."""
    fetcher: Any = trainer.fit_loop._data_fetcher
    for _ in range(count):
        next(fetcher)
    fetcher.fetched -= count  # Lightning is about to add those that it counts as done


def put_columns_in_at_once(experiment: Any) -> None:
    """Has a CSVLogger put new columns into a copy of its file: it empties the file first, and may be killed then."""
    rewrite = experiment._rewrite_with_new_header

    def rewrite_copy(names: list[str]) -> None:
        path = experiment.metrics_file_path
        copy = Path(path).with_name(f".{Path(path).name}.{os.getpid()}")
        shutil.copyfile(path, copy)
        experiment.metrics_file_path = str(copy)
        try:
            rewrite(names)
        finally:
            experiment.metrics_file_path = path
        copy.replace(path)

    experiment._rewrite_with_new_header = rewrite_copy


def next_epoch_number(trainer: pl.Trainer) -> int:
    """The epoch that begins next; while data is set up Lightning has not counted it yet."""
    current: Any = trainer.fit_loop.epoch_progress.current
    return int(current.processed)


def set_up_training_data_again(trainer: pl.Trainer) -> None:
    """Has the training data set up when training begins: if that was done before, no checkpoint had restored it."""
    trainer.fit_loop._combined_loader = None


def set_sampler_epoch(trainer: pl.Trainer, loader: Any) -> None:
    """Sets a sampler's epoch before its loader is asked, which Lightning does too late where workers read ahead."""
    _set_sampler_epoch(loader, next_epoch_number(trainer))


def count_epoch_as_whole(trainer: pl.Trainer) -> None:
    """Lets an epoch end as one that was not resumed: the schedulers that look at a value step at its end."""
    trainer.fit_loop._restarting = False  # by the attribute: its setter sets more


def begin_epoch_afresh(trainer: pl.Trainer) -> None:
    """Lets an epoch begin at its start: with `max_steps` Lightning takes each checkpoint for one of its middle."""
    epoch: Any = trainer.fit_loop.epoch_loop
    epoch.restarting = False
    epoch.reset_restart_stage()
    epoch.val_loop.reset_restart_stage()
    count_epoch_as_whole(trainer)


def wrap_loader_preparation(strategy: Strategy, wrapper: Callable[[Callable[[Any], Any], Any], Any]) -> None:
    """Has `wrapper(given, loader)` prepare each loader before an iterator is made of it: no hook is called there."""
    strategy.process_dataloader = partial(wrapper, strategy.process_dataloader)  # type: ignore[method-assign]  # on purpose


def finds_unused_parameters(strategy: Strategy) -> bool:
    """Whether a step may leave parameters without a gradient; DDP keeps what it was asked in no public place."""
    return not isinstance(strategy, DDPStrategy) or bool(strategy._ddp_kwargs.get("find_unused_parameters"))


def evaluated_loaders(trainer: pl.Trainer) -> CombinedLoader:
    """The loaders that a test or a prediction runs over, as they were given, and flat."""
    loaders = (trainer.test_loop if trainer.testing else trainer.predict_loop)._combined_loader
    assert loaders is not None
    return loaders


def noted_indices(loader: Any) -> list[Any] | None:
    """The indices of the samples that Lightning notes, batch by batch, while it predicts; None where it does not."""
    batches = getattr(loader, "batch_sampler", None)
    # It has the list only when it has been asked for the first batch.
    return getattr(batches, "seen_batch_indices", []) if isinstance(batches, _IndexBatchSamplerWrapper) else None


def sampler_of_batches(loader: Any) -> Any:
    """The sampler of samples, where the batches are its samples in a row; None else."""
    batches = getattr(loader, "batch_sampler", None)
    if isinstance(batches, _IndexBatchSamplerWrapper):
        batches = batches._batch_sampler
    return batches.sampler if type(batches) is BatchSampler else None


def wrapped_sampler(sampler: Any) -> Any:
    """The user's sampler, from which Lightning's own for several ranks takes what it deals."""
    return getattr(getattr(sampler, "dataset", None), "_sampler", None)
