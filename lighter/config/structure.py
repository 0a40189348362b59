"""The first check: what is wrong with a config as far as that shows without importing anything."""

from lighter.config.imports import import_problems
from lighter.config.paths import ROOT
from lighter.config.planning import plan
from lighter.config.requirements import project_problems, requirements
from lighter.config.schema import Scope, scope, with_defaults
from lighter.config.tree import Mapping
from lighter.errors import Problem
from lighter.stages import Stage

__all__ = ["of_stage", "structural"]


def structural(tree: Mapping, stage: Stage | None) -> list[Problem]:
    """The mistakes of all of a config, whatever a stage uses; with a stage it is a run, and that is looked at too."""
    problems = requirements(tree, stage) if stage is not None else [*project_problems(tree), *import_problems(tree)]
    tree = of_stage(tree, stage)
    whole = scope(tree, None)
    plan(tree, Scope((*whole.roots, ROOT), later=whole.later), problems)
    return problems


def of_stage(tree: Mapping, stage: Stage | None) -> Mapping:
    """The tree as a stage runs it: with every left out `_target_`; without a stage the tree as it is."""
    return with_defaults(tree) if stage is not None else tree
