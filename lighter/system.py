"""A model with its data, loss and metrics as a LightningModule: one step for training and all that follows it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

import pytorch_lightning as pl
import torch
from lightning_utilities.core.apply_func import apply_to_collection
from pytorch_lightning.trainer.states import TrainerFn
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn

from lighter.adapters import Keywords, Positional, adapters_by_mode
from lighter.adapters.accessors import described
from lighter.errors import RunError
from lighter.hooks import hook_if
from lighter.logged import EpochRecord, epoch_values, log_step, logs_step, prefixes, sample_count
from lighter.metrics import metrics_by_mode
from lighter.modes import LOSS_MODES, by_mode
from lighter.optimization import (
    OptimizerSpec,
    SchedulerSpec,
    build_optimizer,
    build_scheduler,
    check_optimizer,
    check_scheduler,
    rates,
    trained_parameters,
)
from lighter.signatures import clock_arguments
from lighter.stages import Mode

Losses: TypeAlias = Mapping[str, Tensor]

LOSS = "loss"
TOTAL = "total"

__all__ = ["System"]


def _has_data(mode: Mode) -> Callable[["System"], bool]:
    return lambda system: mode in system.dataloaders


class System(pl.LightningModule):
    """A model and what it takes to train, validate, test and predict with it.

    `dataloaders`, `metrics`: by mode (train, val, test, predict). `optimizer`, `scheduler`: themselves, or functions
    of the parameters and of the optimizer. `criterion` gives a loss, or a mapping of losses with the key 'total'.
    `adapters`: how data reaches each function, for all modes or by mode. `inferer(input, model)` stands for the
    model in val, test and predict.
    Raises TypeError or ValueError, naming the place, where an argument is not right.
    """

    def __init__(  # noqa: PLR0917  # in the order in which the design lists them
        self,
        model: nn.Module,
        dataloaders: Mapping[str, Any] | None = None,
        optimizer: OptimizerSpec | None = None,
        scheduler: SchedulerSpec | None = None,
        criterion: Callable[..., Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
        adapters: Mapping[str, Any] | None = None,
        inferer: Callable[..., Any] | None = None,
    ) -> None:
        super().__init__()
        check_optimizer(optimizer)
        check_scheduler(scheduler)
        self.model = model
        self.criterion = criterion
        self.inferer = inferer
        self.optimizer = optimizer
        self.scheduler = scheduler
        self.dataloaders = by_mode(dataloaders, "dataloaders")
        self.adapters = adapters_by_mode(adapters)
        # Not submodules: a checkpoint of fit must load in a stage that has other metrics.
        self.metrics = metrics_by_mode(metrics)
        self._clock = clock_arguments(model)
        self._now = self._time()
        self._records = {mode: [EpochRecord(self.metrics.get(mode), mode is Mode.TRAIN)] for mode in Mode}
        self._rates: dict[str, Tensor] = {}

    def forward(self, input: Any) -> Any:
        """The model's output; several inputs, as a BatchAdapter takes them, are several arguments."""
        kind = type(input)
        if kind is Positional:
            return self.model(*input, **self._clock_values())
        if kind is Keywords:
            return self.model(**{**self._clock_values(), **input})
        return self.model(input, **self._clock_values()) if self._clock else self.model(input)

    # `indices` are those of the batch and of its loader. Lightning reads the signature at each batch, so it is short.
    def training_step(self, batch: Any, *indices: int) -> dict[str, Any]:
        """The step's output: identifier, input, target, pred, loss, step, epoch; the loss has its graph."""
        return self._step(Mode.TRAIN, batch, indices)

    def _validates(self) -> bool:
        """Whether there may be data to validate on: Lightning warns of a validation step without any."""
        trainer = self._trainer
        if trainer is None or trainer.state.fn != TrainerFn.FITTING:
            return True
        loop = trainer.fit_loop.epoch_loop.val_loop
        return loop._data_source.is_defined()  # noqa: SLF001  # the one place that knows all sources of data

    @hook_if(_validates)
    def validation_step(self, batch: Any, *indices: int) -> dict[str, Any]:
        """The step's output, as in training."""
        return self._step(Mode.VAL, batch, indices)

    def test_step(self, batch: Any, *indices: int) -> dict[str, Any]:
        """The step's output, as in training; the loss is None."""
        return self._step(Mode.TEST, batch, indices)

    def predict_step(self, batch: Any, *indices: int) -> dict[str, Any]:
        """The step's output, as in training; the loss is None, and the target where the batch has none."""
        return self._step(Mode.PREDICT, batch, indices)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """The optimizer and scheduler, of the parameters as the strategy has made them."""
        if self.optimizer is None or isinstance(self.optimizer, torch.optim.Optimizer):
            optimizer = build_optimizer(self.optimizer, [])
        else:
            optimizer = build_optimizer(self.optimizer, trained_parameters(self.model, self.criterion))
        if self.scheduler is None:
            return {"optimizer": optimizer}
        return {"optimizer": optimizer, "lr_scheduler": build_scheduler(self.scheduler, optimizer, self._plateau())}

    @hook_if(_has_data(Mode.TRAIN))
    def train_dataloader(self) -> Any:
        """The loaders given for train; without any, Lightning asks elsewhere."""
        return self.dataloaders[Mode.TRAIN]

    @hook_if(_has_data(Mode.VAL))
    def val_dataloader(self) -> Any:
        """The loaders given for val; without any, Lightning asks elsewhere."""
        return self.dataloaders[Mode.VAL]

    @hook_if(_has_data(Mode.TEST))
    def test_dataloader(self) -> Any:
        """The loaders given for test; without any, Lightning asks elsewhere."""
        return self.dataloaders[Mode.TEST]

    @hook_if(_has_data(Mode.PREDICT))
    def predict_dataloader(self) -> Any:
        """The loaders given for predict; without any, Lightning asks elsewhere."""
        return self.dataloaders[Mode.PREDICT]

    def on_train_start(self) -> None:
        """Starts a record also where a resumed run begins in the middle of an epoch."""
        self._start_training()

    def on_train_epoch_start(self) -> None:
        """Starts the epoch's record."""
        self._start_training()

    def on_validation_epoch_start(self) -> None:
        """Starts the epoch's records, one a loader."""
        self._start(Mode.VAL, self.trainer.val_dataloaders, len(self.trainer.num_val_batches))

    def on_test_epoch_start(self) -> None:
        """Starts the epoch's records, one a loader."""
        self._start(Mode.TEST, self.trainer.test_dataloaders, len(self.trainer.num_test_batches))

    def on_predict_epoch_start(self) -> None:
        """Notes the time that steps tell."""
        self._now = self._time()

    def on_train_epoch_end(self) -> None:
        """Logs the epoch, before the callbacks that monitor a value look for it."""
        self._log_epoch(Mode.TRAIN, self._rates)

    def on_validation_epoch_end(self) -> None:
        """Logs the epoch."""
        self._log_epoch(Mode.VAL)

    def on_test_epoch_end(self) -> None:
        """Logs the epoch."""
        self._log_epoch(Mode.TEST)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Leaves out the criterion's part where the stage builds no criterion."""
        if not isinstance(self.criterion, nn.Module):
            state = checkpoint.get("state_dict", {})
            for name in [name for name in state if name.startswith("criterion.")]:
                del state[name]

    def _step(self, mode: Mode, batch: Any, indices: tuple[int, ...]) -> dict[str, Any]:
        if mode is Mode.TRAIN:
            self._now["step"] = self.global_step
        adapters = self.adapters[mode]
        input, target, identifier = adapters.batch(batch, mode is Mode.PREDICT)
        pred = self.forward(input) if self.inferer is None or mode is Mode.TRAIN else self._infer(self.inferer, input)
        loss = None
        if mode is not Mode.PREDICT:
            losses = self._losses(mode, input, target, pred) if mode in LOSS_MODES else {}
            loss = losses.get(LOSS)
            if mode is Mode.TRAIN:
                pred = pred.detach() if isinstance(pred, Tensor) else apply_to_collection(pred, Tensor, Tensor.detach)
            record = self._records[mode][indices[1] if len(indices) > 1 else 0]
            record.totals.add(losses, sample_count(input, target, identifier))
            self._update(mode, record, losses, (input, target, pred))
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

    def _update(self, mode: Mode, record: EpochRecord, losses: Losses, data: tuple[Any, Any, Any]) -> None:
        adapter = self.adapters[mode].metrics
        if mode is Mode.TRAIN and self._trainer is not None and logs_step(self._trainer):
            if record.metrics is not None:
                adapter(record.update_with_step, *data)
            log_step(self._trainer, record.step_values(losses), [f"{record.prefix}/{LOSS}/step"])
        elif record.metrics is not None:
            adapter(record.metrics.update, *data)

    def _losses(self, mode: Mode, input: Any, target: Any, pred: Any) -> Losses:
        criterion = self.criterion
        if criterion is not None:
            return _named_losses(self.adapters[mode].criterion(criterion, input, target, pred))
        if mode is Mode.TRAIN:
            raise RunError(
                "the System has no criterion, and training needs a loss; give it one, as in "
                "criterion: {_target_: torch.nn.CrossEntropyLoss}"
            )
        return {}

    def _infer(self, inferer: Callable[..., Any], input: Any) -> Any:
        model = partial(self.model, **self._clock_values()) if self._clock else self.model
        if type(input) is Positional:
            return inferer(input[0], model, *input[1:])
        if type(input) is Keywords:
            first, *others = input.items()
            return inferer(first[1], model, **dict(others))
        return inferer(input, model)

    def _time(self) -> dict[str, int]:
        return {"epoch": self.current_epoch, "step": self.global_step}

    def _clock_values(self) -> dict[str, int]:
        return {name: self._now[name] for name in self._clock}

    def _plateau(self) -> dict[str, Any]:
        """What a ReduceLROnPlateau looks at, and how often, if its config does not say."""
        trainer = self.trainer
        if not trainer.enable_validation:
            return {"monitor": f"{Mode.TRAIN}/{LOSS}/epoch"}
        return {"monitor": f"{Mode.VAL}/{LOSS}/epoch", "frequency": trainer.check_val_every_n_epoch or 1}

    def _start_training(self) -> None:
        self._now = self._time()
        self._records[Mode.TRAIN][0].restart(Mode.TRAIN, self.device)
        # At the end of the epoch the scheduler has already set those of the next.
        self._rates = rates(self.trainer.optimizers)

    def _start(self, mode: Mode, loaders: Any, count: int) -> None:
        self._now = self._time()
        records = self._records[mode]
        while len(records) < count:
            records.append(EpochRecord(self.metrics[mode].copy() if mode in self.metrics else None))
        del records[max(count, 1) :]
        for record, prefix in zip(records, prefixes(mode, loaders, count), strict=True):
            record.restart(prefix, self.device)

    def _log_epoch(self, mode: Mode, others: Mapping[str, Tensor] | None = None) -> None:
        values = epoch_values(self._records[mode], mode, self.device)
        if self.trainer.barebones:
            return
        deepest = 3 + (len(self._records[mode]) > 1)  # slashes of val/metrics/F1/epoch, and of its loader
        for name, value in {**values, **(others or {})}.items():
            shown = mode is Mode.VAL and name.count("/") <= deepest  # not each entry of a vector
            # The values are those of all ranks already: the last two arguments keep Lightning from gathering
            # them again, and from its advice to do so.
            self.log(name, value, prog_bar=shown, batch_size=1, sync_dist=True, rank_zero_only=True)


def _named_losses(result: Any) -> Losses:
    """The losses by the names under which they are logged: `loss` is the one to minimise."""
    if isinstance(result, Tensor):
        return {LOSS: result}
    if isinstance(result, Mapping) and TOTAL in result:
        return {LOSS if name == TOTAL else f"{LOSS}/{name}": torch.as_tensor(loss) for name, loss in result.items()}
    raise RunError(
        f"the criterion gave {described(result)}, and the loss to minimise is not known; "
        f"return a tensor, or a mapping with the key '{TOTAL}', such as {{'total': dice + ce, 'dice': dice, 'ce': ce}}"
    )
