"""All that is wrong with a config, for every stage that it can be meant for, and of how many targets."""

from collections.abc import Iterable
from dataclasses import dataclass

from lighter.config.config import Config
from lighter.config.foreign_config import foreign_config
from lighter.config.plan import Call
from lighter.config.plugin_schema import has_plugin_data, is_plugin_system
from lighter.config.schema import DATA, KEYS, LOADERS, OPTIMIZER, SYSTEM, is_system, stage_named
from lighter.config.tree import Mapping, find, is_nothing
from lighter.errors import Problem, nearest
from lighter.training.stages import STAGES, Stage


@dataclass(frozen=True, slots=True)
class Survey:
    """What the checks came to: for which stages (for none: as a plain mapping), and of how many targets."""

    problems: tuple[Problem, ...]
    stages: tuple[Stage, ...]
    targets: int = 0


def survey(config: Config, stage: Stage | str | None = None) -> Survey:
    """Both checks. Raises UsageError for a stage that does not exist."""
    stages = (stage_named(stage),) if stage is not None else _stages(config.tree)
    if not stages and (foreign := foreign_config(config.tree, is_run=False)) is not None:
        return Survey((foreign,), stages)
    asked: tuple[Stage | None, ...] = stages or (None,)
    if problems := _of_first_stage(config.check_for(asked), asked):
        return Survey(problems, stages)
    calls = {place for one in asked for place, step in config.plan(one).steps.items() if isinstance(step, Call)}
    return Survey((), stages, len(calls))


def _of_first_stage(problems: Iterable[Problem], stages: Iterable[Stage | None]) -> tuple[Problem, ...]:
    """What is wrong; what several stages lack is reported of the first."""
    reported: dict[tuple[object, ...], Problem] = {}
    for problem in problems:
        what = problem.what
        for stage in stages:
            what = what.removeprefix(f"'{stage}' ")
        reported.setdefault((what, problem.position, problem.place), problem)
    return tuple(reported.values())


def _stages(tree: Mapping) -> tuple[Stage, ...]:
    if not _is_run(tree):
        return ()
    # One without any data has that reported.
    return tuple(stage for stage in Stage if _has_data(tree, stage)) or (Stage.FIT,)


def _is_run(tree: Mapping) -> bool:
    """Whether the config is meant to run: it has a `system`, or beside other keys of a run one that looks like it."""
    if SYSTEM in tree.entries:
        return True
    return bool(tree.entries.keys() & set(KEYS)) and any(nearest(key, KEYS) == SYSTEM for key in tree.entries)


def _has_data(tree: Mapping, stage: Stage) -> bool:
    """Whether a run has data for a stage, or something that nobody can see inside may have it."""
    loaders = find(tree, LOADERS)
    if is_plugin_system(tree):
        return has_plugin_data(tree, stage)
    if not is_system(tree):
        return True
    if is_nothing(tree.get(DATA)) and (is_nothing(loaders) or (isinstance(loaders, Mapping) and not loaders.is_call)):
        return not is_nothing(find(tree, (*LOADERS, STAGES[stage].loader)))
    # All four stages may be meant; without an optimizer, training is not.
    return stage is not Stage.FIT or not is_nothing(find(tree, OPTIMIZER))
