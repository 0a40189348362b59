"""One run: check the config, open a folder, build, call the Trainer, record what came of it."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lighter.config import Config
from lighter.config.building import Builder
from lighter.config.composing import Given
from lighter.config.key_path import text
from lighter.config.paths import CKPT_PATH, KEPT, expanded
from lighter.config.plugin_schema import is_plugin_system, without_effect
from lighter.config.schema import (
    ARGUMENTS,
    DATA,
    ON_NAN,
    SAVE_MINUTES,
    SAVE_STEPS,
    SEED,
    SYSTEM,
    TRAINER,
    WARN,
    stage_named,
)
from lighter.errors import ConfigError, PathError
from lighter.project.importable import keep_while_alive, make_importable, warn_of_stale_code
from lighter.runs.best_values import best_values
from lighter.runs.checkpoints import (
    configured_checkpoint,
    find_checkpoint,
    loading,
    require_intact,
    require_own,
    untrained_note,
    with_weights_only,
)
from lighter.runs.console.known_messages import without_noise
from lighter.runs.console.log import logged_to
from lighter.runs.folder import BEST, CONFIG, LOG, RunDirectory, open_run, require_writable, share
from lighter.runs.launches import refuse_alone, refuse_waiting, warn_of_many, without_working_folder
from lighter.runs.record.environment import Recording, recording
from lighter.runs.record.masking import secrets_in
from lighter.runs.result import Result
from lighter.runs.resume.signals import signals_as_exceptions
from lighter.runs.resume.start import ResumeStart, checkpoint_to_resume, clean_up, logged_steps, run_to_resume
from lighter.runs.seeding import seed_all, seed_of, with_seed
from lighter.runs.status import running_in
from lighter.runs.trackers.loggers import closing_trackers
from lighter.runs.trackers.record import Setting
from lighter.runs.trackers.tracking import Tracking
from lighter.runs.whole_files import write_whole
from lighter.training.ranks import is_first
from lighter.training.stages import STAGES, Stage

if TYPE_CHECKING:
    import pytorch_lightning as pl

    from lighter.runs.resume.resume_point import ResumePoint

EVERY_MINUTES = 30  # a checkpoint to resume from, in the middle of an epoch


class Runner:
    """Runs the stages of a config: `Runner("config.yaml", "trainer::max_epochs=1").fit()`.

    After `fit` the other stages evaluate what it has trained, in its run folder. While the Runner is alive, the project
    of its config can be imported.

    Args:
        sources: paths of files (YAML or JSON) and of run folders, `id=value` overrides, and mappings; later ones
            override earlier ones. A `Config` must be the only source.
        run_dir: the folder of the run; a new one under `runs` if it is left out.
        allow: packages, as a list or with commas between, for a config that you do not trust: nothing else is built.

    Attributes:
        config: the `Config`.
        system: the LightningModule of the latest stage; None before the first.

    Raises:
        ConfigError: a source cannot be read, or is wrong as it is written.
        TypeError: a source is of another kind.
    """

    def __init__(
        self,
        *sources: "Given | Config",
        run_dir: str | None = None,
        allow: str | Iterable[str] | None = None,
    ) -> None:
        first = sources[0] if sources else {}
        if isinstance(first, Config) and len(sources) > 1:
            raise TypeError("a Config comes alone; give overrides to Config.load")
        if isinstance(first, Config):
            self.config = first.limited(allow)
        else:
            self.config = Config.load(*sources, allow=allow)  # type: ignore[arg-type]  # no Config
        self.run_dir = expanded(run_dir) if run_dir is not None else None
        self.fitted: RunDirectory | None = None  # what `fit` has opened
        self.system: Any = None
        self._checked: set[Stage] = set()

    def __repr__(self) -> str:
        return f"Runner({self.config!r})"

    def add_component(self, kind: str, name: str, component: Callable[..., Any], config: Any = None) -> None:
        """Makes `_target_: kind/name` known to the config of this Runner, before all that is registered elsewhere.

        Args:
            kind: one word, such as `collate_fn`.
            name: one word.
            component: a class or function, called with the arguments beside the `_target_`.
            config: a pydantic model that validates the arguments; without it the component's signature is checked.

        Raises:
            LighterError: this Runner has another component of this kind and name.
            ValueError: kind or name is no word.
            TypeError: the component cannot be called, or `config` is no pydantic model.
        """
        self.config.components.add(kind, name, component, config)

    def fit(self, ckpt_path: str | None = None, *, resume: str | None = None, force: bool = False) -> Result:
        """Trains.

        Args:
            ckpt_path: the checkpoint to start from: a path, or `best` or `last` of this config's newest run.
            resume: the folder of a run to resume in place, from its last checkpoint; `last` is the newest run of this
                config.
            force: whether to resume also where the config has changed what is trained.

        Raises:
            ConfigError: there are mistakes in the config; nothing was built.
            RunError: the run is not possible: no such checkpoint, or the folder already holds a run.
            Exception: what your own code raises, with notes of where and on what it failed.
        """
        resumed = run_to_resume(resume, self.config) if resume is not None else None
        return self._checked_run(Stage.FIT, ckpt_path, resumed, force)

    def validate(self, ckpt_path: str | None = None) -> Result:
        """Evaluates on the validation data; raises what `fit` raises.

        Args:
            ckpt_path: the weights: a path, or `best` or `last` of this config's newest run. If it is left out, those of
                the `fit` before or of the run folder that is the source, else as the config builds them.
        """
        return self.run(Stage.VALIDATE, ckpt_path)

    def test(self, ckpt_path: str | None = None) -> Result:
        """Evaluates on the test data; raises what `fit` raises.

        Args:
            ckpt_path: the weights, as for `validate`.
        """
        return self.run(Stage.TEST, ckpt_path)

    def predict(self, ckpt_path: str | None = None) -> Result:
        """Predicts, and writes the predictions with the writers among the callbacks, else to a table.

        Args:
            ckpt_path: the weights, as for `validate`.
        """
        return self.run(Stage.PREDICT, ckpt_path)

    def run(self, stage: Stage | str, ckpt_path: str | None = None) -> Result:
        """Runs a stage by its name; raises what `fit` raises, and UsageError where there is no such stage."""
        return self._checked_run(stage_named(stage), ckpt_path)

    def _checked_run(
        self, stage: Stage, ckpt_path: str | None, resumed: RunDirectory | None = None, force: bool = False
    ) -> Result:
        self.check(stage)
        try:
            return self._recorded_run(stage, ckpt_path, resumed, force)
        finally:
            self._keep_importable()

    def _recorded_run(self, stage: Stage, ckpt_path: str | None, resumed: RunDirectory | None, force: bool) -> Result:
        with self.config.serving():
            folder = str(resumed.path) if resumed is not None else self._trained
            if ckpt_path is None and resumed is None:
                found = configured_checkpoint(self.config, folder, stage)
            else:
                found = find_checkpoint(ckpt_path, self.config.name, folder, stage, self.config.named_folder)
            run = resumed or self._open(stage, found.run)
            if self.config.is_limited:
                require_own(run)
                require_own(found.run or run)
            if is_first():
                require_writable(run)
            if stage is Stage.FIT:
                self.fitted = run
            if resumed is not None:
                start = self._resumed_start(run, found.path, force)
            else:
                if found.path is not None and not is_plugin_system(self.config.tree):
                    require_intact(found.path)
                start = ResumeStart(run, found.path)
            secrets = secrets_in(self.config.tree)
            with (
                share(run),
                without_working_folder(self.config.is_limited),
                running_in(run, stage, secrets),
                logged_to(run.path / LOG, secrets),
                without_noise(),
                recording(self.config, run, stage) as record,
            ):
                for note in self.config.notes:
                    logging.getLogger("lighter").info(note)  # shown when the config was checked, recorded now
                if resumed is not None:
                    clean_up(run, start.checkpoint)
                    if start.checkpoint is None:
                        logging.getLogger("lighter").warning(
                            "the run '%s' has no checkpoint to resume from yet: it starts again, with the seed it had",
                            run.path,
                        )
                return self._run(stage, start, record)

    def _keep_importable(self) -> None:
        """Keeps project and imports importable while this Runner lives: its system may import late, and be pickled.

        Not while the system lives: it and its Trainer are a circle, which is gone only when garbage is collected.
        """
        if self.system is None or self.config.is_limited:
            return
        for one in filter(None, (self.config.project, *self.config.imports.modules)):
            keep_while_alive(one, self)
            make_importable(one)

    def _resumed_start(self, run: RunDirectory, checkpoint: Path | None, force: bool) -> ResumeStart:
        """Where a resumed fit starts; what cannot be resumed is refused before the run's folder is touched."""
        path = checkpoint_to_resume(run, self.config, checkpoint, force)
        with loading(path, Stage.FIT, self.config):
            return ResumeStart(run, path, logged_steps(path, self.config))

    def check(self, stage: Stage | str) -> None:
        """Checks the config for a stage, and builds nothing.

        Raises:
            ConfigError: there are mistakes: all that one phase of the check has found.
        """
        stage = stage_named(stage)
        if stage in self._checked:
            return
        from lighter.config.checks.devices import device_problems

        if problems := self.config.check(stage) or [*device_problems(self.config.plan(stage), is_here=True)]:
            raise ConfigError(problems)
        self._checked.add(stage)

    @property
    def _trained(self) -> str | None:
        """The run whose weights are evaluated: of the fit before, the one that the config is, or that is named."""
        if self.fitted is not None:
            return str(self.fitted.path)
        return self.config.run_folder or self.run_dir or self.config.run_dir

    def _open(self, stage: Stage, of_checkpoint: RunDirectory | None) -> RunDirectory:
        asked = self.run_dir or (None if stage is Stage.FIT else self._trained) or self.config.run_dir
        if asked is None and of_checkpoint is not None and stage is not Stage.FIT:
            return of_checkpoint
        run = open_run(self.config.name, asked, self.config.named_folder)
        if stage is Stage.FIT and run.holds_run and is_first():
            help = "give another '--run_dir', or none for a new folder"
            raise PathError(f"the run folder '{run.path}' already holds a run; {help}")
        return run

    def _run(self, stage: Stage, start: ResumeStart, record: Recording) -> Result:
        run, checkpoint = start.run, start.checkpoint
        seed = self.config.get(SEED, seed_of(run) if stage is Stage.FIT else None)
        if seed is not None:
            seed_all(seed)
        if is_first() and (stage is Stage.FIT or not run.holds_run):
            write_whole(run.path / CONFIG, with_seed(self.config, seed))
        builder = self.config.builder(stage)
        if is_plugin_system(self.config.tree):
            record.environment(world_size=1)
            return self._run_plugins(stage, run, checkpoint, builder)
        tracking = Tracking(Setting(run, self.config.name, stage, start.step), self.config.portable, builder.built)
        builder.completion = tracking.complete
        self.system = system = builder.build((SYSTEM,))
        warn_of_stale_code(None if self.config.is_limited else self.config.project)
        point = self._point(run, stage, seed)
        data = builder.build((DATA,)) if (DATA,) in builder.plan.values else None
        trainer = self._trainer(builder, run, stage, system, data, tracking=tracking, point=point)
        record.environment(trainer.world_size, seed)
        arguments = self._arguments(builder, trainer, stage)
        if trainer.precision == "64-true":
            system.double()  # Lightning does it after it has put a checkpoint's weights into float32
        checkpoint = checkpoint or self._late_checkpoint(arguments, stage)
        if checkpoint is not None:
            arguments[CKPT_PATH] = str(checkpoint)
        weights = arguments.get(CKPT_PATH) if stage is not Stage.FIT else None
        if stage is not Stage.FIT and weights is None and (told := untrained_note(run, self.config)):
            logging.getLogger("lighter").warning(told)
        from lighter.runs.failure import noted
        from lighter.runs.kept_checkpoints import record_monitored, recorded

        if stage is Stage.FIT:
            record_monitored(trainer, run)
        loads = loading(arguments.get(CKPT_PATH), stage, self.config)
        with noted(trainer, system, builder), closing_trackers(), signals_as_exceptions(), loads:
            try:
                output = getattr(trainer, stage)(system, datamodule=data, **arguments)
            finally:
                checkpoints = recorded(trainer, run, checkpoint) if stage is Stage.FIT else {}
        if start.step is not None and not (trainer.callback_metrics or (point is not None and point.has_begun)):
            told = "nothing was left to train: the run had ended; write trainer::max_epochs=... to train it longer"
            logging.getLogger("lighter").warning(told)
            found = run.results()
            return Result(stage, run, dict(found.get(stage, {})), checkpoints, best=dict(found.get(BEST, {})))
        if stage is Stage.FIT and trainer.num_training_batches == 0:
            told = "nothing was trained: the train loader gives no batch; is its dataset smaller than one?"
            logging.getLogger("lighter").warning(told)
        result = self._result(stage, run, trainer, checkpoints, output)
        return replace(result, weights=str(weights) if weights is not None else None)

    def _run_plugins(self, stage: Stage, run: RunDirectory, checkpoint: Path | None, builder: Builder) -> Result:
        """A stage of a plugin model, which has no Trainer."""
        from lighter.runs.plugin_run import run_stage

        for told in without_effect(self.config.tree):
            logging.getLogger("lighter").warning(told)
        result = run_stage(lambda: builder.build((SYSTEM,)), stage, run, checkpoint)
        return result if stage is Stage.FIT else replace(result, weights=str(checkpoint))

    def _trainer(
        self,
        builder: Builder,
        run: RunDirectory,
        stage: Stage,
        system: "pl.LightningModule",
        data: "pl.LightningDataModule | None",
        *,
        tracking: Tracking,
        point: "ResumePoint | None",
    ) -> "pl.Trainer":
        from lighter.runs.trainer_defaults import complete, with_console

        place = (TRAINER,)
        if place in builder.plan.steps:
            with builder.noting(place):
                given = complete(builder.bound(place), run, stage, system, data, tracking=tracking, point=point)
                trainer: pl.Trainer = with_console(
                    given, run.path / LOG, secrets_in(self.config.tree), self.config.get(text(ON_NAN)) or WARN
                )()
            builder.built[place] = trainer  # which a schedule may ask for its number of steps
        else:  # a reference to a Trainer, say, which is taken as it is
            trainer = builder.build(place)
        if stage is Stage.FIT:
            from lighter.runs.resume.checkpoint_files import write_checkpoints_whole

            write_checkpoints_whole(trainer.strategy)
        refuse_alone(trainer.num_devices * trainer.num_nodes)
        refuse_waiting(trainer.num_nodes, getattr(trainer.strategy, "cluster_environment", None))
        if trainer.strategy.root_device.type == "cpu":
            warn_of_many(trainer.num_devices)
        return trainer

    def _point(self, run: RunDirectory, stage: Stage, seed: int | None) -> "ResumePoint | None":
        """What writes the checkpoints from which a fit can be resumed."""
        if stage is not Stage.FIT:
            return None
        from lighter.runs.resume.resume_point import ResumePoint

        steps, minutes = self.config.get(text(SAVE_STEPS)), self.config.get(text(SAVE_MINUTES), EVERY_MINUTES)
        return ResumePoint(run.checkpoints, seed or 0, steps, minutes)

    def _arguments(self, builder: Builder, trainer: "pl.Trainer", stage: Stage) -> dict[str, Any]:
        from lighter.runs.trainer_defaults import writes_predictions

        place = (ARGUMENTS, str(stage))
        arguments = dict(builder.build(place) or {}) if place in builder.plan.values else {}
        if stage is Stage.PREDICT and writes_predictions(_callbacks(trainer)):
            arguments.setdefault("return_predictions", False)
        if stage in (Stage.VALIDATE, Stage.TEST):
            arguments.setdefault("verbose", False)
        return with_weights_only(arguments, getattr(trainer, stage), self.config.is_limited)

    def _late_checkpoint(self, arguments: dict[str, Any], stage: Stage) -> Path | None:
        """The file of a name that an expression gives, or the config of a run that is resumed and had no checkpoint."""
        if (named := arguments.get(CKPT_PATH)) not in KEPT:
            return None
        trained = None if stage is Stage.FIT else self._trained
        return find_checkpoint(named, self.config.name, trained, stage, self.config.named_folder).path

    def _result(
        self, stage: Stage, run: RunDirectory, trainer: "pl.Trainer", checkpoints: dict[str, str], output: Any
    ) -> Result:
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items() if value.numel() == 1}
        written = tuple(Path(c.path_written) for c in _callbacks(trainer) if getattr(c, "path_written", None))
        if stage in (Stage.VALIDATE, Stage.TEST) and not (metrics or written):
            counts = trainer.num_val_batches if stage is Stage.VALIDATE else trainer.num_test_batches
            loader = STAGES[stage].loader
            told = f"write system::metrics::{loader}, or system::criterion for the loss; "
            told += "a LightningModule of your own shows what it logs there"
            told = told if any(counts) else f"the {loader} loader gives no batch"
            logging.getLogger("lighter").warning("'%s' has nothing to show: %s", stage, told)
        best = best_values(trainer, run) if stage is Stage.FIT else {}
        if trainer.is_global_zero:
            if best:
                run.record(BEST, best)
            run.record(stage, [str(path) for path in written] if stage is Stage.PREDICT else metrics)
        return Result(stage, run, metrics, checkpoints, output if stage is Stage.PREDICT else None, written, best=best)


def _callbacks(trainer: "pl.Trainer") -> list[Any]:
    return list(trainer.callbacks)  # type: ignore[attr-defined]  # set by Lightning's connector
