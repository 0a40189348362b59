"""The arguments of a stage, `args::fit` and its like: whether the Trainer's method of that name takes them."""

from collections.abc import Callable, Iterator

from lighter.config.key_path import KeyPath, text
from lighter.config.plan import Pairs, Plan
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
