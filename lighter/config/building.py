"""A plan to objects, each built exactly once."""

import functools
import importlib
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lighter.config.arguments import Argument, Constant, Items, Later, Pairs, Use, is_true
from lighter.config.expressions import KNOWN
from lighter.config.paths import Path, text
from lighter.config.plan import Call, Evaluation, Import, Plan, Step
from lighter.config.schema import OFFERED
from lighter.config.short_names import locate_target
from lighter.config.signatures import lacks, signature_of
from lighter.config.tree import ARGS, CALLABLE, DEBUG, DISABLED, MODE, MODES, REQUIRES, TARGET
from lighter.errors import ConfigError
from lighter.utils.dynamic_imports import Project, locate

if TYPE_CHECKING:
    from lighter.config.allowing import Allowed, Refusal

__all__ = ["Builder", "Deferred"]


@dataclass(slots=True)
class Builder:
    """The objects of a plan, built as they are asked for."""

    plan: Plan
    project: Project | None = None
    allowed: "Allowed | None" = None  # what a limited config may build; None for one that may build all
    built: dict[Path, object] = field(default_factory=dict)
    _names: dict[str, object] = field(default_factory=dict)
    _imported: bool = False

    def build(self, place: Path, **offered: object) -> Any:
        """The object at a place; calls on the way that lack an offered argument get it."""
        argument = self.plan.values[place]
        self._run([argument], offered)
        return self._value(argument, {})

    def needed(self, place: Path) -> set[Path]:
        """The places of the steps that the object at a place takes."""
        return set(_order([self.plan.values[place]], self.plan, ()))

    def bound(self, place: Path, **offered: object) -> functools.partial[Any]:
        """The call at a place, made ready but not made."""
        call = self.plan.steps[place]
        assert isinstance(call, Call)
        self._run([call.target, call.positional, *call.keywords.values()], offered)
        with _noting(call):
            return self._bound(call, offered)

    @contextmanager
    def noting(self, place: Path) -> Iterator[None]:
        """Tells an exception of a call at the place, which somebody else makes, where that is."""
        with _noting(self.plan.steps[place]):
            yield

    def _run(self, arguments: list[Argument], offered: dict[str, object]) -> None:
        """Runs the steps that the arguments need and that have not run yet."""
        for at in _order(arguments, self.plan, self.built):
            step = self.plan.steps[at]
            with _noting(step):
                self.built[at] = self._made(step, offered)

    def _made(self, step: Step, offered: dict[str, object]) -> object:
        if isinstance(step, Import):
            self._import()
            return self._located(step.code.value, step)
        return self._evaluate(step) if isinstance(step, Evaluation) else self._call(step, offered)

    def _evaluate(self, step: Evaluation) -> object:
        # References stand among the globals, so that a lambda still finds them when it is called later.
        memo: dict[int, object] = {}
        slots = {name: self._value(argument, memo) for name, argument in step.slots.items()}
        names = {**self._known(step), **slots}
        if self.allowed is not None:
            from lighter.config.guarding import Guard
            from lighter.config.limited import evaluate

            return evaluate(step.expression, names, Guard(self.allowed, step.position, text(step.place)))
        return eval(step.expression.compiled(), names)  # noqa: S307  # `$` is Python

    def _call(self, call: Call, offered: dict[str, object]) -> object:
        if is_true(self._value(call.disabled, {})):
            return None
        self._value(call.requires, {})
        mode = self._value(call.mode, {})
        if mode not in (None, *MODES):
            raise ValueError(f"'{MODE}' of '{text(call.place)}' is {mode!r}, it may be {', '.join(MODES)}")
        if mode == CALLABLE:  # whoever calls it gives what it lacks
            bound = self._bound(call, {})
            return bound if bound.args or bound.keywords else bound.func
        bound = self._bound(call, offered)
        if mode == DEBUG:
            if self.allowed is not None:
                _require(self.allowed.debugger(), call)
            import pdb  # noqa: T100  # asked for by the config

            return pdb.runcall(bound)
        made = bound()
        if self.allowed is not None:
            _require(self.allowed.outcome(made), call)
        return made

    def _bound(self, call: Call, offered: dict[str, object]) -> functools.partial[Any]:
        memo: dict[int, object] = {}
        target = self._target(call)
        args = self._value(call.positional, memo)
        if not isinstance(args, (list, tuple)):
            raise TypeError(f"'{ARGS}' of '{text(call.place)}' takes a list, not {args!r}")
        own = {name: argument for name, argument in call.keywords.items() if not self._is_dropped(argument)}
        kwargs = {name: self._value(argument, memo) for name, argument in own.items()}
        signature = signature_of(target) if offered else None
        given = {name: value for name, value in offered.items() if lacks(signature, name, len(args), kwargs)}
        if self.allowed is not None:
            _require(self.allowed.call(target, args, kwargs), call)
        return functools.partial(target, *args, **given, **kwargs)

    def _target(self, call: Call) -> Callable[..., Any]:
        target = self._value(call.target, {})
        located = self._located(target, call) if isinstance(target, str) else target
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
        """Whether the argument is a call, written right there, that was disabled or gave None: MONAI knows no other."""
        if not isinstance(argument, Use) or not argument.own or self.built[argument.place] is not None:
            return False
        return isinstance(self.plan.steps[argument.place], Call)

    def _known(self, step: Evaluation) -> dict[str, object]:
        """What the names in an expression stand for, those that Lighter or an import statement knows."""
        self._import()
        names = step.expression.names
        for name in names & KNOWN.keys() - self._names.keys():
            if self.allowed is not None:
                _require(self.allowed.name(KNOWN[name]), step)
            self._names[name] = importlib.import_module(KNOWN[name])
        return {name: self._names[name] for name in names & self._names.keys()}

    def _import(self) -> None:
        """Makes the names of all import statements known."""
        for step in self.plan.imports if not self._imported else ():
            with _noting(step):
                for module in step.code.loads:
                    self._located(module, step)
                self._names.update({name: self._located(dotted, step) for name, dotted in step.code.binds})
        self._imported = True

    def _located(self, dotted: str, step: Step) -> object:
        """What a dotted name names; of a limited config not before it is known that it may be imported."""
        is_target = isinstance(step, Call)
        if self.allowed is not None:
            _require(self.allowed.name(dotted, is_target), step)
        return locate_target(dotted, self.project) if is_target else locate(dotted, self.project)


