"""The second check: targets are imported, not called, and each call is held against what its target takes."""

import inspect
from collections.abc import Callable, Container, Iterable
from typing import Any

from lighter.config.annotations import is_model
from lighter.config.checks.arguments import (
    group_problems,
    model_problems,
    task_problem,
    unbuilt_problems,
    value_problems,
)
from lighter.config.checks.devices import device_problems
from lighter.config.checks.expected_types import misplaced
from lighter.config.checks.forward import step_problems
from lighter.config.checks.monitors import monitor_problems
from lighter.config.checks.places import place_problems
from lighter.config.checks.pydantic_models import faults_of_names, may_be_asked
from lighter.config.checks.stage_arguments import stage_argument_problems
from lighter.config.checks.writers import writer_problems
from lighter.config.component_lookup import within
from lighter.config.failures import Failed, located
from lighter.config.key_path import ROOT, SEPARATOR, KeyPath, text
from lighter.config.logger_schema import left_to_run, unmet_import
from lighter.config.plan import Call, Constant, Import, Items, Plan
from lighter.config.plugin_schema import filled_from, unregistered
from lighter.config.schema import SYSTEM, TRAINER, offered_at
from lighter.config.signatures import Fault, faults, lacks, reserved_name, signature_of
from lighter.config.tree import CALLABLE, DEBUG, DEFAULT, MODE, RESERVED, TARGET, Mapping
from lighter.errors import Edit, Mistake, Position, Problem, respelt
from lighter.project.locating import imported_name
from lighter.project.optional_imports import lacks_of
from lighter.project.project import Project
from lighter.project.registry import Component


def check_calls(
    plan: Plan,
    tree: Mapping,
    project: Project | None,
    skipped: Container[KeyPath] = (),
    is_open: Callable[[str], bool] | None = None,
) -> list[Problem]:
    """All that is wrong with the targets and arguments of a plan of a tree, but for the steps at `skipped` places.

    `is_open` says of a dotted name whether it may be imported.
    """
    checker = _Checker(project, plan, skipped, is_open)
    statements = {step.place: step for step in plan.imports}  # all of them run with the first expression
    for step in (statements | plan.steps).values():
        if step.place in skipped:
            continue
        if isinstance(step, Call):
            checker.check_call(step)
        elif isinstance(step, Import):
            checker.check_import(step)
    if checker.is_run and not skipped:
        checker.problems += [*step_problems(plan, checker.located), *monitor_problems(plan, checker.located)]
        _add(checker.problems, device_problems(plan))
        told = {place for one in checker.problems for place in (one.place, f"{one.place}{SEPARATOR}{TARGET}")}
        found = place_problems(plan, checker.located)
        _add(checker.problems, (one for one in found if one.place not in told or not one.place.endswith(TARGET)))
        checker.problems += stage_argument_problems(plan, tree, checker.located)
    return checker.problems


