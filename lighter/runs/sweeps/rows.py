"""The rows of a sweep's summary, from its study and the folders of its trials."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lighter.runs.best_values import kept_values
from lighter.runs.folder import RunDirectory
from lighter.runs.repeats import mean_and_deviation
from lighter.runs.status import read_statuses
from lighter.runs.sweeps.checking import Checked
from lighter.runs.sweeps.study import REASON, values_of
from lighter.runs.sweeps.summary import Row, State

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

TRIALS = "trials"


def run_of(folder: Path, number: int) -> Path:
    """Where a trial of a sweep lies; where it is repeated, its runs lie in there."""
    return folder / TRIALS / f"{number:04}"


class Rows:
    """Keeps those of trials that have ended, which stay as they are."""

    def __init__(self, checked: Checked, folder: Path) -> None:
        self._checked = checked
        self._folder = folder
        self._known: dict[int, Row] = {}

    def of(self, trials: "Sequence[FrozenTrial]") -> list[Row]:
        """A row for each trial, by their numbers."""
        for trial in trials:
            if trial.number not in self._known or self._known[trial.number].state is State.OPEN:
                self._known[trial.number] = self._row(trial)
        return [self._known[number] for number in sorted(self._known)]

    def _row(self, trial: "FrozenTrial") -> Row:
        from optuna.trial import TrialState

        states = {TrialState.COMPLETE: State.COMPLETE, TrialState.PRUNED: State.PRUNED, TrialState.FAIL: State.FAILED}
        state, run = states.get(trial.state, State.OPEN), run_of(self._folder, trial.number)
        runs = [run / one.name for one in self._checked.sweep.repetitions] or [run]
        seconds = [status.duration.total_seconds() for one in runs for status in read_statuses(RunDirectory(one))]
        found = [kept_values(RunDirectory(one)) for one in runs] if state is not State.OPEN else []
        names = dict.fromkeys(name for values in found for name in values)
        each = {name: [values[name] for values in found if name in values] for name in names}
        told = {name: mean_and_deviation(values) for name, values in each.items()}
        return Row(
            trial.number,
            run,
            state,
            values_of(trial, self._checked.sweep.space.parameters),
            tuple(trial.values or ()) if state is State.COMPLETE else (),
            sum(seconds),
            {name: mean for name, (mean, _) in told.items()},
            str(trial.user_attrs.get(REASON, "")),
            {name: deviation for name, (_, deviation) in told.items() if deviation is not None},
            {one.name: values for one, values in zip(runs, found, strict=False)} if len(runs) > 1 else {},
        )
