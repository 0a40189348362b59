"""A plan to objects, each built exactly once."""

import functools
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lighter.config.arguments import Argument, Constant, Items, Later, Pairs, Use
from lighter.config.expressions import KNOWN
from lighter.config.paths import Path, text
from lighter.config.planning import Call, Evaluation, Import, Plan, Step
from lighter.config.schema import OFFERED
from lighter.config.signatures import lacks
from lighter.utils.dynamic_imports import Project, locate

__all__ = ["Builder", "Deferred"]


@dataclass(slots=True)
class Builder:
    """The objects of a plan, built as they are asked for."""

    plan: Plan
    project: Project | None = None
    built: dict[Path, object] = field(default_factory=dict)
    _names: dict[str, object] = field(default_factory=dict)
    _imported: bool = False

    def build(self, place: Path, **offered: object) -> Any:
        """The object at a place; calls on the way that lack an offered argument get it."""
        argument = self.plan.values[place]
        needed = _reachable(argument, self.plan)
        for at, step in self.plan.steps.items():
            if at in needed and at not in self.built:
                self.built[at] = self._run(at, step, offered)
        return self._value(argument, {})

    def bound(self, place: Path, **offered: object) -> functools.partial[Any]:
        """The call at a place, made ready but not made."""
        call = self.plan.steps[place]
        assert isinstance(call, Call)
        for argument in (call.target, call.positional, *call.keywords.values()):
            for at in _reachable(argument, self.plan):
                if at not in self.built:
                    self.build(at, **offered)
        with _noting(call):
            return self._bound(call, offered)

    def _run(self, place: Path, step: Step, offered: dict[str, object]) -> object:
        with _noting(step):
            if isinstance(step, Import):
                self._import()
                return self._names[step.code.binds[0][0]]
            return self._evaluate(step) if isinstance(step, Evaluation) else self._call(step, offered)

    def _evaluate(self, step: Evaluation) -> object:
        # References stand among the globals, so that a lambda still finds them when it is called later.
        memo: dict[int, object] = {}
        slots = {name: self._value(argument, memo) for name, argument in step.slots.items()}
        return eval(step.expression.compiled(), {**self._known(step.expression.names), **slots})  # noqa: S307  # `$` is Python

    def _call(self, call: Call, offered: dict[str, object]) -> object:
        if _is_true(self._value(call.disabled, {})):
            return None
        self._value(call.requires, {})
        mode = self._value(call.mode, {})
        bound = self._bound(call, offered)
        if mode == "callable":
            return bound if bound.args or bound.keywords else bound.func
        if mode == "debug":
            import pdb

            return pdb.runcall(bound)
        return bound()

    def _bound(self, call: Call, offered: dict[str, object]) -> functools.partial[Any]:
        memo: dict[int, object] = {}
        target = self._target(call)
        args = self._value(call.positional, memo)
        kwargs = {name: self._value(argument, memo) for name, argument in call.keywords.items()}
        assert isinstance(args, list)
        given = {name: value for name, value in offered.items() if lacks(target, name, len(args), kwargs)}
        return functools.partial(target, *args, **given, **kwargs)

    def _target(self, call: Call) -> Callable[..., Any]:
        target = self._value(call.target, {})
        located = locate(target, self.project) if isinstance(target, str) else target
        if not callable(located):
            raise TypeError(f"the target of '{text(call.place)}' is {located!r}, which cannot be called")
        return located

    def _value(self, argument: Argument, memo: dict[int, object]) -> object:
        """The value of an argument: lists and mappings are made anew, yet shared within one call as in the config."""
        if isinstance(argument, Constant):
            return argument.value
        if isinstance(argument, Use):
            return self.built[argument.place]
        if isinstance(argument, Later):
            return Deferred(self, argument.place, OFFERED[argument.place])
        if id(argument) not in memo:
            memo[id(argument)] = self._container(argument, memo)
        return memo[id(argument)]

    def _container(self, argument: Items | Pairs, memo: dict[int, object]) -> object:
        if isinstance(argument, Items):
            return [self._value(item, memo) for item in argument.items if not self._is_dropped(item)]
        return {key: self._value(value, memo) for key, value in argument.pairs if not self._is_dropped(value)}

    def _is_dropped(self, argument: Argument) -> bool:
        """Whether the argument is a call that `_disabled_` took out of its list or mapping."""
        if not isinstance(argument, Use) or self.built[argument.place] is not None:
            return False
        step = self.plan.steps[argument.place]
        return isinstance(step, Call) and _is_true(self._value(step.disabled, {}))

    def _known(self, names: frozenset[str]) -> dict[str, object]:
        """What the names in an expression stand for, those that Lighter or an import statement knows."""
        self._import()
        for name in names & KNOWN.keys() - self._names.keys():
            self._names[name] = importlib.import_module(KNOWN[name])
        return {name: self._names[name] for name in names & self._names.keys()}

    def _import(self) -> None:
        if self._imported:
            return
        self._imported = True
        for step in self.plan.imports:
            for module in step.code.loads:
                locate(module, self.project)
            self._names.update({name: locate(dotted, self.project) for name, dotted in step.code.binds})


@dataclass(frozen=True, slots=True)
class Deferred:
    """A place of the config that is built when this is called; what the caller gives fills a missing argument."""

    builder: Builder
    place: Path
    argument: str

    def __call__(self, value: object) -> Any:
        return self.builder.build(self.place, **{self.argument: value})


@contextmanager
def _noting(step: Step) -> Iterator[None]:
    """Adds the place being built to an exception that the user's code raises; type and traceback stay."""
    try:
        yield
    except Exception as error:
        error.add_note(f"while building '{text(step.place)}' ({step.position})")
        raise


def _reachable(argument: Argument, plan: Plan) -> set[Path]:
    """The places of all steps that a value needs, directly or through others."""
    found: set[Path] = set()
    seen: set[int] = set()
    pending = [argument]
    while pending:
        current = pending.pop()
        if isinstance(current, Use):
            if current.place not in found:
                found.add(current.place)
                pending.extend(_inputs(plan.steps[current.place]))
        elif isinstance(current, (Items, Pairs)) and id(current) not in seen:
            seen.add(id(current))
            pending.extend(current.items if isinstance(current, Items) else (value for _, value in current.pairs))
    return found


def _inputs(step: Step) -> Iterator[Argument]:
    if isinstance(step, Evaluation):
        yield from step.slots.values()
    elif isinstance(step, Call):
        yield from (step.target, step.positional, step.mode, step.disabled, step.requires, *step.keywords.values())


def _is_true(value: object) -> bool:
    return value.strip().lower() == "true" if isinstance(value, str) else bool(value)
