"""A sweep, checked before its first trial starts: the config with every choice, and what is looked for."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from lighter.config import Config
from lighter.config.key_path import text
from lighter.config.merging import place
from lighter.config.override_spelling import spelling
from lighter.config.schema import FREE, KEYS, SYSTEM
from lighter.config.tree import Entry, Mapping, Scalar, absent, find
from lighter.errors import OVERRIDE, ConfigError, Problem
from lighter.runs.repeats import fold_problems
from lighter.runs.sweeps.objectives import Objective, objectives
from lighter.runs.sweeps.reading import Sweep
from lighter.runs.sweeps.search import is_grid, launcher_of, pruner, require_optuna, sampler, trials
from lighter.runs.sweeps.space import Label, Parameter, Values
from lighter.runs.sweeps.uses import Use, form_of, uses_of

WHOLE = 500  # choices of a parameter that are checked with all the config: each takes as long as to compose it
_Told = dict[tuple[object, ...], Problem]


@dataclass(frozen=True, slots=True)
class Checked:
    """A sweep without a mistake: how many trials it has, what it looks for, and the config with the first choices."""

    sweep: Sweep
    trials: int
    objectives: tuple[Objective, ...]
    config: Config

    def config_of(self, values: Values, over: Mapping | None = None) -> Config:
        """The config of a trial, checked. Raises ConfigError: choices that are right alone may not go together."""
        config = _composed(self.sweep, values, over)
        if problems := _problems(self.sweep, config):
            raise ConfigError(problems)
        return config


def check_sweep(sweep: Sweep) -> Checked:
    """Raises ConfigError with all mistakes that one phase finds: of the config, then of each choice and the rest.

    Raises UsageError where Optuna is not installed.
    """
    require_optuna()
    told: _Told = {}
    _tell(told, _absent_places(sweep))
    _raise(told)
    config = _composed(sweep, sweep.space.first)
    _tell(told, _problems(sweep, config))
    _tell(told, fold_problems(sweep.repetitions, config))
    _raise(told)
    for parameter in sweep.space.parameters:
        _tell(told, _wrong_values(sweep, parameter))
    problems: list[Problem] = []
    found = objectives(sweep, config, problems)
    _tell(told, problems)
    parts: tuple[Callable[[Sweep], object], ...] = (trials, _search, pruner, launcher_of)
    for part in parts:
        try:
            part(sweep)
        except ConfigError as error:
            _tell(told, error.problems)
    _raise(told)
    return Checked(sweep, trials(sweep), tuple(found), config)


def _search(sweep: Sweep) -> None:
    if not is_grid(sweep):
        sampler(sweep, 0)


def _composed(sweep: Sweep, values: Values, over: Mapping | None = None) -> Config:
    more = (over,) if over is not None else ()
    return Config.load(*sweep.sources, sweep.space.over(values), *more, allow=sweep.allow)


def _problems(sweep: Sweep, config: Config) -> list[Problem]:
    """The mistakes of the first of both checks that finds any, for all stages."""
    for check in (config.check_structure, config.check_calls):
        if found := [problem for stage in sweep.stages for problem in check(stage) if not problem.is_warning]:
            return found
    return []


def _absent_places(sweep: Sweep) -> Iterator[Problem]:
    """The places that the config does not have, and where nothing new may lie."""
    tree = Config.load(*sweep.sources, allow=sweep.allow).tree
    for parameter in sweep.space.parameters:
        for at in parameter.places:
            above = {at.path[:depth] for depth in range(1, len(at.path))}
            chosen = {other.path for one in sweep.space.parameters for other in one.places}
            if at.mark or above & chosen:  # it is meant to be new, or in what is chosen
                continue
            if SYSTEM in tree.entries and at.path[0] not in {*KEYS, *tree.entries}:
                _, _, values = at.position.source.name.removeprefix(OVERRIDE).partition("=")
                meant = spelling(tree, text(at.path), values)
                meant = meant if at.position.source.is_override else meant.replace("=", "")
                if meant:
                    what = f"'{at.path[0]}' is no top-level key"
                    yield Problem(what, at.position, text(at.path), f"write {meant}", code="override")
                    continue
            if at.path[0] in FREE and find(tree, at.path) is None:
                what, help = absent(tree, at.path)
                yield Problem(what, at.position, text(at.path), help or "write a value there in the config first")
                continue
            try:
                place(tree, at.path, Entry(at.path[-1], Scalar(None, at.position), at.position))
            except ConfigError as error:
                yield from (problem._replace(position=at.position) for problem in error.problems)


def _wrong_values(sweep: Sweep, parameter: Parameter) -> Iterator[Problem]:
    """What is wrong with each value of a parameter, beside the first, where the others have theirs.

    Of 3,000 choices each would compose and plan the config anew. Of those that are alike but for plain values one does;
    of the others the calls are looked at in which these values end up.
    """
    uses: dict[str, Sequence[Use] | None] = {}
    whole = 0
    for label in _tried(parameter):
        nodes = parameter.nodes(label)
        form = form_of(nodes)
        if form in uses and (found := uses[form]) is not None:
            for use in found:
                if (problem := use.problem(nodes)) is not None:
                    yield problem._replace(help=_whole_range(use, parameter) or problem.help)
            continue
        whole += not all(isinstance(node, Scalar) for node in nodes)
        if whole > WHOLE:
            what = f"more than {WHOLE:,} choices of '{parameter.name}' are more than plain values that a call takes"
            help = "let a parameter or a range choose each value that differs in them"
            yield Problem(what, parameter.places[0].position, parameter.name, help)
            return
        try:
            made = _composed(sweep, {**sweep.space.first, parameter.name: label})
        except ConfigError as error:
            yield from error.problems
        else:
            yield from _problems(sweep, made)
        if form not in uses:
            uses[form] = uses_of(sweep, parameter, label, sweep.allow)


def _tried(parameter: Parameter) -> Iterator[Label]:
    """The values to check: of a range its ends, and a number between them."""
    chosen = parameter.range
    if chosen is None:
        yield from (choice.label for choice in parameter.choices)
        return
    yield from (chosen.low, chosen.high)
    if not chosen.is_whole:
        yield chosen.number(1) if chosen.step else chosen.low + (chosen.high - chosen.low) * 0.37


def _whole_range(use: Use, parameter: Parameter) -> str:
    """The range of whole numbers to write where they alone are taken; empty where that is no cure."""
    chosen = parameter.range
    if chosen is None or chosen.is_whole:
        return ""
    low, high = math.ceil(chosen.low), math.floor(chosen.high)
    if low >= high or any(use.problem([Scalar(one, chosen.position)]) is not None for one in (low, high)):
        return ""
    return f"write 'low: {low}, high: {high}'"


def _tell(told: _Told, problems: Iterable[Problem]) -> None:
    """Gathers problems, each once."""
    for problem in problems:
        told.setdefault((problem.what, problem.position, problem.place), problem)


def _raise(told: _Told) -> None:
    if told:
        raise ConfigError(list(told.values()))
