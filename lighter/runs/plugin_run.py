"""One stage of a run whose system is a plugin model: fitted and stored, or brought back and asked."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from lighter.errors import RunError
from lighter.plugins.plugin import reporting
from lighter.plugins.plugin_system import PluginSystem
from lighter.runs.console.plugin_progress import ShownProgress
from lighter.runs.folder import BEST, LAST, SUFFIX, RunDirectory
from lighter.runs.result import Result
from lighter.runs.whole_files import write_whole
from lighter.training.adapters import MetricsAdapter
from lighter.training.callbacks.prediction_writer import PredictionWriter
from lighter.training.logged_name import Kind, LoggedName
from lighter.training.metrics.mode_metrics import mode_metrics, scalars
from lighter.training.ranks import is_first
from lighter.training.stages import STAGES, Mode, Stage

_LOGGER = logging.getLogger("lighter")

Parts = tuple[Any, Any, Any, Any]  # input, target, identifier, pred


def writers_of(given: Sequence[Any] | Any | None) -> list[PredictionWriter]:
    """The writers that a config gives, or a TableWriter. Raises RunError for what writes no predictions."""
    if given is None:
        from lighter.callbacks import TableWriter

        return [TableWriter()]
    writers: list[Any] = list(given) if isinstance(given, list | tuple) else [given]
    for writer in writers:
        if not isinstance(writer, PredictionWriter):
            kind = type(writer).__name__
            raise RunError(
                f"system::writers holds a {kind}, which writes no predictions of plugin models; "
                "write lighter.callbacks.TableWriter or FileWriter"
            )
    return writers


def write(writers: Sequence[PredictionWriter], stage: Stage, folder: Path, parts: Parts) -> list[Path]:
    """Writes the predictions of a stage, as one batch; the files or folders that are now whole."""
    trainer: Any = _alone(folder, stage)
    outputs = dict(zip(("input", "target", "identifier", "pred"), _counted(parts), strict=True))
    written: list[Path] = []
    for writer in writers:
        module: Any = None
        start, batch_end, end = (getattr(writer, f"on_{stage}_{hook}") for hook in ("start", "batch_end", "end"))
        try:
            writer.setup(trainer, module, stage)
            start(trainer, module)
            batch_end(trainer, module, outputs, None, 0)
            end(trainer, module)
        except BaseException as error:  # it takes away what it has half written, as with a Trainer
            writer.on_exception(trainer, module, error)
            raise
        written += [writer.path_written] if writer.path_written is not None else []
    return written


def _counted(parts: Parts) -> Parts:
    """The same as tensors and lists; an input that does not say how many samples it has is left out."""
    input, target, identifier, pred = map(as_tensor, parts)
    return input if hasattr(input, "shape") or isinstance(input, list) else None, target, identifier, pred


def _nothing(value: Any = None, **_: Any) -> Any:
    """What a single process does to agree with the others."""
    return value


def _alone(folder: Path, stage: Stage) -> SimpleNamespace:
    """A Trainer as far as a writer looks at one: a single process, and data that comes in its own order."""
    loop = SimpleNamespace(_combined_loader=SimpleNamespace(flattened=[None], iterables=[None]))
    strategy = SimpleNamespace(barrier=_nothing, reduce=_nothing, root_device="cpu")
    return SimpleNamespace(
        default_root_dir=str(folder),
        global_rank=0,
        world_size=1,
        testing=stage is Stage.TEST,
        is_global_zero=True,
        strategy=strategy,
        predict_loop=loop,
        test_loop=loop,
    )


def run_stage(build: Callable[[], PluginSystem], stage: Stage, run: RunDirectory, checkpoint: Path | None) -> Result:
    """Builds the system, which accesses its data, and runs the stage; records in the run folder what came of it.

    Only rank zero does any of it: a plugin fits in one process. Raises RunError where a model is wanted and there is
    none, and what the plugins raise.
    """
    if not is_first():
        _LOGGER.warning("a plugin model runs in one process: this one has nothing to do")
        return Result(stage, run, {})
    if stage is not Stage.FIT and checkpoint is None:
        raise RunError(f"'{stage}' takes a model that was fitted; write --ckpt_path=best, or its file")
    with ShownProgress() as progress, reporting(progress):
        system = build()
        instance = _loaded(system, checkpoint) if checkpoint is not None else system.instantiated()
        result = _fit(system, instance, run) if stage is Stage.FIT else _evaluate(system, instance, stage, run)
    run.record(stage, [str(path) for path in result.written] if stage is Stage.PREDICT else result.metrics)
    return result


def _fit(system: PluginSystem, instance: Any, run: RunDirectory) -> Result:
    fitted = system.fitted(instance)
    path = run.checkpoints / f"{LAST}{SUFFIX}"
    write_whole(path, system.serialized(fitted))
    checkpoints = {LAST: str(path)}
    run.record_checkpoints({**checkpoints, BEST: str(path)})  # of one model both names mean it
    metrics: dict[str, float] = {}
    for mode in (Mode.TRAIN, Mode.VAL):
        if mode in system.metrics and mode in system.data:
            metrics |= _measured(system, fitted, mode)[0]
    return Result(Stage.FIT, run, metrics, checkpoints)


def _evaluate(system: PluginSystem, instance: Any, stage: Stage, run: RunDirectory) -> Result:
    metrics, parts = _measured(system, instance, STAGES[stage].loader)
    if stage is Stage.VALIDATE:
        return Result(stage, run, metrics)
    writers = writers_of([] if stage is Stage.TEST and system.writers is None else system.writers)
    written = tuple(write(writers, stage, run.path, parts))
    predictions = None if writers or stage is Stage.TEST else [parts[-1]]
    return Result(stage, run, metrics, predictions=predictions, written=written)


def _measured(system: PluginSystem, instance: Any, mode: Mode) -> tuple[dict[str, float], Parts]:
    """The metrics of a mode, and (input, target, identifier, pred)."""
    input, target, identifier = system.parts(mode)
    pred = system.predictions(instance, input)
    return measure(system, mode, (input, target, pred)), (input, target, identifier, pred)


def _loaded(system: PluginSystem, path: Path) -> Any:
    try:
        return system.deserialized(path.read_bytes())
    except Exception as error:
        error.add_note(f"while '{path}' was deserialized; is it the file of a run of this model type?")
        raise


def measure(system: PluginSystem, mode: Mode, sources: tuple[Any, Any, Any]) -> dict[str, float]:
    """The metrics of a mode by logged name, for (input, target, pred)."""
    given = system.metrics.get(mode)
    if given is None:
        return {}
    adapter = system.metrics_adapter
    of = adapter.of if isinstance(adapter, MetricsAdapter) else lambda _: adapter
    functions = {name: one for name, one in _named(given) if _is_function(one)}
    others = {name: one for name, one in _named(given) if not _is_function(one)} if functions else given
    found = {
        key: number
        for name, one in functions.items()
        for key, number in scalars(name, as_tensor(of(name)(one, *sources))).items()
    }
    if others:
        metrics = mode_metrics(others, f"metrics::{mode}", adapter)
        metrics.update(*map(as_tensor, sources))
        found = {**found, **metrics.values()}
    return {str(LoggedName(mode, Kind.METRICS, name)): float(value) for name, value in found.items()}


def as_tensor(value: Any) -> Any:
    """Numbers as a tensor, texts as a list; mappings and lists part by part, anything else as it is."""
    if hasattr(value, "to_numpy"):  # of a data frame
        value = value.to_numpy()
    if isinstance(value, np.ndarray):
        return torch.as_tensor(value) if value.dtype.kind in "biuf" else value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {name: as_tensor(one) for name, one in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(as_tensor, value))
    return value


def _named(given: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(given, Mapping):
        yield from given.items()
    else:
        listed = given if isinstance(given, list | tuple) else [given]
        yield from ((getattr(one, "__name__", str(index)), one) for index, one in enumerate(listed))


def _is_function(metric: Any) -> bool:
    """Whether a metric is called with all predictions at once, and is no module that adds up batches."""
    return callable(metric) and not isinstance(metric, torch.nn.Module) and not hasattr(metric, "aggregate")
