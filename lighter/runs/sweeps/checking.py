"""A sweep, checked before its first trial starts: the config with every choice, and what is looked for."""

import inspect
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from lighter.config import Config
from lighter.config.key_path import text
from lighter.config.merging import place
from lighter.config.override_spelling import spelling
from lighter.config.plan import Argument, Call, Constant, Items, Pairs
from lighter.config.schema import ARGUMENTS, DATA, FREE, KEYS, SYSTEM, TRAINER, VARS
from lighter.config.tree import Entry, Mapping, Scalar, absent, find
from lighter.errors import OVERRIDE, ConfigError, Problem
from lighter.runs.repeats import fold_problems
from lighter.runs.sweeps.objectives import Objective, objectives
from lighter.runs.sweeps.reading import Sweep
from lighter.runs.sweeps.search import is_grid, launcher_of, pruner, sampler, trials
from lighter.runs.sweeps.space import Label, Parameter, Values

_Told = dict[tuple[object, ...], Problem]


@dataclass(frozen=True, slots=True)
class Checked:
    """A sweep without a mistake: how many trials it has, what it looks for, and the config with the first choices."""

    sweep: Sweep
    trials: int
    objectives: tuple[Objective, ...]
    config: Config
    allow: str | None = None

    def config_of(self, values: Values, over: Mapping | None = None) -> Config:
        """The config of a trial, checked. Raises ConfigError: choices that are right alone may not go together."""
        config = _composed(self.sweep, values, self.allow, over)
        if problems := _problems(self.sweep, config):
            raise ConfigError(problems)
        return config


def check_sweep(sweep: Sweep, allow: str | None = None) -> Checked:
    """Raises ConfigError with all mistakes that one phase finds: of the config, then of each choice and the rest."""
    told: _Told = {}
    _tell(told, _absent_places(sweep, allow))
    _raise(told)
    config = _composed(sweep, sweep.space.first, allow)
    _tell(told, _problems(sweep, config))
    _tell(told, fold_problems(sweep.repetitions, config))
    _raise(told)
    for parameter in sweep.space.parameters:
        _tell(told, _wrong_values(sweep, parameter, allow))
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
    return Checked(sweep, trials(sweep), tuple(found), config, allow)


def _search(sweep: Sweep) -> None:
    if not is_grid(sweep):
        sampler(sweep, 0)


def _composed(sweep: Sweep, values: Values, allow: str | None, over: Mapping | None = None) -> Config:
    more = (over,) if over is not None else ()
    return Config.load(*sweep.sources, sweep.space.over(values), *more, allow=allow)


def _problems(sweep: Sweep, config: Config) -> list[Problem]:
    """The mistakes of the first of both checks that finds any, for all stages."""
    for check in (config.check_structure, config.check_calls):
        if found := [problem for stage in sweep.stages for problem in check(stage) if not problem.is_warning]:
            return found
    return []


def _absent_places(sweep: Sweep, allow: str | None) -> Iterator[Problem]:
    """The places that the config does not have, and where nothing new may lie."""
    tree = Config.load(*sweep.sources, allow=allow).tree
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
                yield from (replace(problem, position=at.position) for problem in error.problems)


def _wrong_values(sweep: Sweep, parameter: Parameter, allow: str | None) -> Iterator[Problem]:
    """What is wrong with each value of a parameter, beside the first, where the others have theirs."""
    uses = _uses(sweep, parameter, allow)
    for label in _tried(parameter):
        nodes = parameter.nodes(label)
        if uses is not None and isinstance(nodes[0], Scalar):
            for use in uses:
                if (problem := use.problem(nodes[0])) is not None:
                    yield replace(problem, help=_whole_range(use, parameter) or problem.help)
            continue
        try:
            made = _composed(sweep, {**sweep.space.first, parameter.name: label}, allow)
        except ConfigError as error:
            yield from error.problems
        else:
            yield from _problems(sweep, made)


def _tried(parameter: Parameter) -> Iterator[Label]:
    """The values to check: of a range its ends, and a number between them."""
    chosen = parameter.range
    if chosen is None:
        yield from (choice.label for choice in parameter.choices)
        return
    yield from (chosen.low, chosen.high)
    if not chosen.is_whole:
        yield chosen.number(1) if chosen.step else chosen.low + (chosen.high - chosen.low) * 0.37


