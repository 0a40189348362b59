"""The experiments of a series as jobs, and what has come of each."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lighter.config import Config
from lighter.runs.best_values import kept_values
from lighter.runs.folder import RunDirectory
from lighter.runs.jobs.job import Job, Outcome, Progress, outcome
from lighter.runs.jobs.scheduling import run_jobs
from lighter.runs.record.sources import record_sources
from lighter.runs.repeats import Repetition
from lighter.runs.series.begun import Begun
from lighter.runs.series.summary import Row, Status, read_seconds, record, together
from lighter.runs.whole_files import write_whole

_STATUS = {Progress.COMPLETE: Status.OK, Progress.FAILED: Status.FAILED, Progress.INTERRUPTED: Status.INTERRUPTED}


def write_configs(
    configs: Mapping[str, Config], folder: Path, repetitions: Sequence[Repetition] = (), allow: str | None = None
) -> None:
    """Writes down what will run: what was checked, whatever happens to the files meanwhile."""
    for name, config in configs.items():
        write_whole(_config(folder / name), config.dump())
        made = {one.name: Config.load(*config.given, one.over, allow=allow) for one in repetitions}
        for run, each in made.items():
            write_whole(_config(folder / name / run), each.dump())
        for run, each in (made or {"": config}).items():
            record_sources(each, folder / name / run)  # its process knows of the composed config alone


class Running:
    """A series in its folder. Whoever makes one holds the folder's lock.

    With `is_shown` the processes of its experiments themselves say what they do.
    """

    def __init__(self, begun: Begun, folder: Path, say: Callable[[str], None], *, is_shown: bool = False) -> None:
        self._begun, self._folder, self._say, self._is_shown = begun, folder, say, is_shown
        self._before = read_seconds(folder)
        self._runs = {name: [folder / name / run for run in begun.runs] or [folder / name] for name in begun.names}
        self._known = {run: Row(_name(run, folder), run) for runs in self._runs.values() for run in runs}
        self._starts: dict[Path, float] = {}

    @property
    def rows(self) -> list[Row]:
        """All experiments as they are."""
        return [
            together(name, self._folder / name, [self._known[run] for run in runs], self._before.get(name, 0.0))
            for name, runs in self._runs.items()
        ]

    def run(self, launcher: Any, at_once: int | None) -> list[Row]:
        """Runs what is left of every experiment, and records after each run what has come of them all.

        An experiment that fails stops no other. Raises KeyboardInterrupt and Terminated, which end all, with all
        written down.
        """
        run_jobs(self._jobs(), launcher, at_once, self._end, self._begin)
        for run, row in self._known.items():
            if row.status is Status.INTERRUPTED and row.reason:  # nobody has asked it to stop, and it was killed
                self._known[run] = replace(row, status=Status.FAILED)
        self._record()
        return self.rows

    def _jobs(self) -> Iterator[Job]:
        """Those that are not complete."""
        self._record()
        for number, (run, row) in enumerate(self._known.items(), 1):
            title = f"[{number}/{len(self._known)}] {row.name}"
            job = Job(run, _config(run), self._begun.stages, title=title, allow=self._begun.allow)
            job.write()
            if (found := outcome(run)).state is Progress.COMPLETE:
                self._note(job, found)
            else:
                yield job

    def _begin(self, job: Job) -> None:
        self._starts[job.folder] = time.monotonic()
        if not self._is_shown:  # else its process says it, with each stage
            self._say(f"{job.title}: {', '.join(job.stages)}")

    def _end(self, job: Job, found: Outcome) -> None:
        self._note(job, found)
        if not self._is_shown:
            self._say(f"{job.title}: {self._known[job.folder].status}")

    def _note(self, job: Job, found: Outcome) -> None:
        run = job.folder
        took = time.monotonic() - self._starts[run] if run in self._starts else 0.0
        status, metrics = _STATUS.get(found.state, Status.INTERRUPTED), kept_values(RunDirectory(run))
        self._known[run] = Row(self._known[run].name, run, status, took, metrics, found.reason)
        self._record()

    def _record(self) -> None:
        record(self.rows, self._folder)


def _name(run: Path, folder: Path) -> str:
    return run.relative_to(folder).as_posix()


def _config(run: Path) -> Path:
    return run.with_name(f"{run.name}.yaml")
