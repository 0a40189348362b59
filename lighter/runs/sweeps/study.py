"""The study of a sweep: what Optuna knows of its trials, in a journal in the sweep's folder or in another storage."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lighter.errors import RunError
from lighter.runs.plain_files import read_plain
from lighter.runs.sweeps.reading import MAX, Sweep
from lighter.runs.sweeps.search import is_grid, pruner, sampler
from lighter.runs.sweeps.space import Label, Parameter
from lighter.runs.whole_files import write_whole

if TYPE_CHECKING:
    import optuna

JOURNAL = "journal.log"
LARGEST = 2**30  # bytes of one; a trial takes some hundred
REASON = "reason"  # of a trial that has failed, or why it was pruned


class Study:
    """The trials of a sweep. One process alone writes there: the sweep's."""

    def __init__(self, sweep: Sweep, folder: Path | None, modes: Sequence[str], first: int = 0) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._sweep = sweep
        self._first = first  # the number of the first trial, in a study that only shows what would be
        name = f"{sweep.name}/{folder.name}" if folder is not None else sweep.name
        minimize, maximize = optuna.study.StudyDirection.MINIMIZE, optuna.study.StudyDirection.MAXIMIZE
        directions = [maximize if mode == MAX else minimize for mode in modes]
        begins = sampler(sweep, 0) if not is_grid(sweep) else optuna.samplers.RandomSampler(0)
        prunes = pruner(sweep) or optuna.pruners.NopPruner()
        with _reading(folder / JOURNAL) if folder is not None and sweep.storage is None else nullcontext():
            self._storage = _storage(folder, sweep.storage)
            self.study = optuna.create_study(
                storage=self._storage,
                study_name=name,
                load_if_exists=True,
                directions=directions,
                pruner=prunes,
                sampler=begins,
            )
            self._id = self._storage.get_study_id_from_name(name)
        self._open: dict[int, optuna.trial.Trial] = {}

    @property
    def trials(self) -> "list[optuna.trial.FrozenTrial]":
        """All trials, by their numbers; one that waits has not begun."""
        from optuna.trial import TrialState

        found = self.study.get_trials(deepcopy=False)
        return [trial for trial in found if trial.state is not TrialState.WAITING]

    def ask(self) -> "optuna.trial.Trial":
        """The next trial, with its values chosen."""
        from optuna.trial import TrialState

        found = self.study.get_trials(deepcopy=False)
        waiting = [trial for trial in found if trial.state is TrialState.WAITING]
        if is_grid(self._sweep):
            if not waiting:  # else a sweep was killed between these two lines
                self.study.enqueue_trial(self._sweep.space.point(len(found)))
        else:
            self.study.sampler = sampler(self._sweep, self._first + len(found))
        trial = self.study.ask()
        self._open[trial.number] = trial
        return self._with_values(trial)

    def trial(self, number: int) -> "optuna.trial.Trial":
        """A trial that goes on, with the values that were chosen for it."""
        from optuna.trial import Trial

        if number not in self._open:
            if not is_grid(self._sweep):
                self.study.sampler = sampler(self._sweep, number)  # of values that a killed sweep had not come to
            id = self._storage.get_trial_id_from_study_id_trial_number(self._id, number)
            self._open[number] = self._with_values(Trial(self.study, id))
        return self._open[number]

    def _with_values(self, trial: "optuna.trial.Trial") -> "optuna.trial.Trial":
        for parameter in self._sweep.space.parameters:
            _suggest(trial, parameter)
        return trial

    def complete(self, number: int, values: Sequence[float]) -> None:
        """Records what a trial came to."""
        from optuna.trial import TrialState

        self._tell(number, TrialState.COMPLETE, values)

    def fail(self, number: int, reason: str) -> None:
        """Records why a trial has failed."""
        from optuna.trial import TrialState

        self.trial(number).set_user_attr(REASON, reason)
        self._tell(number, TrialState.FAIL)

    def prune(self, number: int, reason: str) -> None:
        """Records why a trial was ended early."""
        from optuna.trial import TrialState

        self.trial(number).set_user_attr(REASON, reason)
        self._tell(number, TrialState.PRUNED)

    def _tell(self, number: int, state: "optuna.trial.TrialState", values: Sequence[float] | None = None) -> None:
        try:
            self.study.tell(number, list(values) if values is not None else None, state)
        except RuntimeError:
            # A sampler that has no more points asks for the end of a loop, and there is none; all is recorded before.
            if self.study.get_trials(deepcopy=False)[number].state is not state:
                raise


def values_of(trial: Any, parameters: Sequence[Parameter]) -> dict[str, Label]:
    """The values that were chosen for a trial, as far as they were."""
    return {one.name: trial.params[one.name] for one in parameters if one.name in trial.params}


def _suggest(trial: "optuna.trial.Trial", parameter: Parameter) -> Any:
    name, chosen = parameter.name, parameter.range
    if chosen is None:
        return trial.suggest_categorical(name, [choice.label for choice in parameter.choices])
    if chosen.is_whole:
        return trial.suggest_int(name, int(chosen.low), int(chosen.high), step=int(chosen.step or 1), log=chosen.log)
    return trial.suggest_float(name, chosen.low, chosen.high, step=chosen.step, log=chosen.log)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Tells of a journal that holds what no sweep has written, whatever Optuna raises of it."""
    try:
        yield
    except Exception as error:
        what = f"the record of the trials, '{path}', cannot be read: {type(error).__name__}: {error}"
        raise RunError(f"{what}; begin a new sweep in another folder") from error


def _storage(folder: Path | None, url: str | None) -> Any:
    from optuna.storages import InMemoryStorage, JournalStorage, get_storage
    from optuna.storages.journal import JournalFileBackend

    if folder is None:
        return InMemoryStorage()
    if url is not None:
        return get_storage(url)
    path = folder / JOURNAL
    _mend(path)
    return JournalStorage(JournalFileBackend(str(path)))


def _mend(path: Path) -> None:
    """Takes out what a killed process has left: half a line, at which every reader stops, and its lock.

    To be called by who holds the lock of the sweep's folder.
    """
    path.with_name(f"{path.name}.lock").unlink(missing_ok=True)
    content = read_plain(path, LARGEST) if path.exists() else b""
    if content and not content.endswith(b"\n"):
        write_whole(path, content[: content.rfind(b"\n") + 1])
