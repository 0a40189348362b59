"""What the folder of a run holds, as far as it can be read: nothing that is missing or broken stops the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lighter.results.reading.log_end import LogEnd, read_log_end
from lighter.results.reading.metrics_file import Curve, read_curves
from lighter.results.reading.monitored import Best, Monitored, best, monitored
from lighter.results.reading.unreadable import unreadable
from lighter.results.report.configs import WrittenConfig, read_config
from lighter.results.report.predictions import Images, read_images
from lighter.runs.folder import ENVIRONMENT, LOG, METRICS, RESULTS, RunDirectory, read_mapping, time_of
from lighter.runs.plain_files import open_plain
from lighter.runs.status import RunStatus, read_statuses
from lighter.training.logged_name import less_is_better

_LONGEST = 64 * 1024  # characters of a diff


@dataclass(frozen=True, slots=True)
class Record:
    """One run, read back."""

    path: Path
    label: str
    config: WrittenConfig
    statuses: Sequence[RunStatus] = ()
    results: dict[str, Any] = field(default_factory=dict)
    curves: Sequence[Curve] = ()
    environment: dict[str, Any] = field(default_factory=dict)
    diffs: dict[str, str] = field(default_factory=dict)
    images: Images = field(default_factory=Images)
    log: LogEnd = field(default_factory=LogEnd)
    monitored: Monitored = field(default_factory=Monitored)
    unread: tuple[str, ...] = ()

    def best(self, curve: Curve) -> Best | None:
        """The best value of a curve: by what the config says of the one it watches, else by the name."""
        is_watched = curve.logged == self.monitored.name
        return best(curve, self.monitored.less if is_watched else less_is_better(curve.logged))

    @property
    def status(self) -> RunStatus | None:
        """How the latest of its stages goes or went."""
        return self.statuses[-1] if self.statuses else None


def read_record(run: RunDirectory, label: str) -> Record:
    """Reads the folder of a run."""
    results, environment = (read_mapping(run.path / name)[0] for name in (RESULTS, ENVIRONMENT))
    given = environment.get("sources")
    return Record(
        path=run.path,
        label=label,
        config=read_config(run.path, list(map(str, given)) if isinstance(given, list) else ()),
        statuses=read_statuses(run),
        results=results,
        curves=read_curves(run.path / METRICS),
        environment=environment,
        diffs={path.name: _diff(path) for path in sorted(run.path.glob("*.diff"), key=_in_order)},
        images=read_images(run.path),
        log=read_log_end(run.path / LOG),
        monitored=monitored(results),
        unread=tuple(unreadable(run.path)),
    )


def labels(paths: Sequence[Path]) -> list[str]:
    """A short name for each run, of the parts of its path in which they differ."""
    wholes = [path.resolve().parts for path in paths]
    if len(wholes) == 1:  # a folder that is named by a time says little without the one above it
        return ["/".join(wholes[0][-2:] if time_of(wholes[0][-1]) else wholes[0][-1:])]
    same = 0
    while all(len(whole) > same + 1 and whole[same] == wholes[0][same] for whole in wholes):
        same += 1
    rests = [whole[same:] for whole in wholes]
    ways = ([rest[0] for rest in rests], [rest[-1] for rest in rests])
    return next((way for way in ways if len(set(way)) == len(way)), ["/".join(rest) for rest in rests])


def _in_order(path: Path) -> tuple[int, str]:
    """`project.diff`, then `project.2.diff`."""
    return len(path.name), path.name


def _diff(path: Path) -> str:
    try:
        with open_plain(path) as file:
            text = file.read(4 * _LONGEST).decode("utf-8", errors="replace")
    except OSError:  # `unreadable` says so
        return ""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "\n..."