def _whole_range(use: "_Use", parameter: Parameter) -> str:
    """The range of whole numbers to write where they alone are taken; empty where that is no cure."""
    chosen = parameter.range
    if chosen is None or chosen.is_whole:
        return ""
    low, high = math.ceil(chosen.low), math.floor(chosen.high)
    if low >= high or any(use.problem(Scalar(one, chosen.position)) is not None for one in (low, high)):
        return ""
    return f"write 'low: {low}, high: {high}'"


class _Unknown:
    """Stands at a place whose uses are looked for."""

    def __repr__(self) -> str:
        return "?"


@dataclass(frozen=True, slots=True)
class _Use:
    """An argument of a call in which a value of the sweep ends up."""

    call: Call
    key: str
    target: Any
    parameter: inspect.Parameter
    argument: Argument
    unknown: _Unknown

    def problem(self, value: Scalar) -> Problem | None:
        """What is wrong with a value there."""
        from lighter.config.checks.arguments import misfits

        found = misfits(self.target, self.parameter, _filled(self.argument, self.unknown, value.value))
        wrong = next((one for one in found if not one.is_doubtful), None) if self.call.is_checked else None
        if wrong is None:
            return None
        what = wrong.what or f"{self.call.name} takes {wrong.wanted} for '{self.key}', not {value.value!r}"
        return Problem(what, value.position, text((*self.call.place, self.key)), wrong.help)


def _uses(sweep: Sweep, parameter: Parameter, allow: str | None) -> list[_Use] | None:
    """Where a plain value at the place of a parameter ends up; None where each is to be checked with all the config.

    Of 3,000 choices each would else compose and plan the config anew.
    """
    if len(parameter.places) > 1 or parameter.places[0].path[0] not in (SYSTEM, DATA, TRAINER, VARS, ARGUMENTS):
        return None
    unknown, at = _Unknown(), parameter.places[0]
    over = sweep.space.over(sweep.space.first)
    key = text(at.path)
    entries = {**over.entries, key: replace(over.entries[key], value=Scalar(unknown, at.position))}
    found = []
    try:
        config = Config.load(*sweep.sources, Mapping(entries, over.position), allow=allow)
        plans = [config.plan(stage) for stage in sweep.stages]
    except ConfigError:
        return None
    with config.serving():
        for planned in plans:
            for step in planned.steps.values():
                if not any(_holds(argument, unknown) for argument in step.inputs):
                    continue
                if not isinstance(step, Call):
                    return None
                uses = list(_uses_in(step, unknown, None if config.is_limited else config.project))
                if len(uses) != sum(_holds(argument, unknown) for argument in step.inputs):
                    return None
                found += uses
    return found or None


def _uses_in(call: Call, unknown: _Unknown, project: Any) -> Iterator[_Use]:
    from lighter.config.failures import Failed, located
    from lighter.config.signatures import signature_of
    from lighter.project.registry import Component

    target = located(call.name, project, is_target=True) if call.name else None
    if target is None or isinstance(target, (Failed, Component)) or not callable(target):
        return
    signature = signature_of(target)
    for key, argument in call.keywords.items():
        if _holds(argument, unknown) and argument.is_plain and signature is not None and key in signature.parameters:
            yield _Use(call, key, target, signature.parameters[key], argument, unknown)


def _holds(argument: Argument, unknown: _Unknown) -> bool:
    if isinstance(argument, Constant):
        return argument.value is unknown
    if isinstance(argument, Items):
        return any(_holds(item, unknown) for item in argument.items)
    return isinstance(argument, Pairs) and any(_holds(item, unknown) for _, item in argument.pairs)


def _filled(argument: Argument, unknown: _Unknown, value: object) -> object:
    """The value of an argument with this one where it was not known."""
    if isinstance(argument, Constant):
        return value if argument.value is unknown else argument.value
    if isinstance(argument, Items):
        return [_filled(item, unknown, value) for item in argument.items]
    assert isinstance(argument, Pairs)
    return {key: _filled(item, unknown, value) for key, item in argument.pairs}


def _tell(told: _Told, problems: Iterable[Problem]) -> None:
    """Gathers problems, each once."""
    for problem in problems:
        told.setdefault((problem.what, problem.position, problem.place), problem)


def _raise(told: _Told) -> None:
    if told:
        raise ConfigError(list(told.values()))
