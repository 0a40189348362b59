"""One run: check the config, open a folder, build, call the Trainer, record what came of it."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lighter.checkpoints import find_checkpoint, loading, recorded, with_weights_only
from lighter.config import Config
from lighter.config.building import Builder
from lighter.config.composing import Given
from lighter.config.plugin_systems import is_plugin_system, without_effect
from lighter.config.schema import ARGUMENTS, DATA, SEED, SYSTEM, TRAINER, stage_named
from lighter.errors import ConfigError, RunError
from lighter.launches import refuse_alone
from lighter.noise import without_noise
from lighter.ranks import is_first
from lighter.run_directory import CONFIG, LOG, RunDirectory, open_run, share
from lighter.run_log import logged_to
from lighter.stages import Stage
from lighter.system_notes import noting_system
from lighter.utils.project import Project
from lighter.utils.serving import Served, hold, serve, serve_import
from lighter.whole_files import write_whole

if TYPE_CHECKING:
    import pytorch_lightning as pl

RUN_DIR = "run::dir"

__all__ = ["Result", "Runner"]


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """What a stage came to: its metrics by logged name, and where everything lies.

    `checkpoints` has the paths of `best` and `last`; `predictions` what predict gives where no file is `written`.
    """

    stage: Stage
    run: RunDirectory
    metrics: dict[str, float]
    checkpoints: dict[str, str] = field(default_factory=dict)
    predictions: Any = None
    written: tuple[Path, ...] = ()

    def __repr__(self) -> str:
        rows = [(name, f"{value:.4g}") for name, value in sorted(self.metrics.items()) if not name.endswith("/step")]
        rows += [(f"{name} checkpoint", path) for name, path in sorted(self.checkpoints.items())]
        rows += [("predictions", str(path)) for path in self.written]
        if self.predictions is not None:
            rows.append(("predictions", f"{len(self.predictions)} batches"))
        width = max((len(name) for name, _ in rows), default=0)
        return "\n  ".join([f"{self.stage} in {self.run.path}", *(f"{name:{width}}  {told}" for name, told in rows)])


class Runner:
    """Runs the stages of a config: `Runner("config.yaml", "trainer::max_epochs=1").fit()`.

    After `fit` the other stages evaluate what it has trained, in its run folder. `system` is the LightningModule of the
    latest stage, None before. With `allow` only what lies under these packages is built (`Config.limited`).
    """

    def __init__(
        self, *sources: "Given | Config", run_dir: str | None = None, allow: str | Iterable[str] | None = None
    ) -> None:
        first = sources[0] if sources else {}
        config = first if isinstance(first, Config) else Config.load(*sources)  # type: ignore[arg-type]  # no Config
        self.config = config.limited(allow)
        if isinstance(first, Config) and len(sources) > 1:
            raise TypeError("a Config comes alone; give overrides to Config.load")
        self.run_dir = run_dir
        self._system: Any = None
        self._fitted: RunDirectory | None = None

    def __repr__(self) -> str:
        return f"Runner({self.config!r})"

    @property
    def system(self) -> Any:
        """What the last stage has run, None before one; once it was asked for, its project stays while it lives."""
        for one in self._trusted if self._system is not None else ():
            if one is not None:
                hold(one, self._system)
            if isinstance(one, Project):
                serve(one)
            elif one is not None:
                serve_import(one)
        return self._system

    def add_component(self, kind: str, name: str, component: Callable[..., Any], config: Any = None) -> None:
        """Makes `_target_: kind/name` known in this run, `config` a pydantic model of its arguments.

        Raises what `Registry.add` raises; one that the process has registered under this name is hidden.
        """
        self.config.components.add(kind, name, component, config)

    def fit(self, ckpt_path: str | None = None) -> Result:
        """Trains, from a checkpoint on if one is given."""
        return self.run(Stage.FIT, ckpt_path)

    def validate(self, ckpt_path: str | None = None) -> Result:
        """Evaluates on the validation data."""
        return self.run(Stage.VALIDATE, ckpt_path)

    def test(self, ckpt_path: str | None = None) -> Result:
        """Evaluates on the test data."""
        return self.run(Stage.TEST, ckpt_path)

    def predict(self, ckpt_path: str | None = None) -> Result:
        """Predicts; with a writer among the callbacks the predictions go to files, else they are returned."""
        return self.run(Stage.PREDICT, ckpt_path)

    def run(self, stage: Stage | str, ckpt_path: str | None = None) -> Result:
        """One stage, by its name. Raises ConfigError before anything is built, or what the user's own code raises."""
        stage = stage_named(stage)
        self.check(stage)
        with self.config.serving():
            found = find_checkpoint(ckpt_path, self.config.name, self.run_dir or self._trained, stage)
            run = self._open(stage, found.run)
            if stage is Stage.FIT:
                self._fitted = run
            with share(run), logged_to(run.path / LOG), without_noise():
                for note in self.config.settled.notes:
                    logging.getLogger("lighter").info(note)  # shown when the config was checked, recorded now
                is_asked = ckpt_path is not None or f"{ARGUMENTS}::{stage}::ckpt_path" not in self.config
                return self._run(stage, run, found.path if is_asked else None)

    def check(self, stage: Stage | str) -> None:
        """Both checks of the config for a stage. Raises ConfigError with all mistakes of the first that finds any."""
        problems = self.config.check(stage)
        if problems:
            raise ConfigError(problems)

    @property
    def _trained(self) -> str | None:
        """The run whose weights are evaluated, in its own folder: of the fit before, or that the config is or names."""
        if self._fitted is not None:
            return str(self._fitted.path)
        named: str | None = self.config.get(RUN_DIR)
        return self.config.run_folder or named

    def _open(self, stage: Stage, of_checkpoint: RunDirectory | None) -> RunDirectory:
        asked = self.run_dir or (None if stage is Stage.FIT else self._trained) or self.config.get(RUN_DIR)
        if asked is None and of_checkpoint is not None and stage is not Stage.FIT:
            return of_checkpoint
        run = open_run(self.config.name, asked)
        if stage is Stage.FIT and run.holds_run and is_first():
            help = "give another '--run_dir', or none for a new folder"
            raise RunError(f"the run folder '{run.path}' already holds a run; {help}")
        return run

    def _run(self, stage: Stage, run: RunDirectory, checkpoint: Path | None) -> Result:
        import pytorch_lightning as pl

        seed = self.config.get(SEED)
        if seed is not None:
            pl.seed_everything(seed, workers=True, verbose=False)
        if is_first() and not run.holds_run:
            write_whole(run.path / CONFIG, self.config.dump())
        builder = self.config.builder(stage)
        if is_plugin_system(self.config.tree):
            return self._run_plugins(stage, run, checkpoint, builder)
        self._system = system = builder.build((SYSTEM,))
        trainer = self._trainer(builder, run, stage, system)
        data = builder.build((DATA,)) if (DATA,) in builder.plan.values else None
        arguments = self._arguments(builder, trainer, stage)
        if checkpoint is not None:
            arguments["ckpt_path"] = str(checkpoint)
        elif stage is not Stage.FIT and "checkpoints" in run.results() and arguments.get("ckpt_path") is None:
            told = "the run '%s' has left no checkpoint: the weights are as the config builds them, not trained"
            logging.getLogger("lighter").warning(told, run.path)
        step = builder.plan.steps.get((SYSTEM,))
        at = step.position if step is not None else None
        loads = loading(arguments.get("ckpt_path"), stage, *self._trusted)
        with noting_system(system, at), _told_apart(trainer), loads:
            try:
                output = getattr(trainer, stage)(system, datamodule=data, **arguments)
            finally:
                checkpoints = recorded(trainer, run) if stage is Stage.FIT else {}
        return self._result(stage, run, trainer, checkpoints, output)

    def _run_plugins(self, stage: Stage, run: RunDirectory, checkpoint: Path | None, builder: Builder) -> Result:
        """A stage of a plugin model, which has no Trainer."""
        from lighter.plugins.running import run_stage

        for told in without_effect(self.config.tree):
            logging.getLogger("lighter").warning(told)
        found = run_stage(lambda: builder.build((SYSTEM,)), stage, run, checkpoint)
        return Result(stage, run, found.metrics, found.checkpoints, found.predictions, found.written)

    @property
    def _trusted(self) -> tuple[Served | None, ...]:
        """The project and the imports, whose objects a checkpoint may hold: none under an allowlist."""
        return () if self.config.is_limited else (self.config.project, *self.config.imports.modules)

    def _trainer(self, builder: Builder, run: RunDirectory, stage: Stage, system: "pl.LightningModule") -> "pl.Trainer":
        from lighter.trainer_defaults import complete

        place = (TRAINER,)
        if place in builder.plan.steps:
            with builder.noting(place):
                trainer = complete(builder.bound(place), run, stage, system)()
        else:  # a reference to a Trainer, say, which is taken as it is
            trainer = builder.build(place)
        refuse_alone(trainer.num_devices * trainer.num_nodes)
        return trainer

    def _arguments(self, builder: Builder, trainer: "pl.Trainer", stage: Stage) -> dict[str, Any]:
        from lighter.trainer_defaults import writes_predictions

        place = (ARGUMENTS, str(stage))
        arguments = dict(builder.build(place) or {}) if place in builder.plan.values else {}
        if stage is Stage.PREDICT and writes_predictions(_callbacks(trainer)):
            arguments.setdefault("return_predictions", False)
        if stage in (Stage.VALIDATE, Stage.TEST):
            arguments.setdefault("verbose", False)
        return with_weights_only(arguments, getattr(trainer, stage), self.config.is_limited)

    def _result(
        self, stage: Stage, run: RunDirectory, trainer: "pl.Trainer", checkpoints: dict[str, str], output: Any
    ) -> Result:
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items() if value.numel() == 1}
        written = tuple(Path(c.path_written) for c in _callbacks(trainer) if getattr(c, "path_written", None))
        if trainer.is_global_zero:
            run.record(stage, [str(path) for path in written] if stage is Stage.PREDICT else metrics)
        return Result(stage, run, metrics, checkpoints, output if stage is Stage.PREDICT else None, written)


def _callbacks(trainer: "pl.Trainer") -> list[Any]:
    return list(trainer.callbacks)  # type: ignore[attr-defined]  # set by Lightning's connector


@contextmanager
def _told_apart(trainer: "pl.Trainer") -> Iterator[None]:
    """Lets Ctrl-C be a KeyboardInterrupt again, which Lightning turns into an exit with status 1."""
    try:
        yield
    except SystemExit as exit:
        if trainer.interrupted:
            raise KeyboardInterrupt from exit
        raise
