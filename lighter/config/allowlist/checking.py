"""All that a limited config asks for and may not have, as far as it shows before anything is built."""

import builtins
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from lighter.config.allowlist.expressions import chains, refusals
from lighter.config.allowlist.policy import Allowed
from lighter.config.allowlist.refusal import Refusal, flag_refusal, module_refusal, text_refusal
from lighter.config.expressions import KNOWN
from lighter.config.failures import Failed, located
from lighter.config.key_path import KeyPath, text
from lighter.config.plan import Call, Constant, Evaluation, Import, Plan, Step
from lighter.config.tree import DEBUG, DESCRIPTION, MODE, TARGET, Mapping, find
from lighter.errors import Position, Problem

At = tuple[Position, str]


def refused(
    plan: Plan, tree: Mapping, allowed: Allowed, places: Collection[KeyPath] | None = None
) -> dict[KeyPath, list[Problem]]:
    """The mistakes of a limited config by the place of what makes them: of a plan, or of its steps at some places."""
    judge = _Judge(allowed, plan)
    steps: dict[KeyPath, Step] = {step.place: step for step in plan.imports}
    steps |= {place: step for place, step in plan.steps.items() if places is None or place in places}
    found = {place: [refusal.problem(*at) for at, refusal in judge.of_step(step)] for place, step in steps.items()}
    for place, problem in _of_values(plan, tree) if places is None else ():
        found.setdefault(place, []).append(problem)
    return {place: problems for place, problems in found.items() if problems}


def _of_values(plan: Plan, tree: Mapping) -> Iterator[tuple[KeyPath, Problem]]:
    for place, argument in plan.values.items():
        key, value = place[-1] if place else "", argument.value if isinstance(argument, Constant) else None
        refusal = flag_refusal(key, value)
        if refusal is None and isinstance(value, str) and key not in {DESCRIPTION, TARGET}:
            refusal = text_refusal(value)
        node = find(tree, place)
        if refusal is not None and node is not None:
            yield place, refusal.problem(node.position, text(place))


@dataclass(slots=True)
class _Judge:
    allowed: Allowed
    plan: Plan
    _found: dict[str, object] = field(default_factory=dict)

    def of_step(self, step: Step) -> Iterator[tuple[At, Refusal]]:
        if isinstance(step, Call):
            yield from self._of_call(step)
            return
        refusals = self._of_import(step) if isinstance(step, Import) else self._of_expression(step)
        yield from (((step.position, text(step.place)), refusal) for refusal in refusals)

    def _of_call(self, call: Call) -> Iterator[tuple[At, Refusal]]:
        if isinstance(call.mode, Constant) and call.mode.value == DEBUG:
            at = call.node.entries[MODE].value.position, text((*call.place, MODE))
            yield at, self.allowed.debugger()
        refusal = self._of_target(call.name, call) if call.name else None
        if refusal is not None:
            yield (call.position, text((*call.place, TARGET))), refusal

    def _of_target(self, dotted: str, call: Call) -> Refusal | None:
        refusal = self.allowed.name(dotted, is_target=True)
        if refusal is not None:
            return refusal
        target = self._located(dotted, is_target=True)
        if isinstance(target, Failed) or not callable(target):
            return None  # the check of the calls reports it
        # Values are judged where they are written; that this one is there is known now.
        named = {key: True for key in call.keywords if key == "weights_only"}
        return self.allowed.call(target, (), named, dotted)

    def _of_import(self, step: Import) -> Iterator[Refusal]:
        for dotted in dict.fromkeys((*step.code.loads, *(dotted for _, dotted in step.code.binds))):
            refusal = self._of_name(dotted)
            if refusal is not None:
                yield refusal
                return

    def _of_name(self, dotted: str) -> Refusal | None:
        refusal = self.allowed.name(dotted)
        if refusal is not None:
            return refusal
        found = self._located(dotted)
        return None if isinstance(found, Failed) else self.allowed.thing(found, dotted, called=True)

    def _of_expression(self, step: Evaluation) -> Iterator[Refusal]:
        yield from refusals(step.expression)
        imported = dict(pair for one in self.plan.imports for pair in one.code.binds)
        for name, attributes, is_called in chains(step.expression):
            dotted = imported.get(name) or KNOWN.get(name)
            if dotted is None:
                yield from self._of_chain(name, getattr(builtins, name, None), attributes, is_called)
            elif (refusal := self._of_name(dotted)) is None:
                yield from self._of_chain(name, self._located(dotted), attributes, is_called)
            elif name not in imported:  # else it is reported of the import
                yield refusal

    def _of_chain(self, name: str, value: Any, attributes: tuple[str, ...], is_called: bool) -> Iterator[Refusal]:
        """What is refused of `name.a.b`, as far as modules and classes lead."""
        for attribute in (*attributes, None):
            is_last = attribute is None
            refusal = None if isinstance(value, Failed) else self.allowed.thing(value, name, is_last and is_called)
            refusal = refusal or (module_refusal(value) if is_last else None)
            if refusal is not None:
                yield refusal
                return
            if attribute is None or not isinstance(value, (ModuleType, type)) or not hasattr(value, attribute):
                return
            name, passage = f"{name}.{attribute}", self.allowed.attribute(value, attribute, f"{name}.{attribute}")
            if passage is not None:
                yield passage
                return
            value = getattr(value, attribute)

    def _located(self, dotted: str, is_target: bool = False) -> object:
        key = dotted if not is_target or "." in dotted else f"{dotted} of MONAI"
        if key not in self._found:
            self._found[key] = located(dotted, self.allowed.project, is_target)
        return self._found[key]