class _Checker:
    def __init__(
        self,
        project: Project | None,
        plan: Plan,
        skipped: Container[KeyPath],
        is_open: Callable[[str], bool] | None,
    ) -> None:
        self.project = project
        self.plan = plan
        self.skipped = skipped
        self.is_open = is_open
        self.problems: list[Problem] = []
        # Each target is imported and asked once: a module that raises would run again for every call.
        self._found: dict[tuple[str, bool], object] = {}
        self._signatures: dict[str, inspect.Signature | None] = {}
        self._failed_at: dict[KeyPath | None, Position] = {}

    @property
    def is_run(self) -> bool:
        """Whether the plan is of a stage, not of a config as a plain mapping, nor of a few places."""
        return (SYSTEM,) in self.plan.scope.roots

    def check_import(self, step: Import) -> None:
        """Whether what an import statement names is there."""
        for dotted in (*step.code.loads, *(dotted for _, dotted in step.code.binds)):
            found = self.located(imported_name(dotted, self.project), is_target=False)
            if isinstance(found, Failed):
                self.problems.append(found.problem(step.position, text(step.place)))
                return

    def check_call(self, call: Call) -> None:
        """Whether the target is there, can be called, and takes these arguments."""
        dotted = call.name
        if not dotted:
            return
        target = self.located(dotted)
        if target is None:
            return
        if isinstance(target, Failed):
            self._failed_at[call.place] = call.position
            # What was filled in from a target that is not there is not there either.
            if self._failed_at.get(filled_from(call.place)) != call.position:
                absent = target.problem(call.position, text((*call.place, TARGET)))
                self.problems.append(unregistered(absent, dotted) if self._is_filled(call) else absent)
        elif self.is_run and (problem := misplaced(call, dotted, target, self._trainer())):
            self.problems.append(problem)
            if problem.is_warning and isinstance(target, type):
                self._check_arguments(call, dotted, target)
        elif not callable(target):
            if call.keywords or not call.is_handed_on:
                what = f"'{dotted}' cannot be called: it is of type {type(target).__name__}"
                help = f"name a class or a function, or take it as it is: '{MODE}: {CALLABLE}'"
                self._report(call, TARGET, what, within(dotted, target) or help)
        else:
            if (lacking := lacks_of(target)) is not None:
                what, help = lacking
                self._report(call, TARGET, f"{dotted} needs {what}", help, code="import")
            self._check_arguments(call, dotted, target)

    def _is_filled(self, call: Call) -> bool:
        """Whether its target was not written, but follows from another one."""
        source = self.plan.steps.get(filled_from(call.place) or ROOT)
        return isinstance(source, Call) and source.position == call.position

    def _trainer(self) -> object:
        """What the run's trainer is made by; None where that is not known by its name."""
        step = self.plan.steps.get((TRAINER,)) if (TRAINER,) not in self.skipped else None
        return self.located(step.name) if isinstance(step, Call) and step.name else None

    def located(self, dotted: str, is_target: bool = True) -> object:
        """What a `_target_` names, or the failure to find it; None where that is not looked for."""
        if self.is_open is not None and not self.is_open(dotted):
            return None
        if (dotted, is_target) not in self._found:
            self._found[dotted, is_target] = located(dotted, self.project, is_target)
        return self._found[dotted, is_target]

    def _check_arguments(self, call: Call, name: str, target: Callable[..., Any]) -> None:
        if (unmet := unmet_import(target)) is not None:
            what, help = f"{name} needs '{unmet[0]}', which is not installed", f"pip install 'lighter[{unmet[1]}]'"
            self._report(call, TARGET, what, help)
        if name not in self._signatures:
            self._signatures[name] = signature_of(target)
        signature = self._signatures[name]
        meant = {key: near for key in call.keywords if (near := reserved_name(key, signature))}
        for key, near in meant.items():
            edit = respelt(key, RESERVED, call.node.entries[key].position, call.node.entries)
            self._report(call, key, f"'{key}' is no reserved key", f"did you mean '{near}'?", code="key", edit=edit)
        if signature is None:
            return
        # What is not a list yet, or a mode that is not known yet, may still make the call complete.
        positional = len(call.positional.items) if isinstance(call.positional, Items) else 0
        is_called = isinstance(call.mode, Constant) and call.mode.value in (None, DEFAULT, DEBUG)
        is_whole = isinstance(call.positional, Items) and is_called
        offered = [offered_at(place) for place in self.plan.scope.later if call.place[: len(place)] == place]
        offered += left_to_run(target) if self.is_run else ()
        given = [
            *(key for key in call.keywords if key not in meant),
            *(o for o in offered if lacks(signature, o, positional, call.keywords)),
        ]
        model = target.config if isinstance(target, Component) else target
        is_asked = is_model(model) if isinstance(target, Component) else may_be_asked(model)
        if is_asked and not positional:
            found = faults_of_names(name, model, given, partial=not is_whole)
        else:
            found = faults(name, signature, positional, given, partial=not is_whole)
        for fault in found:
            self._report_fault(call, fault if isinstance(target, type) else _of_function(fault))
        self.problems += writer_problems(call, target)
        self.problems += unbuilt_problems(call, name, target, self.plan, self.located)
        self.problems += group_problems(call, target, signature, self.plan)
        self.problems += task_problem(call, name, signature) if is_whole else ()
        self.problems += model_problems(call, name, model) if is_asked else value_problems(call, name, target)

    def _report_fault(self, call: Call, fault: Fault) -> None:
        if fault.argument is None:
            self.problems.append(Problem(fault.what, call.position, text(call.place), fault.help, code="argument"))
        else:
            position = call.node.entries[fault.argument].position
            edit = respelt(fault.argument, fault.known, position, call.node.entries)
            self._report(call, fault.argument, fault.what, fault.help, code="argument", edit=edit)

    def _report(
        self,
        call: Call,
        key: str,
        what: str,
        help: str = "",
        *,
        code: Mistake = "type",
        edit: Edit | None = None,
    ) -> None:
        entry = call.node.entries[key]
        position = entry.value.position if key == TARGET else entry.position
        self.problems.append(Problem(what, position, text((*call.place, key)), help, code=code, edit=edit))


def _add(problems: list[Problem], more: Iterable[Problem]) -> None:
    """Adds what is known better than by the annotation of an argument, in the place of what that says."""
    found = list(more)
    places = {problem.place for problem in found}
    problems[:] = [*(one for one in problems if one.place not in places), *found]


def _of_function(fault: Fault) -> Fault:
    """The same of a function, which may have been meant to be handed on."""
    if fault.argument is not None or not fault.help:
        return fault
    return fault._replace(help=f"{fault.help}; or '{MODE}: {CALLABLE}', to hand on the function itself")
