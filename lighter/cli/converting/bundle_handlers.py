"""The handlers of MONAI's engines that a Trainer has something for: a setting, a callback, a logger."""

from collections.abc import Callable
from dataclasses import dataclass, field

from lighter.cli.converting.parts import Part, mapping

_CALLBACKS = "pytorch_lightning.callbacks"
_SHOWN = "the console, log.txt and metrics.csv of a run have the loss and the metrics"


@dataclass(frozen=True, slots=True)
class Handled:
    """Why a handler is left out, if it is; settings of the Trainer in its place; when its scheduler steps."""

    reason: str = ""
    settings: dict[str, Part] = field(default_factory=dict)
    scheduler: str | None = None


def _validation(handler: Part, _monitor: str) -> Handled:
    interval = handler.find("interval")
    by_epoch = handler.find("epoch_level")
    key = "val_check_interval" if by_epoch is not None and by_epoch.value is False else "check_val_every_n_epoch"
    return Handled(settings={key: interval} if interval is not None and interval.value != 1 else {})


def _schedule(handler: Part, _monitor: str) -> Handled:
    by_epoch = handler.find("epoch_level")
    return Handled(scheduler="step" if by_epoch is not None and by_epoch.value is False else "epoch")


def _checkpoint(handler: Part, monitor: str) -> Handled:
    """The best by the key metric, or one every so many epochs."""
    by_metric, interval = handler.find("save_key_metric"), handler.find("save_interval")
    made: dict[str, Part] = {}
    if by_metric is not None and by_metric.value is True:
        made["best"] = _callback("ModelCheckpoint", monitor=monitor, mode="max", filename="best")
    if interval is not None and interval.value != 0:
        every = _callback("ModelCheckpoint", save_top_k=-1, filename="{epoch}")
        every.value["every_n_epochs"] = interval
        made["every"] = every
    return Handled(settings={"callbacks": mapping(made)}) if made else Handled("a run keeps its last checkpoint")


def _early_stop(handler: Part, monitor: str) -> Handled:
    made = _callback("EarlyStopping", monitor=monitor, mode="max")
    made.value |= {key: part for key, part in handler.entries.items() if key in ("patience", "min_delta")}
    return Handled(settings={"callbacks": mapping({"early_stopping": made})})


def _tensorboard(handler: Part, _monitor: str) -> Handled:
    folder = handler.find("log_dir")
    made = mapping({"_target_": Part("pytorch_lightning.loggers.TensorBoardLogger")})
    made.value["save_dir"] = folder or Part(".")
    return Handled(settings={"logger": mapping({"tensorboard": made})})


def _shown(_handler: Part, _monitor: str) -> Handled:
    return Handled(_SHOWN)


def _loaded(_handler: Part, _monitor: str) -> Handled:
    return Handled("'_target_: lighter.load_weights' with 'path' and 'model' at 'system::model' loads weights")


def _callback(name: str, **arguments: object) -> Part:
    return mapping({"_target_": Part(f"{_CALLBACKS}.{name}")} | {key: Part(one) for key, one in arguments.items()})


HANDLERS: dict[str, Callable[[Part, str], Handled]] = {
    "CheckpointLoader": _loaded,
    "CheckpointSaver": _checkpoint,
    "EarlyStopHandler": _early_stop,
    "LogfileHandler": _shown,
    "LrScheduleHandler": _schedule,
    "MetricLogger": _shown,
    "MetricsSaver": _shown,
    "StatsHandler": _shown,
    "TensorBoardStatsHandler": _tensorboard,
    "ValidationHandler": _validation,
}
