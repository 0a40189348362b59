"""How a run has ended, when it began and how long it took, also where it left no status."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lighter.config.composing import CONFIG_FILE
from lighter.results.reading.log_end import read_log_end
from lighter.results.reading.metrics_file import History
from lighter.runs.folder import LOG, METRICS, RESULTS, RunDirectory, time_of
from lighter.runs.status import RunStatus, State, read_statuses
from lighter.training.stages import Stage

UNKNOWN = "unknown"
STATES = (*map(str, State), UNKNOWN)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state in which a run is (one of `STATES`), its start with its zone, how many seconds it took so far.

    `later`: of a run whose training has ended, a later stage that runs or did not end well, such as `test failed`.
    """

    state: str = UNKNOWN
    started: datetime | None = None
    seconds: float | None = None
    later: str = ""


def outcome(history: History) -> Outcome:
    """What the status file says of training, or of what else was run; without one, what the other files say."""
    statuses: list[RunStatus] = []
    with suppress(OSError):  # a folder that is deleted meanwhile
        statuses = read_statuses(RunDirectory(history.folder))
    if not statuses:
        return Outcome(_state(history), *_times(history.folder))
    stages = [one for one in statuses if one.stage is Stage.FIT] or statuses[-1:]
    last = statuses[-1]
    is_later = last is not stages[-1] and last.state is not State.FINISHED
    seconds = sum(one.duration.total_seconds() for one in stages)  # a run that was resumed has several
    return Outcome(str(stages[-1].state), stages[0].started, seconds, f"{last.stage} {last.state}" if is_later else "")


def _state(history: History) -> str:
    if any(stage in history.results for stage in Stage):
        return str(State.FINISHED)
    error = read_log_end(history.folder / LOG).error
    if not error:
        return UNKNOWN
    return str(State.INTERRUPTED if error.startswith("KeyboardInterrupt") else State.FAILED)


def _times(folder: Path) -> tuple[datetime | None, float | None]:
    """When the config was written, and how long after it the last value was logged."""
    began, ended = _changed(folder / CONFIG_FILE), _changed(folder / METRICS) or _changed(folder / RESULTS)
    seconds = ended - began if began is not None and ended is not None and ended >= began else None
    if (named := time_of(folder.name)) is not None:
        return named, seconds
    return (datetime.fromtimestamp(began).astimezone() if began is not None else None), seconds


def _changed(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None
