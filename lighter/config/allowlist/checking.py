"""All that a limited config asks for and may not have, as far as it shows before anything is built."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any

from lighter.config.allowlist.allowed import DEBUGGER, UNKNOWN, Allowed, Refusal, flag_refusal
from lighter.config.allowlist.arithmetic import Arithmetic
from lighter.config.building import Values
from lighter.config.failures import Failed, located
from lighter.config.key_path import KeyPath, text
from lighter.config.paths import pattern_at
from lighter.config.plan import Argument, Call, Constant, Evaluation, Import, Plan, Step
from lighter.config.reach import is_within
from lighter.config.schema import IMPORTS, PROJECT, RUN_FOLDER
from lighter.config.tree import DEBUG, DESCRIPTION, MODE, TARGET, Mapping, Scalar, walk
from lighter.errors import ConfigError, Problem
from lighter.project.locating import imported_name

RUNS = "runs"  # where runs lie that nobody names


def refused(
    plan: Plan, tree: Mapping, allowed: Allowed, places: Collection[KeyPath] | None = None
) -> dict[KeyPath, list[Problem]]:
    """The mistakes of a limited config by the place of what makes them: of a plan, or of its steps at some places."""
    found: dict[KeyPath, list[Problem]] = {}
    for place, node in walk(tree):
        is_asked = places is None or any(place[: len(one)] == one for one in places)
        value = pattern_at(tree) if place == RUN_FOLDER else node.value if isinstance(node, Scalar) else None
        if is_asked and isinstance(node, Scalar) and (refusal := _of_value(place, value, allowed)) is not None:
            found[place] = [refusal.problem(node.position, text(place))]
    judge, told = _Judge(plan, allowed), set(found)
    steps: dict[KeyPath, Step] = {step.place: step for step in plan.imports}
    steps |= {place: step for place, step in plan.steps.items() if places is None or place in places}
    for place, step in steps.items():
        # What is refused of a value is not said again of the call that it is for.
        is_told = any(one[: len(place)] == place for one in told)
        if problems := [*judge.problems(step, is_told)]:
            found.setdefault(place, []).extend(problems)
    return found


def refused_folder(path: str) -> Refusal | None:
    """Why a limited config may not name a folder for its runs; None where it may."""
    what = f"'{text(RUN_FOLDER)}' leads elsewhere than below '{RUNS}'"
    return None if is_within(path, [RUNS]) else Refusal(what, "write it as --run_dir, which you choose")


def _of_value(place: KeyPath, value: object, allowed: Allowed) -> Refusal | None:
    if place == RUN_FOLDER and isinstance(value, str) and (refusal := refused_folder(value)) is not None:
        return refusal
    is_free = place[0] in (PROJECT, IMPORTS) or place[-1] in (DESCRIPTION, TARGET)
    return flag_refusal(place[-1], value) or (None if is_free or not isinstance(value, str) else allowed.text(value))


class _Judge:
    def __init__(self, plan: Plan, allowed: Allowed) -> None:
        self.plan = plan
        self.allowed = allowed
        self._built: dict[KeyPath, object] = {}  # the values that are known
        self._values = Values(plan, self._built, lambda _: UNKNOWN)
        self._found: dict[str, object] = {}

    def problems(self, step: Step, is_told: bool) -> Iterator[Problem]:
        """What is wrong with a step; of a call's arguments not what is told already."""
        at = step.position, text(step.place)
        if isinstance(step, Evaluation):
            yield from self._of_expression(step)
        elif isinstance(step, Import):
            written = (*step.code.loads, *(dotted for _, dotted in step.code.binds))
            names = dict.fromkeys(imported_name(dotted, self.allowed.project) for dotted in written)
            yield from (refusal.problem(*at) for refusal in [*filter(None, map(self.allowed.name, names))][:1])
        elif isinstance(step.mode, Constant) and step.mode.value == DEBUG:
            yield DEBUGGER.problem(step.node.entries[MODE].value.position, text((*step.place, MODE)))
        elif step.name:
            refusal = self.allowed.name(step.name, is_target=True) or (None if is_told else self._of_call(step))
            if refusal is not None:
                yield refusal.problem(step.position, text((*step.place, TARGET)))

    def _of_call(self, call: Call) -> Refusal | None:
        if call.name not in self._found:
            self._found[call.name] = located(call.name, self.allowed.project, is_target=True)
        target, args = self._found[call.name], self._known(call.positional)
        if isinstance(target, Failed) or not callable(target):
            return None  # the check of the calls reports it
        kwargs = {key: self._known(argument) for key, argument in call.keywords.items()}
        return self.allowed.call(target, args if isinstance(args, (list, tuple)) else (), kwargs, call.name)

    def _of_expression(self, step: Evaluation) -> Iterator[Problem]:
        slots = {name: self._known(argument, shared=True) for name, argument in step.slots.items()}
        known = {name: value for name, value in slots.items() if value is not UNKNOWN}
        arithmetic = Arithmetic(self.allowed, self.plan.bound, step.expression)
        try:
            self._built[step.place] = arithmetic.evaluate(known, (step.position, text(step.place)), is_check=True)
        except ConfigError as error:
            yield from error.problems
        except Exception:  # noqa: BLE001, S110  # what is not known here, or is told when it is built
            pass

    def _known(self, argument: Argument, shared: bool = False) -> Any:
        with suppress(KeyError):
            return self._values.for_expressions(argument) if shared else self._values.fresh(argument)[0]
        return UNKNOWN
