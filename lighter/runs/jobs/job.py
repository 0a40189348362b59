"""A job: one run, through its stages, that a process of its own does; and what has come of it, by the run's folder."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from signal import Signals
from typing import Any, Self

from lighter.config.schema import stage_named
from lighter.errors import TERMINATED
from lighter.runs.folder import JOB, RunDirectory
from lighter.runs.status import RunStatus, State, read_statuses
from lighter.runs.whole_files import write_whole
from lighter.training.stages import Stage

OUTPUT = "output.txt"  # what the processes of a job print, where no terminal shows it
_WRITTEN, _END = "job.json", "end.json"
_ASKED = {130, -2, TERMINATED}  # after Ctrl-C or SIGTERM
_FROM_OUTSIDE = {-9, -15, -1, TERMINATED}  # SIGKILL, SIGTERM, SIGHUP: how a process ends that was not at fault itself


@dataclass(frozen=True, slots=True)
class Job:
    """A config, composed and whole, that runs stage by stage into a run folder.

    Where the folder holds that run already, what is left of it is done: finished stages are kept, and the one that was
    under way resumes. `environment` is what its processes have besides the variables of whoever starts them, `allow`
    what `--allow` says, `work` the folder that they work in, `title` what is printed with each stage that begins.
    """

    folder: Path
    config: Path
    stages: tuple[str, ...] = (Stage.FIT,)
    environment: Mapping[str, str] = field(default_factory=dict)
    allow: str | None = None
    work: Path = field(default_factory=Path.cwd)
    title: str = ""

    def write(self) -> None:
        """Writes it down in its folder, where the process finds it that does it."""
        told = {
            "config": os.path.relpath(self.config, self.folder),  # which may be moved
            "stages": [str(stage) for stage in self.stages],
            "environment": dict(self.environment),
            "allow": self.allow,
            "work": str(self.work.absolute()),
            "title": self.title,
        }
        write_whole(self.folder / JOB / _WRITTEN, json.dumps(told, indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The job that a folder holds."""
        told = json.loads((folder / JOB / _WRITTEN).read_text(encoding="utf-8"))
        config = Path(os.path.normpath(folder / told["config"]))
        others = {"allow": told["allow"], "work": Path(told["work"]), "title": told["title"]}
        return cls(folder, config, tuple(map(stage_named, told["stages"])), told["environment"], **others)


def holds_job(folder: Path) -> bool:
    """Whether a job is written down in a folder."""
    return (folder / JOB / _WRITTEN).exists()


class Progress(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far a job is and, if it has ended before it was complete, why; `is_lost` if something outside ended it."""

    state: Progress
    reason: str = ""
    is_lost: bool = False


def outcome(folder: Path) -> Outcome:
    """What has come of the job in a folder, as its processes have written it down."""
    latest = _latest(folder)
    stages = Job.read(folder).stages
    if all(stage in latest and latest[stage].state is State.FINISHED for stage in stages):
        return Outcome(Progress.COMPLETE)
    last = max(latest.values(), key=lambda one: one.started, default=None)
    if last is not None and last.state is State.RUNNING:
        return Outcome(Progress.RUNNING)
    end = _end(folder)
    if end is None:  # nobody was left to write it
        if last is None:
            return Outcome(Progress.WAITING)
        return Outcome(Progress.INTERRUPTED, "it was killed", is_lost=True)
    status = int(end["status"])
    is_asked, is_lost = status in _ASKED, status in _FROM_OUTSIDE
    if is_asked or is_lost:
        return Outcome(Progress.INTERRUPTED, "" if is_asked else _ended(status), is_lost)
    error = last.error if last is not None and last.stage == end["stage"] and last.state is State.FAILED else None
    return Outcome(Progress.FAILED, error or _ended(status))


def left(job: Job) -> Sequence[str]:
    """The stages that are still to be run."""
    latest = _latest(job.folder)
    return [one for one in job.stages if one not in latest or latest[one].state is not State.FINISHED]


def record_begin(folder: Path) -> None:
    """Forgets how the job's process has ended before."""
    (folder / JOB / _END).unlink(missing_ok=True)


def record_end(folder: Path, stage: str, status: int) -> None:
    """Writes down how a stage's process has ended that did not succeed."""
    write_whole(folder / JOB / _END, json.dumps({"stage": str(stage), "status": status}) + "\n")


def _latest(folder: Path) -> dict[str, RunStatus]:
    """How each stage went the last time."""
    return {status.stage: status for status in read_statuses(RunDirectory(folder))}


def _end(folder: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((folder / JOB / _END).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def _ended(status: int) -> str:
    return f"ended by {Signals(-status).name}" if status < 0 else f"ended with status {status}"
