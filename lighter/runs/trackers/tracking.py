"""What a stage of a run gives to the loggers in its config: where they write, what they log, which run they resume."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lighter.config.dumping import plain, portable
from lighter.config.key_path import KeyPath, text
from lighter.config.logger_schema import takes, tracker_kind
from lighter.config.signatures import signature_of
from lighter.config.tree import Mapping as Tree
from lighter.runs.folder import RunDirectory
from lighter.runs.trackers.loggers import is_of_run
from lighter.runs.trackers.record import KIND, Plain, Setting, flat, recorded_trackers

if TYPE_CHECKING:
    from lighter.runs.trackers.callback import RunTracking
    from lighter.runs.trackers.kinds import Arguments


FOLDER = "run/dir"  # the hyperparameter with the run folder


class Tracking:
    """What a stage gives to the loggers that its config names: the composed tree, and what is built by its place."""

    def __init__(self, setting: Setting, tree: Tree, built: Mapping[KeyPath, object]) -> None:
        self.setting = setting
        self.tree = tree
        self.built = built
        self.record = recorded_trackers(self.run)

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
    ) -> "Arguments":
        """The arguments that a call at a place lacks, if it makes a logger; none for any other call."""
        kind = tracker_kind(target)
        if kind is None:
            return {}
        from lighter.runs.trackers.kinds import arguments_of

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
