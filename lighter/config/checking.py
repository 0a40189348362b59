"""The second check: targets are imported, not called, and each call is held against what its target takes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lighter.config.annotations import misfit
from lighter.config.arguments import Constant, Items, is_plain, plain
from lighter.config.failures import Failed, located
from lighter.config.paths import text
from lighter.config.planning import Call, Import, Plan
from lighter.config.schema import OFFERED
from lighter.config.signatures import Fault, faults, lacks, signature_of
from lighter.config.tree import DISABLED, MODE, TARGET, Scalar
from lighter.errors import Problem
from lighter.utils.dynamic_imports import Project

__all__ = ["check_calls"]


def check_calls(plan: Plan, project: Project | None) -> list[Problem]:
    """All that is wrong with the targets and arguments of a plan."""
    checker = _Checker(project)
    for step in plan.steps.values():
        if isinstance(step, Call):
            checker.check_call(step)
        elif isinstance(step, Import):
            checker.check_import(step)
    return checker.problems


@dataclass(slots=True)
class _Checker:
    project: Project | None
    problems: list[Problem] = field(default_factory=list)

    def check_import(self, step: Import) -> None:
        for dotted in (*step.code.loads, *(dotted for _, dotted in step.code.binds)):
            found = located(dotted, self.project)
            if isinstance(found, Failed):
                self.problems.append(found.problem(step.position, text(step.place)))
                return

    def check_call(self, call: Call) -> None:
        if _is_disabled(call) or not isinstance(call.target, Constant):
            return
        dotted = call.target.value
        if not isinstance(dotted, str):
            self._problem(call, TARGET, f"'{TARGET}' is {dotted!r}", "write the dotted name of a class or a function")
            return
        target = located(dotted, self.project)
        if isinstance(target, Failed):
            self.problems.append(target.problem(call.position, text((*call.place, TARGET))))
        elif not callable(target):
            what = f"'{dotted}' is a {type(target).__name__}, which cannot be called"
            self._problem(call, TARGET, what, "name a class or a function")
        else:
            self._check_arguments(call, dotted, target)

    def _check_arguments(self, call: Call, name: str, target: Callable[..., Any]) -> None:
        signature = signature_of(target)
        if signature is None:
            return
        positional = len(call.positional.items) if isinstance(call.positional, Items) else 0
        offered = [name for place, name in OFFERED.items() if call.place[: len(place)] == place]
        given = [*call.keywords, *(name for name in offered if lacks(target, name, positional, call.keywords))]
        partial = MODE in call.node.entries or not isinstance(call.positional, Items)
        for fault in faults(name, signature, positional, given, partial):
            self._fault(call, fault)
        for key, argument in call.keywords.items():
            parameter = signature.parameters.get(key)
            wrong = misfit(target, parameter, plain(argument)) if parameter and is_plain(argument) else None
            if wrong is not None:
                what = f"{name} takes {wrong[0]} for '{key}', not {plain(argument)!r}"
                self._problem(call, key, what, wrong[1], at_value=True)

    def _fault(self, call: Call, fault: Fault) -> None:
        if fault.argument is None:
            self.problems.append(Problem(fault.what, call.position, text(call.place), fault.help))
        else:
            self._problem(call, fault.argument, fault.what, fault.help)

    def _problem(self, call: Call, key: str, what: str, help: str = "", at_value: bool = False) -> None:
        entry = call.node.entries[key]
        position = entry.value.position if at_value or key == TARGET else entry.position
        self.problems.append(Problem(what, position, text((*call.place, key)), help))


def _is_disabled(call: Call) -> bool:
    disabled = call.node.get(DISABLED)
    return isinstance(disabled, Scalar) and str(disabled.value).strip().lower() == "true"
