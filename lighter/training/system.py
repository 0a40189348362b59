"""A model with its data, loss and metrics as a LightningModule: one step for training and all that follows it."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import partial, partialmethod
from operator import attrgetter
from typing import Any

import pytorch_lightning as pl
import torch
from lightning_utilities.core.apply_func import apply_to_collection
from pytorch_lightning.trainer.states import TrainerFn
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn

from lighter.errors import RunError
from lighter.training.adapters import Keywords, Positional, adapters_by_mode
from lighter.training.adapters.loss import LOSS, Losses, named_losses, with_total
from lighter.training.batches import dealt, is_on, sample_count
from lighter.training.devices import (
    CompileSpec,
    check_compile,
    check_memory_format,
    compiled,
    in_channels_last,
    shard,
    to_channels_last,
)
from lighter.training.epoch_values import (
    EpochRecord,
    epoch_values,
    kept_by,
    loader_names,
    log_epoch,
    log_step,
    renewed,
)
from lighter.training.idle import (
    ClippingHook,
    briefly_signed,
    forget_gradients,
    leave_out_empty_hooks,
    put_back_empty_hooks,
    without_idle_profiling,
)
from lighter.training.lightning_internals import (
    has_validation_data,
    hook_if,
    is_logging_step,
    trainer_of,
    without_idle_hooks,
)
from lighter.training.metrics.mode_metrics import metrics_by_mode
from lighter.training.model_calls import clock_arguments, infer, left_free
from lighter.training.optimizers.alternating import STEPS, alternating_optimizers
from lighter.training.optimizers.building import (
    OptimizerSpec,
    SchedulerSpec,
    configured,
    plateau,
    rates,
    trained_parameters,
)
from lighter.training.padded_samples import loader_of_each, padded_sample
from lighter.training.stages import LOSS_MODES, Mode, by_mode

log = logging.getLogger("lighter")

KEPT = "kept_by_metrics"  # in a checkpoint

TRAIN, VAL, TEST, PREDICT = Mode  # names of our own: to look up a member of an enum takes its time in each step


@without_idle_hooks
class EpochEnd(pl.Callback):
    """Logs an epoch before other callbacks look for its values: Lightning asks them first, and then the module."""

    def _log(self, trainer: pl.Trainer, pl_module: pl.LightningModule, mode: Mode) -> None:
        if isinstance(pl_module, System):
            pl_module.log_epoch(mode)

    on_train_epoch_end = partialmethod(_log, mode=TRAIN)
    on_validation_epoch_end = partialmethod(_log, mode=VAL)
    on_test_epoch_end = partialmethod(_log, mode=TEST)


def _loaders(mode: Mode) -> Any:
    """The hook for a mode's loaders: without any, Lightning asks elsewhere."""

    def loaders(system: "System") -> Any:
        return system.dataloaders[mode]

    return hook_if(lambda system: mode in system.dataloaders)(loaders)


