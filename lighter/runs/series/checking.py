"""The configs of a series, checked before the first experiment starts: the mistakes of all of them in one report."""

from collections.abc import Sequence

from lighter.config import Config
from lighter.errors import ConfigError, Problem
from lighter.runs.repeats import fold_problems
from lighter.runs.series.reading import Experiment, Series

_Told = dict[tuple[object, ...], tuple[Problem, list[Experiment]]]


def checked(series: Series, over: Sequence[str] = (), allow: str | None = None) -> dict[str, Config]:
    """The config of each experiment by its name, `over` laid over all of them.

    Raises ConfigError with the mistakes of all experiments.
    """
    told: _Told = {}
    configs: dict[str, Config] = {}
    for experiment in series.experiments:
        try:
            configs[experiment.name] = Config.load(*experiment.sources, *over, allow=allow)
        except ConfigError as error:
            _tell(told, error.problems, experiment)
    _raise(told, series)
    for experiment in series.experiments:
        config = configs[experiment.name]
        _tell(told, (*fold_problems(series.repetitions, config), *config.check_for(series.stages)), experiment)
    _raise(told, series)
    return configs


def _tell(told: _Told, problems: Sequence[Problem], experiment: Experiment) -> None:
    """Gathers problems; one of a file that several experiments share is told once."""
    for problem in problems:
        _, whose = told.setdefault((problem.what, problem.position, problem.place), (problem, []))
        if experiment not in whose:
            whose.append(experiment)


def _raise(told: _Told, series: Series) -> None:
    if told:
        raise ConfigError([_of(problem, whose, series) for problem, whose in told.values()])


def _of(problem: Problem, whose: list[Experiment], series: Series) -> Problem:
    """The problem with the experiments that have it, unless its own place says that or all have it."""
    is_told = problem.position is not None and problem.position.source == whose[0].position.source
    if is_told or (len(whose) == len(series.experiments) > 1):
        return problem
    names = ", ".join(f"'{one.name}'" for one in whose)
    return problem._replace(also=(*problem.also, (f"in {names}", whose[0].position)))
