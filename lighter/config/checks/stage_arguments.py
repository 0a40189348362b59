"""The arguments of a stage, `args::fit` and its like: whether the Trainer's method of that name takes them."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from lighter.config.checks.arguments import Misfit, misfits
from lighter.config.conversion import believed, converted
from lighter.config.key_path import KeyPath, text
from lighter.config.plan import Later, Pairs, Plan, Use, known
from lighter.config.schema import ARGUMENTS, DATA, SYSTEM, TRAINER
from lighter.config.signatures import faults, signature_of
from lighter.config.tree import Mapping, key_position
from lighter.errors import Problem
from lighter.training.stages import Stage

_GIVEN = {"model": SYSTEM, "datamodule": DATA}  # by the run itself, and where a config has them
_BY_POSITION = 2  # the Trainer itself, and the system


def stage_argument_problems(plan: Plan, tree: Mapping, located: Callable[[str], object]) -> Iterator[Problem]:
    """What a Trainer's method would refuse; `located` gives what a `_target_` names."""

    def told(key: str, what: str, help: str) -> Problem:
        at = (ARGUMENTS, str(stage), key)
        return Problem(what, key_position(tree, at), text(at), help, code="argument")

    trainer = plan.call_at((TRAINER,))
    found = located(trainer.name) if trainer is not None and trainer.name else None
    for stage in Stage:
        place: KeyPath = (ARGUMENTS, str(stage))
        given, method = plan.values.get(place), getattr(found, stage, None) if isinstance(found, type) else None
        signature = signature_of(method) if callable(method) else None
        if not isinstance(given, Pairs) or signature is None or trainer is None:
            continue
        keys = [str(key) for key, _ in given.pairs]
        for key in [key for key in keys if key in _GIVEN]:
            yield told(key, f"the run itself gives '{key}' to '{stage}'", f"write it as '{_GIVEN[key]}'")
        others = [key for key in keys if key not in _GIVEN]
        for fault in faults(f"{trainer.name}.{stage}", signature, _BY_POSITION, others, partial=True):
            yield told(str(fault.argument), fault.what, fault.help)
        for name, argument in given.pairs:
            parameter = signature.parameters.get(str(name)) if name not in _GIVEN else None
            if callable(method) and parameter is not None and not isinstance(argument, (Use, Later)):
                for wrong in _misfits(method, parameter, known(argument)):
                    what = f"{trainer.name}.{stage} takes {wrong.wanted} for '{name}', not {wrong.value!r}"
                    problem = told(str(name), wrong.what or what, wrong.help)
                    yield problem._replace(code="type", is_warning=wrong.is_doubtful)


def _misfits(method: Callable[..., Any], parameter: inspect.Parameter, value: object) -> Iterator[Misfit]:
    """As of any call; but nothing here makes a text of a number."""
    if type(value) in (int, float) and isinstance(converted(value, believed(method, parameter)), str):
        yield Misfit("a text", value, f'write "{value}"')
    else:
        yield from misfits(method, parameter, value)
