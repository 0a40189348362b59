"""A sweep as it runs: asks for trials as there is room, tells the study how each has ended, goes on where it was."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

from lighter.config import Config
from lighter.errors import ConfigError
from lighter.runs.best_values import kept_values
from lighter.runs.folder import RunDirectory
from lighter.runs.jobs.job import Job, Outcome, Progress
from lighter.runs.jobs.scheduling import run_jobs
from lighter.runs.record.sources import record_sources
from lighter.runs.sweeps.checking import Checked
from lighter.runs.sweeps.reading import PRUNE
from lighter.runs.sweeps.rows import Rows, run_of
from lighter.runs.sweeps.space import Values
from lighter.runs.sweeps.study import Study
from lighter.runs.sweeps.summary import Row, State, best, progress, record
from lighter.runs.sweeps.trial_files import ask_to_stop, is_finite, read_reports, why_stopped, write_trial
from lighter.runs.whole_files import write_whole
from lighter.training.stages import Stage

BEST = "best.yaml"
PRUNED, DIVERGED = "pruned", "diverged: a monitored value is not finite"


@dataclass(slots=True)
class _Trial:
    """A trial that is under way: its runs, and how many validations of each the study knows."""

    runs: list[Path]
    going: dict[Path, int] = field(default_factory=dict)
    done: dict[Path, list[float]] = field(default_factory=dict)


class Running:
    """A sweep in its folder. Whoever makes one holds the folder's lock."""

    def __init__(self, checked: Checked, folder: Path, say: Callable[[str], None], at_once: int) -> None:
        self.checked = checked
        self.folder = folder
        self.study = Study(checked.sweep, folder, [one.mode for one in checked.objectives])
        self._say = say
        self._at_once = at_once
        self._rows = Rows(checked, folder)
        self._open: dict[int, _Trial] = {}
        self._queue: deque[Job] = deque()
        self._is_pruning = PRUNE in checked.sweep.tree.entries

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
        return self._rows.of(self.study.trials)

    def _jobs(self) -> Iterator[Job | None]:
        """First the trials that were under way when the sweep was stopped, then new ones."""
        for trial in self.study.trials:
            if not trial.state.is_finished():
                self._begin(trial.number)
        while True:
            if self._queue:
                yield self._queue.popleft()
            elif len(self.study.trials) < self.checked.trials:
                self._begin(self.study.ask().number)
            elif any(trial.going for trial in self._open.values()):
                yield None  # of those that run more may come
            else:
                return

    def _begin(self, number: int) -> None:
        """Queues what is to run for a trial; it may end with that."""
        chosen = self.study.trial(number).params
        values: Values = {one.name: chosen[one.name] for one in self.checked.sweep.space.parameters}
        run = run_of(self.folder, number)
        repetitions = self.checked.sweep.repetitions
        try:
            made = {run: self.checked.config_of(values)}
            made = {run / one.name: self.checked.config_of(values, one.over) for one in repetitions} or made
        except ConfigError as error:
            first = error.problems[0]
            where = f" ({first.position}, {first.place})" if first.position is not None else ""
            self._close(number, self.study.fail, f"{first.what}{where}")
            return
        self._open[number] = _Trial(list(made))
        if repetitions:
            write_whole(run.with_suffix(".yaml"), self.checked.config_of(values).dump())
        stages = (Stage.FIT,) if self._is_pruning else self.checked.sweep.stages  # one that is pruned is not tested
        for folder, config in made.items():
            self._prepare(folder, config, number, values)
            self._submit(number, folder, stages)

    def _prepare(self, folder: Path, config: Config, number: int, values: Values) -> None:
        """Writes down what is to run, once: what a sweep goes on with is what it began with."""
        file = folder.with_suffix(".yaml")
        if file.exists():
            return
        folder.mkdir(parents=True, exist_ok=True)
        record_sources(config, folder)  # its process knows of the composed config alone
        write_trial(folder, number, dict(values), [one.name for one in self.checked.objectives])
        write_whole(file, config.dump())

    def _submit(self, number: int, folder: Path, stages: tuple[Stage, ...]) -> None:
        known = 0 if self.checked.sweep.repetitions else len(self.study.trials[number].intermediate_values)
        self._open[number].going[folder] = known
        file = folder.with_suffix(".yaml")
        self._queue.append(Job(folder, file, tuple(map(str, stages)), allow=self.checked.sweep.allow))

    def _end(self, job: Job, outcome: Outcome) -> None:
        """Tells the study how a run of a trial has ended; one that was interrupted stays open, to be gone on with."""
        self._judge()
        number = next((number for number, trial in self._open.items() if job.folder in trial.going), None)
        if number is None:  # the trial has ended before all of its runs
            return
        self._open[number].going.pop(job.folder)
        stages = self.checked.sweep.stages
        stopped = why_stopped(job.folder)
        if stopped is not None:
            self._give_up(number, self.study.prune, "" if stopped == PRUNED else stopped)
        elif outcome.state is Progress.FAILED:
            self._give_up(number, self.study.fail, outcome.reason)
        elif outcome.state is Progress.COMPLETE and len(job.stages) < len(stages):
            self._submit(number, job.folder, stages)
            self._queue.rotate(1)  # before all others
        elif outcome.state is Progress.COMPLETE:
            self._count(number, job.folder)

    def _count(self, number: int, folder: Path) -> None:
        """Takes note of what a run came to; the last one of a trial ends that."""
        trial, found = self._open[number], kept_values(RunDirectory(folder))
        names = [one.name for one in self.checked.objectives]
        if lacking := [name for name in names if name not in found]:
            logged = ", ".join(found) or "nothing"
            self._give_up(number, self.study.fail, f"nothing was logged as '{lacking[0]}'; logged are {logged}")
            return
        trial.done[folder] = [found[name] for name in names]
        if not is_finite(trial.done[folder]):
            self._give_up(number, self.study.prune, DIVERGED)
            return
        means = [fmean(values) for values in zip(*trial.done.values(), strict=True)]
        if len(trial.done) == len(trial.runs):
            self._give_up(number, lambda number, _: self.study.complete(number, means), "")
        elif self._verdict(number, len(trial.done), means):  # of runs that are repeated, each is one step
            self._give_up(number, self.study.prune, f"after {len(trial.done)} of {len(trial.runs)} runs")

    def _give_up(self, number: int, tell: Callable[[int, str], None], reason: str) -> None:
        """Ends a trial, and what still runs or waits for it."""
        trial = self._open.pop(number)
        self._queue = deque(job for job in self._queue if job.folder not in trial.runs)
        for folder in trial.going:
            ask_to_stop(folder, f"trial {number} has ended")
        self._close(number, tell, reason)

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
        for number, trial in self._open.items():
            for folder, known in trial.going.items():
                for step, values in list(read_reports(folder))[known:]:
                    trial.going[folder] = step
                    if why_stopped(folder) is None and (reason := self._after_validation(number, step, values)):
                        ask_to_stop(folder, reason)

    def _after_validation(self, number: int, step: int, values: list[float]) -> str:
        """Why a trial is to end after a validation; nothing where it goes on."""
        if not is_finite(values):
            return DIVERGED
        is_judged = not self.checked.sweep.repetitions and self._verdict(number, step, values)
        return PRUNED if is_judged else ""

    def _verdict(self, number: int, step: int, values: list[float]) -> bool:
        """Whether no more is expected of a trial; of several objectives Optuna judges none."""
        if len(values) > 1:
            return False
        trial = self.study.trial(number)
        trial.report(values[0], step)
        return trial.should_prune()

    def _record(self) -> None:
        rows = self.rows
        record(rows, self.checked.objectives, self.folder)
        found = best(rows, self.checked.objectives)
        if found and len(self.checked.objectives) == 1:
            write_whole(self.folder / BEST, found[0].run.with_suffix(".yaml").read_bytes())