class System(pl.LightningModule):
    """A LightningModule made of parts: the model, and what it takes to train, validate, test and predict with it.

    Args:
        model: any `torch.nn.Module`. It also gets `epoch` and `step` where its `forward` has arguments of these names.
        dataloaders: a DataLoader (or several) for each mode, by the keys `train`, `val`, `test` and `predict`.
        optimizer: an optimizer, or a function that makes one of the list of parameters. Those in a list step together,
            those in a mapping alternate, each with the loss of its name.
        scheduler: a scheduler, a function that makes one of the optimizer, or Lightning's mapping with `scheduler`,
            `interval`, `frequency` and `monitor`; by their names for optimizers that alternate.
        criterion: called with `(pred, target)`. It returns a scalar loss, or a mapping of losses with the one to train
            on as `total`, or with one loss for each optimizer of a mapping.
        metrics: a metric of torchmetrics or MONAI for each mode (`train`, `val`, `test`), or a list or mapping of them.
        adapters: how data reaches each function, by the keys `batch`, `criterion`, `metrics` and `logging`: for all
            modes, or below a mode for that mode alone. Each is an adapter or a mapping of its arguments.
        inferer: called as `inferer(input, model)` in place of the model in val, test and predict.
        compile: true, or a mapping of arguments of `torch.compile`.
        memory_format: `channels_last`, for the model and for batches of images and volumes.

    Raises:
        TypeError: an argument is of another kind; the message names its place.
        ValueError: a key or value that is not known; the message names its place.
    """

    def __init__(  # noqa: PLR0917  # in the order in which the design lists them
        self,
        model: nn.Module,
        dataloaders: Mapping[str, Any] | None = None,
        optimizer: OptimizerSpec | Mapping[str, Any] | None = None,
        scheduler: SchedulerSpec | None = None,
        criterion: Callable[..., Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
        adapters: Mapping[str, Any] | None = None,
        inferer: Callable[..., Any] | None = None,
        compile: CompileSpec = None,
        memory_format: str | None = None,
    ) -> None:
        super().__init__()
        check_compile(compile)
        check_memory_format(memory_format)
        self.alternating = alternating_optimizers(optimizer, scheduler)
        self.automatic_optimization = self.alternating is None
        self.model = model
        self.criterion = criterion
        self.inferer = inferer
        self.optimizer = optimizer
        self.scheduler = scheduler
        self.dataloaders = by_mode(dataloaders, "dataloaders")
        self.adapters = adapters_by_mode(adapters)
        # Not submodules: a checkpoint of fit must load in a stage that has other metrics.
        self.metrics = metrics_by_mode(metrics, {mode: adapters.metrics for mode, adapters in self.adapters.items()})
        self.memory_format = memory_format
        self.compiles = compile
        # What is called in the model's place once it is made ready; in a tuple it is no submodule, and quickly found.
        self._called: tuple[Callable[..., Any], ...] = ()
        self._forgets = False
        self._clock = clock_arguments(model)
        self._now = self._time()
        self.records = {mode: [EpochRecord(self.metrics.get(mode), mode)] for mode in Mode}
        self.rates: dict[str, Tensor] = {}
        self._said: set[str] = set()
        self._recorded: tuple[int, ...] | None = None  # the training batch that the epoch's record has last
        self._kept: dict[str, Any] = {}  # of a checkpoint, until the first epoch of each mode

    def __deepcopy__(self, memo: dict[int, Any]) -> "System":
        """A copy of all but the data, as averages of weights are made of it: that may be large, or an open file."""
        copied = type(self).__new__(type(self))
        memo |= {id(self): copied, id(self.dataloaders): self.dataloaders}
        vars(copied).update(deepcopy(self.__getstate__(), memo))
        return copied

    def __setattr__(self, name: str, value: Any) -> None:
        # Lightning notes some 40 times a step which hook it is in, and a module looks for parameters in whatever it is
        # given.
        if name == "_current_fx_name":
            self.__dict__[name] = value
        else:
            super().__setattr__(name, value)

    def forward(self, input: Any) -> Any:
        """The model's output.

        Args:
            input: what the batch adapter has taken out of the batch; several inputs (a `BatchAdapter` with a list or
                mapping for `input`) are passed to the model as positional or keyword arguments.
        """
        kind, model = type(input), self._called[0] if self._called else self.model
        if kind is Positional:
            return model(*input, **self._clock_values(input))
        if kind is Keywords:
            return model(**{**self._clock_values(input), **input})
        return model(input, **self._clock_values(input)) if self._clock else model(input)

    # `indices` are those of the batch and of its loader.
    @briefly_signed
    def training_step(self, batch: Any, *indices: int) -> dict[str, Any]:
        """The step's output: identifier, input, target, pred, loss, step, epoch; the loss has its graph."""
        output: dict[str, Any] = self._step(TRAIN, batch, indices)
        return output

    configure_gradient_clipping = ClippingHook()

    @hook_if(attrgetter("_forgets"))  # where steps are scheduled to gather batches, Lightning warns of this hook
    def optimizer_zero_grad(self, epoch: int, batch_idx: int, optimizer: Any) -> None:
        """Zeroes the gradients."""
        if not forget_gradients(optimizer):
            super().optimizer_zero_grad(epoch, batch_idx, optimizer)

    def _validates(self) -> bool:
        """Whether there may be data to validate on: Lightning warns of a validation step without any."""
        trainer = trainer_of(self)
        if trainer is None or trainer.state.fn is not TrainerFn.FITTING:  # asked at each batch; `!=` would take long
            return True
        return has_validation_data(trainer)

    @hook_if(_validates)
    @briefly_signed
    def validation_step(self, batch: Any, *indices: int) -> Any:
        """The step's output, as in training; None for a batch of None, as a collate function may make one."""
        return self._step(VAL, batch, indices)

    @briefly_signed
    def test_step(self, batch: Any, *indices: int) -> Any:
        """The step's output, as in validation; the loss is None where the data has no target that it takes."""
        return self._step(TEST, batch, indices)

    @briefly_signed
    def predict_step(self, batch: Any, *indices: int) -> Any:
        """The step's output, as in validation; the loss is None, and the target where the batch has none."""
        return self._step(PREDICT, batch, indices)

    # Some callbacks of Lightning refuse a module that has this hook.
    @hook_if(lambda system: bool(system.compiles or system.memory_format) or system.device_mesh is not None)
    def configure_model(self) -> None:
        """Makes the model ready, once: split over devices where the strategy asks for it, compiled where asked to."""
        if not self._called:
            if self.device_mesh is not None:
                shard(self.model, self.device_mesh)
            if self.memory_format is not None:
                to_channels_last(self.model)
            self._called = (compiled(self.model, self.compiles),)

    @hook_if(lambda system: getattr(trainer_of(system), "datamodule", None) is None)
    def transfer_batch_to_device(self, batch: Any, device: torch.device, dataloader_idx: int) -> Any:
        """The batch on the device; Lightning walks through it even where it is there already, as on a CPU it is."""
        return batch if is_on(batch, device) else super().transfer_batch_to_device(batch, device, dataloader_idx)

    @hook_if(attrgetter("memory_format"))
    def on_after_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:
        """The batch with its images and volumes in the model's memory format."""
        return in_channels_last(batch)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """The optimizers and schedulers, of the parameters as the strategy has made them."""
        parameters = partial(trained_parameters, model=self.model, criterion=self.criterion)
        watched = partial(plateau, self.trainer, self.dataloaders.get(VAL))
        if self.alternating is not None:
            return self.alternating.configure(parameters(), watched, self.trainer)
        return configured(self.optimizer, self.scheduler, parameters, watched)

    def configure_callbacks(self) -> list[pl.Callback]:
        """None to add to the others: the one of ours comes before them.

        This is the moment to say what to write in place of what Lightning is about to refuse, too.
        """
        without_idle_profiling(self.trainer)
        put_back_empty_hooks(self, *Mode)
        callbacks: list[pl.Callback] = self.trainer.callbacks  # type: ignore[attr-defined]  # set outside of its class
        self._forgets = not any(
            isinstance(callback, pl.callbacks.GradientAccumulationScheduler) for callback in callbacks
        )
        if not any(isinstance(callback, EpochEnd) for callback in callbacks):
            callbacks.insert(0, EpochEnd())
        if self.alternating is not None and self.trainer.state.fn == TrainerFn.FITTING:
            self.alternating.check_trainer(self.trainer)
        return []

    @hook_if(attrgetter("alternating"))
    def on_before_optimizer_step(self, optimizer: Any) -> None:
        """Clips the gradients where several optimizers alternate; for one, Lightning does."""
        assert self.alternating is not None
        self.alternating.clip(self, optimizer)

    train_dataloader = _loaders(TRAIN)
    val_dataloader = _loaders(VAL)
    test_dataloader = _loaders(TEST)
    predict_dataloader = _loaders(PREDICT)

    def on_train_start(self) -> None:
        """Starts the epoch's record, also where a resumed run begins in the middle of an epoch."""
        self._start(TRAIN, self.trainer.train_dataloader, 1)
        # At the end of the epoch the scheduler has already set those of the next.
        self.rates = rates(self.trainer.optimizers, self.alternating.names if self.alternating is not None else ())

    on_train_epoch_start = on_train_start

    def on_validation_epoch_start(self) -> None:
        """Starts the epoch's records, one a loader."""
        self._start(VAL, self.trainer.val_dataloaders, len(self.trainer.num_val_batches))

    def on_test_epoch_start(self) -> None:
        """Starts the epoch's records, one a loader."""
        self._start(TEST, self.trainer.test_dataloaders, len(self.trainer.num_test_batches))

    def on_predict_epoch_start(self) -> None:
        """Notes the epoch and step that outputs have."""
        leave_out_empty_hooks(self, PREDICT)
        self._now = self._time()

    def on_train_epoch_end(self) -> None:
        """Lets the schedulers of several optimizers step, which may go by a value of the epoch."""
        if self.alternating is not None:
            self.alternating.end_epoch(self)

    def log_epoch(self, mode: Mode) -> None:
        """Logs what the epoch has added up. A collective call."""
        if mode is not TRAIN:
            put_back_empty_hooks(self, mode)
        values = epoch_values(self.records[mode], mode)
        # Of a metric with a vector of values, none is shown.
        single = self.metrics[mode].names if mode in self.metrics else ()
        bar = {str(name) for name in values if mode is VAL and ("/" not in name.name or name.name in single)}
        others = self.rates if mode is TRAIN else {}
        log_epoch(self, {**{str(name): value for name, value in values.items()}, **others}, bar)

    @hook_if(attrgetter("alternating"))
    def on_validation_model_zero_grad(self) -> None:
        """Leaves the gradients: of several optimizers that alternate, one's may wait for its step."""

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Adds what metrics keep over several epochs, and the steps of optimizers that alternate."""
        if self.metrics:
            kept = {str(mode): kept_by(self.records[mode], metrics) for mode, metrics in self.metrics.items()}
            checkpoint[KEPT] = {**kept, **self._kept}
        if self.alternating is not None:
            checkpoint[STEPS] = dict(self.alternating.steps)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Notes what metrics go on with; leaves out the criterion's part where the stage builds no criterion."""
        trainer = trainer_of(self)
        if trainer is not None and trainer.state.fn == TrainerFn.FITTING:
            self._kept = dict(checkpoint.get(KEPT, {}))
        if self.alternating is not None:
            self.alternating.steps = Counter(checkpoint.get(STEPS, {}))
        if not isinstance(self.criterion, nn.Module):
            state = checkpoint.get("state_dict", {})
            for name in [name for name in state if name.startswith("criterion.")]:
                del state[name]

    def _step(self, mode: Mode, batch: Any, indices: tuple[int, ...]) -> Any:
        if batch is None:  # in training Lightning leaves it out by itself
            return self._say_once(f"{mode}: a batch is None, and is left out")
        if mode is TRAIN:
            self._now["step"] = self.global_step
        adapters = self.adapters[mode]
        input, target, identifier = adapters.batch(batch, mode is PREDICT)
        if mode is TRAIN and self.alternating is not None:
            pred, losses = self.alternating.step(self, partial(self._answer, mode, input, target))
        else:
            pred, losses = self._answer(mode, input, target)
        loss = losses.get(LOSS)
        if mode is not PREDICT:
            if mode is TRAIN:
                pred = pred.detach() if isinstance(pred, Tensor) else apply_to_collection(pred, Tensor, Tensor.detach)
            record = self.records[mode][indices[1] if len(indices) > 1 else 0]
            if (size := getattr(adapters.batch, "size", None)) is not None:
                samples = size(batch)
            else:
                samples = self._counted(mode, input, target, identifier, record.dealt_to(indices[0] if indices else 0))
            self._record(record, indices, losses, (input, target, pred), samples)
        return adapters.logging(
            {
                "identifier": identifier,
                "input": input,
                "target": target,
                "pred": pred,
                "loss": loss,
                "step": self._now["step"],
                "epoch": self._now["epoch"],
            }
        )

    def _answer(self, mode: Mode, input: Any, target: Any) -> tuple[Any, Losses]:
        pred = self.forward(input) if self.inferer is None or mode is TRAIN else self._infer(self.inferer, input)
        # Test data may have no targets, and is predicted on all the same.
        is_open = mode is TEST and target is None and getattr(self.adapters[mode].criterion, "takes_target", True)
        return pred, self._losses(mode, input, target, pred) if mode in LOSS_MODES and not is_open else {}

    def _counted(self, mode: Mode, input: Any, target: Any, identifier: Any, dealt: int) -> int:
        """How many samples a batch has, by which the epoch's mean weighs its loss."""
        count, is_sure = sample_count(input, target, identifier, dealt)
        if not is_sure:
            self._say_once(
                f"{mode}: how many samples a batch has is a guess, and the mean over an epoch weighs by it; "
                "say which part has their number, or one entry for each, as in adapters: {batch: {size: label}}"
            )
        return count

    def _record(
        self, record: EpochRecord, indices: tuple[int, ...], losses: Losses, data: tuple[Any, ...], samples: int
    ) -> None:
        """Adds a batch to its epoch, without a sample that another rank adds as well."""
        mode, counted = record.mode, losses
        if mode is TRAIN:
            if indices == self._recorded:  # LBFGS and the like evaluate a batch again and again
                return
            self._recorded = indices
        if record.padded is not None and record.padded.batch == indices[0]:
            data, samples = record.padded.without(data, samples)
            if samples and losses:
                with torch.no_grad():
                    again = self._losses(mode, *data)
                counted = {name: loss for name, loss in again.items() if name in losses}  # some of which had no turn
        if not samples:
            return
        record.totals.add(counted, samples)
        trainer = trainer_of(self) if mode is TRAIN else None
        logging = trainer if trainer is not None and is_logging_step(trainer) else None
        record.update(data, with_step=logging is not None)
        if logging:
            log_step(logging, record.step_values(losses), [record.step_name(LOSS)])

    def _losses(self, mode: Mode, input: Any, target: Any, pred: Any) -> Losses:
        criterion = self.criterion
        if criterion is not None:
            result = self.adapters[mode].criterion(criterion, input, target, pred)
            if self.alternating is not None:
                self.alternating.check_losses(result)
            return named_losses(result if mode is TRAIN and self.alternating is None else with_total(result))
        if mode is TRAIN:
            raise RunError(
                "the System has no criterion, and training needs a loss; give it one, as in "
                "criterion: {_target_: torch.nn.CrossEntropyLoss}"
            )
        return {}

    def _infer(self, inferer: Callable[..., Any], input: Any) -> Any:
        model = self._called[0] if self._called else self.model
        return infer(inferer, partial(model, **self._clock_values(input)) if self._clock else model, input)

    def _time(self) -> dict[str, int]:
        return {"epoch": self.current_epoch, "step": self.global_step}

    def _clock_values(self, input: Any) -> dict[str, int]:
        return {name: self._now[name] for name in left_free(self._clock, input)} if self._clock else {}

    def _say_once(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            log.warning("%s", text)

    def _start(self, mode: Mode, loaders: Any, count: int) -> None:
        leave_out_empty_hooks(self, mode)
        self._now, self._recorded = self._time(), None
        names = loader_names(loaders, count)
        shown = [f"{mode}/{name}" if name else mode for name in names]
        records = renewed(self.records[mode], self.metrics.get(mode), len(names), self.trainer.sanity_checking)
        kept = self._kept.pop(mode, []) if not self.trainer.sanity_checking else []
        for record, found in zip(records, kept, strict=False):
            record.keep(found, self.device)
        for record, name, place, loader in zip(records, names, shown, loader_of_each(loaders, shown), strict=True):
            record.restart(name, padded_sample(loader, place), dealt(loader), self.device)
