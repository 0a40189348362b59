"""The runs that are listed."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lighter.results.reading.folders import config_name, run_folders
from lighter.results.reading.metrics_file import History
from lighter.results.reading.monitored import Monitored, monitored
from lighter.results.reading.outcome import Outcome, outcome
from lighter.results.reading.unreadable import unreadable


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run's folder, the name of its config, how it went, its values, and which chooses the best checkpoint."""

    folder: Path
    config: str
    outcome: Outcome
    history: History
    monitored: Monitored
    unreadable: tuple[str, ...] = ()

    @property
    def started(self) -> datetime | None:
        """When it began."""
        return self.outcome.started

    def value(self, metric: Monitored | None = None) -> float | None:
        """The best value of a metric, by default of what chooses its best checkpoint; None where it has none."""
        chosen = metric or self.monitored
        return self.history.best(chosen.name, chosen.less)


def read_runs(root: Path) -> list[ListedRun]:
    """All runs below a folder. Raises nothing for one that is broken: what is known of it is listed."""
    return [_listed(History(folder)) for folder in run_folders(root)]


def _listed(history: History) -> ListedRun:
    folder, chosen_by = history.folder, monitored(history.results)
    return ListedRun(folder, config_name(folder), outcome(history), history, chosen_by, tuple(unreadable(folder)))
