"""One stage of a run whose system is a plugin model: fitted and stored, or brought back and asked."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lighter.errors import RunError
from lighter.plugins.plugin import reporting
from lighter.plugins.plugin_system import PluginSystem
from lighter.plugins.progress import ShownProgress
from lighter.run_directory import CHECKPOINTS, LAST, SUFFIX, RunDirectory
from lighter.training.ranks import is_first
from lighter.training.stages import STAGES, Mode, Stage
from lighter.whole_files import write_whole

_LOGGER = logging.getLogger("lighter")

__all__ = ["Outcome", "run_stage"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a stage came to, as in a run's Result."""

    metrics: dict[str, float] = field(default_factory=dict)
    checkpoints: dict[str, str] = field(default_factory=dict)
    predictions: Any = None
    written: tuple[Path, ...] = ()


def run_stage(build: Callable[[], PluginSystem], stage: Stage, run: RunDirectory, checkpoint: Path | None) -> Outcome:
    """Builds the system, which accesses its data, and runs the stage; records in the run folder what came of it.

    Only rank zero does any of it: a plugin fits in one process. Raises RunError where a model is wanted and there is
    none, and what the plugins raise.
    """
    if not is_first():
        _LOGGER.warning("a plugin model runs in one process: this one has nothing to do")
        return Outcome()
    if stage is not Stage.FIT and checkpoint is None:
        raise RunError(f"'{stage}' takes a model that was fitted; write --ckpt_path=best, or its file")
    with ShownProgress() as progress, reporting(progress):
        system = build()
        instance = _loaded(system, checkpoint) if checkpoint is not None else system.instantiated()
        outcome = _fit(system, instance, run) if stage is Stage.FIT else _evaluate(system, instance, stage, run)
    run.record(stage, [str(path) for path in outcome.written] if stage is Stage.PREDICT else outcome.metrics)
    return outcome


def _fit(system: PluginSystem, instance: Any, run: RunDirectory) -> Outcome:
    fitted = system.fitted(instance)
    path = run.checkpoints / f"{LAST}{SUFFIX}"
    write_whole(path, system.serialized(fitted))
    checkpoints = {LAST: str(path)}
    run.record(CHECKPOINTS, checkpoints)
    metrics: dict[str, float] = {}
    for mode in (Mode.TRAIN, Mode.VAL):
        if mode in system.metrics and mode in system.data:
            metrics |= _measured(system, fitted, mode)[0]
    return Outcome(metrics, checkpoints)


def _evaluate(system: PluginSystem, instance: Any, stage: Stage, run: RunDirectory) -> Outcome:
    metrics, parts = _measured(system, instance, STAGES[stage].loader)
    if stage is Stage.VALIDATE:
        return Outcome(metrics)
    from lighter.plugins.writing import write, writers_of

    given = system.writers if stage is Stage.PREDICT or system.writers is not None else []
    writers = writers_of(given)
    written = tuple(write(writers, stage, run.path, parts))
    return Outcome(metrics, predictions=None if writers or stage is Stage.TEST else [parts[-1]], written=written)


def _measured(system: PluginSystem, instance: Any, mode: Mode) -> tuple[dict[str, float], tuple[Any, Any, Any, Any]]:
    """The metrics of a mode, and (input, target, identifier, pred)."""
    from lighter.plugins.measuring import measure

    input, target, identifier = system.parts(mode)
    pred = system.predictions(instance, input)
    return measure(system, mode, (input, target, pred)), (input, target, identifier, pred)


def _loaded(system: PluginSystem, path: Path) -> Any:
    try:
        return system.deserialized(path.read_bytes())
    except Exception as error:
        error.add_note(f"while '{path}' was deserialized; is it the file of a run of this model type?")
        raise