@dataclass(frozen=True, slots=True)
class Deferred:
    """A place of the config that is built when this is called; what the caller gives fills a missing argument."""

    builder: Builder
    place: Path
    argument: str

    def __call__(self, value: object) -> Any:
        """The object, `value` given to every call at the place that lacks the argument."""
        return self.builder.build(self.place, **{self.argument: value})


def _require(refusal: "Refusal | None", step: Step) -> None:
    if refusal is not None:
        raise ConfigError([refusal.problem(step.position, text(step.place))])


@contextmanager
def _noting(step: Step) -> Iterator[None]:
    """Adds the place being built to an exception that the user's code raises; type and traceback stay."""
    try:
        yield
    except Exception as error:
        note = f"while building '{text(step.place)}' ({step.position})"
        if not any(told.startswith("while building") for told in getattr(error, "__notes__", ())):
            error.add_note(note)
        raise


def _order(arguments: list[Argument], plan: Plan, built: Container[Path]) -> Iterator[Path]:
    """The places of all steps that the arguments need and that are not built, each after those it needs itself."""
    seen: set[Path | int] = set()
    stack: list[tuple[Path | None, Iterator[Argument]]] = [(None, iter(arguments))]
    while stack:
        place, needs = stack[-1]
        for argument in needs:
            key = argument.place if isinstance(argument, Use) else id(argument)
            if key in seen or key in built or not isinstance(argument, (Use, Items, Pairs)):
                continue
            seen.add(key)
            stack.append(_opened(argument, plan))
            break
        else:
            stack.pop()
            if place is not None:
                yield place


def _opened(argument: Use | Items | Pairs, plan: Plan) -> tuple[Path | None, Iterator[Argument]]:
    """The step that an argument stands for, if it does, and what is needed for it."""
    if isinstance(argument, Use):
        return argument.place, _inputs(plan.steps[argument.place])
    return None, iter(argument.items if isinstance(argument, Items) else [value for _, value in argument.pairs])


def _inputs(step: Step) -> Iterator[Argument]:
    if isinstance(step, Evaluation):
        yield from step.slots.values()
    elif isinstance(step, Call):
        reserved = {TARGET: step.target, ARGS: step.positional, MODE: step.mode, REQUIRES: step.requires}
        reserved[DISABLED] = step.disabled
        given = {**step.keywords, **reserved}
        yield from (given[key] for key in step.node.entries if key in given)
