"""What a stage of a run gives to the loggers in its config: where they write, what they log, which run they resume."""

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from lighter.config.dumping import plain, portable
from lighter.config.key_path import KeyPath, text
from lighter.config.logger_schema import takes, tracker_kind
from lighter.config.signatures import signature_of
from lighter.config.tree import Mapping as Tree
from lighter.runs.folder import TENSORBOARD, RunDirectory
from lighter.runs.trackers.loggers import is_of_run
from lighter.runs.trackers.record import KIND, Plain, Setting, flat, recorded_trackers
from lighter.training.stages import Stage

if TYPE_CHECKING:
    from lighter.runs.trackers.callback import RunTracking


FOLDER = "run/dir"  # the hyperparameter with the run folder

Arguments: TypeAlias = dict[str, Any]

_NO_TELEMETRY = "MLFLOW_DISABLE_TELEMETRY"


@dataclass(frozen=True, slots=True)
class Tracking:
    """What a stage gives to the loggers that its config names: the composed tree, and what is built by its place."""

    setting: Setting
    tree: Tree
    built: Mapping[KeyPath, object]
    record: Mapping[str, Mapping[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "record", recorded_trackers(self.run))

    @property
    def run(self) -> RunDirectory:
        """The run that is tracked."""
        return self.setting.run

    @property
    def is_resumed(self) -> bool:
        """Whether a fit is resumed, in its own folder."""
        return self.setting.step is not None

    def complete(
        self, place: KeyPath, target: Callable[..., Any], args: Sequence[object], keywords: Mapping[str, object]
    ) -> Arguments:
        """The arguments that a call at a place lacks, if it makes a logger; none for any other call."""
        kind = tracker_kind(target)
        if kind is None:
            return {}
        known = self.record.get(text(place), {})
        signature = signature_of(target)
        own = {*keywords, *(signature.bind_partial(*args).arguments if signature is not None else ())}
        found = arguments_of(kind, own, known if known.get(KIND) == kind else {}, self.setting)
        return {name: value for name, value in found.items() if takes(target, name)}

    def callback(self, loggers: Sequence[Any]) -> "RunTracking":
        """What informs these loggers of the run."""
        from lighter.runs.trackers.callback import RunTracking

        places = {id(made): text(place) for place, made in self.built.items()}
        is_told = not all(is_of_run(logger, self.run) for logger in loggers)
        parameters = self.hyperparameters() if is_told else {}
        return RunTracking(self.setting, self.record, parameters, loggers, [places.get(id(one)) for one in loggers])

    def hyperparameters(self) -> dict[str, Plain]:
        """The composed config without its secrets, and the run folder."""
        return {**flat(plain(portable(self.tree))), FOLDER: str(self.run.path.resolve())}


def arguments_of(kind: str | None, own: Collection[str], known: Mapping[str, Any], setting: Setting) -> Arguments:
    """The arguments for a logger of a kind whose config sets `own`; `known` is what the record has of it."""
    make = _KINDS.get(kind or "")
    proposed = make(own, known, setting) if make is not None else {}
    return {name: value for name, value in proposed.items() if name not in own}


def _csv(own: Collection[str], known: Mapping[str, Any], setting: Setting) -> Arguments:
    """`metrics.csv` of the run itself; another stage has its own, for the logger begins its file anew."""
    is_fit = setting.stage is Stage.FIT
    if "save_dir" not in own:
        return {"save_dir": str(setting.run.path), "name": None, "version": "" if is_fit else str(setting.stage)}
    return {"version": known["version"]} if is_fit and "version" in known else {}


def _tensorboard(own: Collection[str], known: Mapping[str, Any], setting: Setting) -> Arguments:
    """One folder without versions; what was written after the checkpoint is purged by those who read it."""
    purge = {} if setting.step is None else {"purge_step": setting.step}
    if "save_dir" not in own:
        return {"save_dir": str(setting.run.path / TENSORBOARD), "name": "", "version": "", **purge}
    return {**({"version": known["version"]} if "version" in known else {}), **purge}


def _mlflow(own: Collection[str], known: Mapping[str, Any], setting: Setting) -> Arguments:
    """The store that MLflow itself would open: Lightning's default is one that MLflow 3 refuses."""
    usual = _usual_store()  # in any case, for MLflow is to be imported here
    store = {} if {"tracking_uri", "save_dir"} & {*own} else {"tracking_uri": known.get("tracking_uri") or usual}
    again = {"run_id": known["run_id"]} if "run_id" in known else {}
    return {"experiment_name": setting.name, "run_name": setting.run.path.name, **store, **again}


def _wandb(own: Collection[str], known: Mapping[str, Any], setting: Setting) -> Arguments:
    if "experiment" in own:
        return {}
    project = known.get("project") or os.environ.get("WANDB_PROJECT") or re.sub(r"[/\\#?%:]", "-", setting.name)
    folder = {} if "dir" in own else {"save_dir": str(setting.run.path)}
    again = {"id": known["id"]} if "id" in known and "version" not in own else {}
    return {"name": setting.run.path.name, "project": project, **folder, **again}


_KINDS: dict[str, Callable[[Collection[str], Mapping[str, Any], Setting], Arguments]] = {
    "CSVLogger": _csv,
    "MLFlowLogger": _mlflow,
    "TensorBoardLogger": _tensorboard,
    "WandbLogger": _wandb,
}


def _usual_store() -> str:
    """What `mlflow ui` opens in this folder, or what the environment names."""
    is_silent = _NO_TELEMETRY in os.environ
    # MLflow reads it when it is imported, and else sends to its makers what is done with it.
    os.environ.setdefault(_NO_TELEMETRY, "true")
    try:
        import mlflow
    except ImportError:
        return ""  # Lightning says what to install
    finally:
        if not is_silent:
            del os.environ[_NO_TELEMETRY]
    found: str = mlflow.get_tracking_uri()
    return found
