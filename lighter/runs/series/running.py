"""The experiments of a series as jobs, and what has come of each."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from lighter.config import Config
from lighter.errors import RunError
from lighter.runs.best_values import EPOCH
from lighter.runs.folder import BEST, RunDirectory
from lighter.runs.jobs.job import Job, Outcome, Progress, outcome
from lighter.runs.jobs.local import Local
from lighter.runs.jobs.scheduling import run_jobs
from lighter.runs.locking import locked
from lighter.runs.record.sources import record_sources
from lighter.runs.series.begun import Begun
from lighter.runs.series.summary import Row, Status, read_seconds, record
from lighter.runs.whole_files import write_whole
from lighter.training.stages import Stage

_STATUS = {Progress.COMPLETE: Status.OK, Progress.FAILED: Status.FAILED, Progress.INTERRUPTED: Status.INTERRUPTED}


def write_configs(configs: Mapping[str, Config], folder: Path) -> None:
    """Writes down what will run: what was checked, whatever happens to the files meanwhile."""
    for name, config in configs.items():
        write_whole(_config(folder, name), config.dump())
        record_sources(config, folder / name)  # its process knows of the composed config alone


def run_series(begun: Begun, folder: Path, launcher: Any, at_once: int | None, say: Callable[[str], None]) -> list[Row]:
    """Runs what is left of every experiment, and records after each what has come of them all.

    An experiment that fails stops no other. After Ctrl-C, which ends all, those that it has ended are told so.
    """
    series = _Series(begun, folder, say, is_shown=isinstance(launcher, Local) and launcher.shows)
    with _claimed(folder):
        try:
            run_jobs(series.jobs(), launcher, at_once, series.end, series.begin)
        except KeyboardInterrupt:
            return series.stopped()
        return series.ended()


class _Series:
    """What is known of the experiments of a series that runs."""

    def __init__(self, begun: Begun, folder: Path, say: Callable[[str], None], *, is_shown: bool) -> None:
        self._begun, self._folder, self._say, self._is_shown = begun, folder, say, is_shown
        before = read_seconds(folder)
        self._rows = {name: Row(name, folder / name, seconds=before.get(name, 0.0)) for name in begun.names}
        self._starts: dict[str, float] = {}
        self._is_stopped = False

    def jobs(self) -> Iterator[Job]:
        """Those that are not complete."""
        self._record()
        count = len(self._begun.names)
        for number, name in enumerate(self._begun.names, 1):
            title = f"[{number}/{count}] {name}"
            job = Job(self._folder / name, _config(self._folder, name), self._begun.stages, title=title)
            job = replace(job, allow=self._begun.allow)
            job.write()
            if (found := outcome(job.folder)).state is Progress.COMPLETE:
                self._note(job, found)
            else:
                yield job

    def begin(self, job: Job) -> None:
        """Notes that a job is begun."""
        self._starts[job.folder.name] = time.monotonic()
        if not self._is_shown:  # else its process says it, with each stage
            self._say(f"{job.title}: {', '.join(job.stages)}")

    def end(self, job: Job, found: Outcome) -> None:
        """Notes how a job has ended."""
        self._note(job, found)
        if not self._is_shown:
            self._say(f"{job.title}: {self._rows[job.folder.name].status}")

    def stopped(self) -> list[Row]:
        """All experiments, when they were asked to stop."""
        return list(self._rows.values())

    def ended(self) -> list[Row]:
        """All experiments; one that nobody has asked to stop, and that was killed all the same, has failed."""
        for name, row in self._rows.items():
            if row.status is Status.INTERRUPTED and row.reason:
                self._rows[name] = replace(row, status=Status.FAILED)
        self._record()
        return list(self._rows.values())

    def _note(self, job: Job, found: Outcome) -> None:
        name, run = job.folder.name, job.folder
        took = time.monotonic() - self._starts[name] if name in self._starts else 0.0
        status = _STATUS.get(found.state, Status.INTERRUPTED)
        self._rows[name] = Row(name, run, status, self._rows[name].seconds + took, _metrics(run), found.reason)
        self._record()

    def _record(self) -> None:
        record(list(self._rows.values()), self._folder)


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    try:
        with locked(folder, alone=True):
            yield
    except BlockingIOError as error:
        raise RunError(f"another process runs the series in '{folder}'; wait for its end, or stop it") from error


def _config(folder: Path, name: str) -> Path:
    return folder / f"{name}.yaml"


def _metrics(run: Path) -> dict[str, float]:
    """The values of all stages, by their logged names; of training those of the checkpoint that the others use."""
    results = RunDirectory(run).results()
    if isinstance(best := results.get(BEST), dict):
        results[Stage.FIT] = {name: value for name, value in best.items() if name != EPOCH}
    found = [values for stage in Stage if isinstance(values := results.get(stage), dict)]
    return {name: value for values in found for name, value in values.items()}
