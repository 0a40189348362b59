"""A sweep as it runs: asks for trials as there is room, tells the study how each has ended, goes on where it was."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lighter.errors import ConfigError, RunError
from lighter.runs.best_values import kept_values
from lighter.runs.folder import RunDirectory
from lighter.runs.jobs.job import Job, Outcome, Progress
from lighter.runs.jobs.scheduling import run_jobs
from lighter.runs.locking import locked
from lighter.runs.record.sources import record_sources
from lighter.runs.status import read_statuses
from lighter.runs.sweeps.checking import Checked
from lighter.runs.sweeps.space import Values
from lighter.runs.sweeps.study import REASON, Study, values_of
from lighter.runs.sweeps.summary import Row, State, best, progress, record
from lighter.runs.sweeps.trial_files import ask_to_stop, is_finite, read_reports, why_stopped, write_trial
from lighter.runs.whole_files import write_whole

TRIALS, BEST = "trials", "best.yaml"
PRUNED, DIVERGED = "pruned", "diverged: a monitored value is not finite"


class Running:
    """A sweep in its folder. Whoever makes one holds the folder's lock."""

    def __init__(self, checked: Checked, folder: Path, say: Callable[[str], None], at_once: int) -> None:
        self.checked = checked
        self.folder = folder
        self.study = Study(checked.sweep, folder, [one.mode for one in checked.objectives])
        self._say = say
        self._at_once = at_once
        self._reported: dict[int, int] = {}  # how many validations of each open trial the study knows
        self._rows: dict[int, Row] = {}

    def run(self, launcher: Any) -> list[Row]:
        """Runs until all trials have ended. Raises KeyboardInterrupt and Terminated, with all written down."""
        try:
            run_jobs(self._jobs(), launcher, self._at_once, self._end, meanwhile=self._judge)
        finally:
            self._record()
        return self.rows

    @property
    def rows(self) -> list[Row]:
        """All trials as they are."""
        from optuna.trial import TrialState

        states = {TrialState.COMPLETE: State.COMPLETE, TrialState.PRUNED: State.PRUNED, TrialState.FAIL: State.FAILED}
        for trial in self.study.trials:
            state = states.get(trial.state, State.OPEN)
            if (known := self._rows.get(trial.number)) is not None and known.state is state is not State.OPEN:
                continue  # what has ended stays as it is
            values = tuple(trial.values or ()) if state is State.COMPLETE else ()
            run = self._run(trial.number)
            chosen = values_of(trial, self.checked.sweep.space.parameters)
            reason = str(trial.user_attrs.get(REASON, ""))
            seconds = sum(status.duration.total_seconds() for status in read_statuses(RunDirectory(run)))
            metrics = kept_values(RunDirectory(run)) if state is not State.OPEN else {}
            self._rows[trial.number] = Row(trial.number, run, state, chosen, values, seconds, metrics, reason)
        return [self._rows[number] for number in sorted(self._rows)]

    def _run(self, number: int) -> Path:
        return self.folder / TRIALS / f"{number:04}"

    def _jobs(self) -> Iterator[Job | None]:
        """First the trials that were under way when the sweep was stopped, then new ones."""
        for trial in self.study.trials:
            if not trial.state.is_finished():
                job = self._job(trial.number)
                if job is not None:
                    yield job
        while len(self.study.trials) < self.checked.trials:
            job = self._job(self.study.ask().number)
            if job is not None:
                yield job

    def _job(self, number: int) -> Job | None:
        """What is to run for a trial; None where it has ended with that."""
        run, file = self._run(number), self._run(number).with_suffix(".yaml")
        trial = self.study.trial(number)
        if (reason := why_stopped(run)) is not None and reason != PRUNED:
            self._close(number, self.study.prune, reason)
            return None
        if not file.exists():
            values: Values = {one.name: trial.params[one.name] for one in self.checked.sweep.space.parameters}
            try:
                config = self.checked.config_of(values)
            except ConfigError as error:
                first = error.problems[0]
                where = f" ({first.position}, {first.place})" if first.position is not None else ""
                self._close(number, self.study.fail, f"{first.what}{where}")
                return None
            run.mkdir(parents=True, exist_ok=True)
            record_sources(config, run)  # its process knows of the composed config alone
            write_trial(run, number, dict(values), [one.name for one in self.checked.objectives])
            write_whole(file, config.dump())
        self._reported[number] = len(self.study.trials[number].intermediate_values)
        return Job(run, file, tuple(map(str, self.checked.sweep.stages)), allow=self.checked.allow)

    def _end(self, job: Job, outcome: Outcome) -> None:
        """Tells the study how a trial has ended; one that was interrupted stays open, to be gone on with."""
        number = int(job.folder.name)
        self._judge()
        self._reported.pop(number, None)
        stopped = why_stopped(job.folder)
        if outcome.state in (Progress.COMPLETE, Progress.FAILED) and stopped is not None:
            self._close(number, self.study.prune, "" if stopped == PRUNED else stopped)
        elif outcome.state is Progress.FAILED:
            self._close(number, self.study.fail, outcome.reason)
        elif outcome.state is Progress.COMPLETE:
            self._complete(number)

    def _complete(self, number: int) -> None:
        found = kept_values(RunDirectory(self._run(number)))
        names = [one.name for one in self.checked.objectives]
        if lacking := [name for name in names if name not in found]:
            logged = ", ".join(found) or "nothing"
            self._close(number, self.study.fail, f"nothing was logged as '{lacking[0]}'; logged are {logged}")
        elif not is_finite(values := [found[name] for name in names]):
            self._close(number, self.study.prune, DIVERGED)
        else:
            self._close(number, lambda number, _: self.study.complete(number, values), "")

    def _close(self, number: int, tell: Callable[[int, str], None], reason: str) -> None:
        tell(number, reason)
        rows = self.rows
        row = rows[number]
        if row.state is State.FAILED or reason:
            self._say(f"trial {number} {row.state}: {reason}")
        self._say(progress(rows, self.checked.trials, self._at_once, self.checked.objectives))
        self._record()

    def _judge(self) -> None:
        """Hands on what the trials have reported, and ends those of which no more is expected."""
        for number, known in self._reported.items():
            run = self._run(number)
            for step, values in list(read_reports(run))[known:]:
                self._reported[number] = step
                if why_stopped(run) is None and (reason := self._verdict(number, step, values)):
                    ask_to_stop(run, reason)

    def _verdict(self, number: int, step: int, values: list[float]) -> str:
        """Why a trial is to end after a validation; nothing where it goes on."""
        if not is_finite(values):
            return DIVERGED
        if len(values) > 1:  # of several objectives Optuna judges none
            return ""
        trial = self.study.trial(number)
        trial.report(values[0], step)
        return PRUNED if trial.should_prune() else ""

    def _record(self) -> None:
        rows = self.rows
        record(rows, self.checked.objectives, self.folder)
        found = best(rows, self.checked.objectives)
        if found and len(self.checked.objectives) == 1:
            shutil.copyfile(found[0].run.with_suffix(".yaml"), self.folder / BEST)


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Keeps the folder of a sweep for this process. Raises RunError where another one has it."""
    try:
        with locked(folder, alone=True):
            yield
    except BlockingIOError as error:
        raise RunError(f"another process runs the sweep in '{folder}'; wait for its end, or stop it") from error
