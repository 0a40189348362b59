"""A plan to objects, each built exactly once.

A list or mapping of the config is one object to all expressions, so that a statement may change it. Each call is given
a copy of its own, as it then is: models change what they are given.
"""

import functools
import inspect
import math
import pickle
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from lighter.config.by_name import with_lists
from lighter.config.component_lookup import locate_target
from lighter.config.conversion import Conversion
from lighter.config.expressions import KNOWN
from lighter.config.failures import importing
from lighter.config.key_path import KeyPath, text
from lighter.config.plan import (
    Argument,
    Call,
    Constant,
    Evaluation,
    Import,
    Items,
    Later,
    Pairs,
    Plan,
    Step,
    Use,
    is_switch,
    is_true,
)
from lighter.config.schema import SYSTEM, TRAINER, offered_at
from lighter.config.signatures import lacks, signature_of
from lighter.config.tree import ARGS, CALLABLE, DEBUG, DISABLED, MODE, MODES
from lighter.errors import ConfigError, Problem
from lighter.project.importable import brings, keep_while_alive
from lighter.project.locating import imported_name, locate
from lighter.project.project import Importable, Project

if TYPE_CHECKING:
    from lighter.config.allowlist.allowed import Allowed, Refusal

_FITTED = ((SYSTEM,), (TRAINER,))  # whose arguments are held against what they take once they are built

# Of a call: its place, its target, the arguments that it has. What it gives are arguments by name.
Completion = Callable[[KeyPath, Callable[..., Any], Sequence[object], Mapping[str, object]], dict[str, object]]


class Builder:
    """The objects of a plan, built as they are asked for.

    `allowed` is what a limited config may build, None for one that may build all; `served` what else than the project
    the objects need while they live. `completion`, which a run sets, gives calls what only the run knows.
    """

    def __init__(
        self,
        plan: Plan,
        project: Project | None = None,
        allowed: "Allowed | None" = None,
        served: tuple[Importable, ...] = (),
    ) -> None:
        self.plan = plan
        self.project = project
        self.allowed = allowed
        self.served = served
        self.completion: Completion | None = None
        self.built: dict[KeyPath, object] = {}
        self._values = Values(plan, self.built, self._deferred)
        self._names: dict[str, object] = {}
        self._targets: dict[str, object] = {}
        self._imported = False
        self._held: set[KeyPath] = set()

    def __deepcopy__(self, memo: dict[int, object]) -> "Builder":
        return self  # what builds a model's optimizer is no part of the model, nor is the data that it has built

    def __getstate__(self) -> dict[str, object]:
        # Modules cannot be pickled; they are imported again.
        return self.__dict__ | {"_names": {}, "_imported": False}

    # A method, for the Builder is pickled with what it defers where Lightning spawns its ranks; a lambda cannot be.
    def _deferred(self, place: KeyPath) -> "Deferred":
        return Deferred(self, place, offered_at(place))

    def build(self, place: KeyPath, **offered: object) -> Any:
        """The object at a place; calls on the way that lack an offered argument get it."""
        argument = self.plan.values[place]
        self._run([argument], offered)
        return self._values.fresh(argument)[0]

    def held(self, place: KeyPath) -> Any:
        """The object at a place; while it lives, or what was built for it, what it needs can be imported."""
        try:
            return self.build(place)
        finally:
            self._hold()

    def _hold(self) -> None:
        for place in self.built.keys() - self._held:
            for served in (*([self.project] if self.project else []), *self.served):
                if isinstance(self.plan.steps[place], Call) or brings(served, self.built[place]):
                    keep_while_alive(served, self.built[place])
            self._held.add(place)

    def needed(self, place: KeyPath) -> set[KeyPath]:
        """The places of the steps that the object at a place takes."""
        return set(_order([self.plan.values[place]], self.plan, ()))

    def bound(self, place: KeyPath, **offered: object) -> functools.partial[Any]:
        """The call at a place, made ready but not made."""
        call = self.plan.steps[place]
        assert isinstance(call, Call)
        self._run([call.target, call.positional, *call.keywords.values()], offered)
        with _noting(call):
            return self._bound(call, offered)

    def noting(self, place: KeyPath) -> AbstractContextManager[Step]:
        """Says in an exception of a call at the place, which somebody else makes, where that is."""
        return _noting(self.plan.steps[place])

    def _run(self, arguments: list[Argument], offered: dict[str, object]) -> None:
        """Runs the steps that the arguments need and that have not run yet."""
        for at in _order(arguments, self.plan, self.built):
            with _noting(self.plan.steps[at]) as step:
                self.built[at] = self._made(step, offered)

    def _made(self, step: Step, offered: dict[str, object]) -> object:
        if isinstance(step, Import):
            self._import()
            return self._located(step.code.value, step)
        return self._evaluate(step) if isinstance(step, Evaluation) else self._call(step, offered)

    def _evaluate(self, step: Evaluation) -> object:
        # References are among the globals, so that a lambda still finds them when it is called later.
        slots = {name: self._values.for_expressions(argument) for name, argument in step.slots.items()}
        if self.allowed is not None:
            from lighter.config.allowlist.arithmetic import Arithmetic

            arithmetic = Arithmetic(self.allowed, self.plan.bound, step.expression)
            return arithmetic.evaluate(slots, (step.position, text(step.place)))
        return eval(step.expression.compiled, {**self._known(step), **slots})  # noqa: S307  # `$` is Python

    def _call(self, call: Call, offered: dict[str, object]) -> object:
        disabled, mode = self._values.fresh(call.disabled, call.mode)
        if isinstance(disabled, str) and not is_switch(disabled):
            raise ValueError(f"'{DISABLED}' of '{text(call.place)}' is {disabled!r}, it may be true or false")
        if is_true(disabled):
            return None
        if mode not in (None, *MODES):
            raise ValueError(f"'{MODE}' of '{text(call.place)}' is {mode!r}, it may be {', '.join(MODES)}")
        if mode == CALLABLE:
            return self._handed_on(call)
        bound = self._bound(call, offered)
        if mode == DEBUG:
            if self.allowed is not None:
                from lighter.config.allowlist.allowed import DEBUGGER

                _require(DEBUGGER, call)
            import pdb  # noqa: T100  # asked for by the config

            return pdb.runcall(bound)
        if self.allowed is None:
            return bound()
        try:
            made = bound()
        except pickle.UnpicklingError as error:
            # PyTorch's own words say how to let the code in.
            what, help = "a file holds more than weights: no limited config may load it", "do it in your project's code"
            raise ConfigError([Problem(what, call.position, text(call.place), help, code="build")]) from error
        _require(self.allowed.result(bound.func, made), call)
        return made

    def _handed_on(self, call: Call) -> object:
        """What is to be called by others, who give what it lacks."""
        if self.allowed is not None:
            return self.allowed.handed_on(self._bound(call, {}))
        if not call.keywords and not callable(constant := self._named(call)):
            return constant
        bound = self._bound(call, {})
        return bound if bound.args or bound.keywords else bound.func

    def _bound(self, call: Call, offered: dict[str, object]) -> functools.partial[Any]:
        target = self._named(call)
        if not callable(target):
            raise TypeError(f"the target of '{text(call.place)}' is {target!r}, which cannot be called")
        own = {name: argument for name, argument in call.keywords.items() if not self._values.is_dropped(argument)}
        args, *values = self._values.fresh(call.positional, *own.values())
        if not isinstance(args, (list, tuple)):
            raise TypeError(f"'{ARGS}' of '{text(call.place)}' takes a list, not {args!r}")
        kwargs = dict(zip(own, values, strict=True))
        written, args = self._unmoved(call.positional, list(args), target)
        signature = signature_of(target) if offered else None
        given = {name: value for name, value in offered.items() if lacks(signature, name, len(args), kwargs)}
        if self.completion is not None:
            given.update(self.completion(call.place, target, args, kwargs))
        if call.place in _FITTED:
            from lighter.config.checks.places import require_fitting

            require_fitting(call, {**kwargs, **given})
        kwargs = with_lists(call.place, kwargs)
        if self.allowed is not None:
            _require(self.allowed.call(target, args, kwargs, call.name), call)
        if call.is_checked:
            args, kwargs = self._converted(target, args, kwargs, (written, call.keywords))
        return functools.partial(target, *args, **given, **kwargs)

    def _converted(
        self,
        target: Callable[..., Any],
        args: Sequence[object],
        kwargs: dict[str, object],
        written: tuple[Sequence[Argument], Mapping[str, Argument]],
    ) -> tuple[list[object], dict[str, object]]:
        """The arguments as the target's annotations want them."""
        conversion = Conversion(target)
        positional, keywords = written
        parts = [*positional, *[None] * (len(args) - len(positional))]
        return (
            [conversion.of(at, *one) for at, one in enumerate(zip(args, parts, strict=False))],
            {name: conversion.of(name, value, keywords[name]) for name, value in kwargs.items()},
        )

    def _unmoved(
        self, positional: Argument, args: list[Any], target: Callable[..., Any]
    ) -> tuple[list[Argument], list[Any]]:
        """The positional arguments without what is dropped, where no other moves to another parameter by that.

        First as they are written, as far as that is known.
        """
        items = positional.items if isinstance(positional, Items) and positional.is_positional else ()
        dropped = [self._values.is_dropped(item) for item in items]
        if not any(dropped):
            return [*items], args
        named = _named_positions(target)
        while dropped and dropped[-1] and self._values.is_disabled(items[len(dropped) - 1]):
            dropped.pop()
        kept = [index for index, is_out in enumerate(dropped) if not is_out or index < named]
        return [items[index] for index in kept], [args[index] for index in kept]

    def _named(self, call: Call) -> object:
        target: object = self._values.fresh(call.target)[0]
        return self._located(target, call) if isinstance(target, str) else target

    def _known(self, step: Evaluation) -> dict[str, object]:
        """What the names in an expression stand for, those that Lighter or an import statement knows."""
        self._import()
        names = step.expression.names
        for name in names & KNOWN.keys() - self._names.keys():
            self._names[name] = locate(KNOWN[name])
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
        if not is_target:
            dotted = imported_name(dotted, self.project if self.allowed is None else self.allowed.project)
        if self.allowed is not None:
            _require(self.allowed.name(dotted, is_target), step)
        with importing(dotted, self.project, step.position, text(step.place)):
            if not is_target:
                return locate(dotted, self.project)
            if dotted not in self._targets:
                self._targets[dotted] = locate_target(dotted, self.project)
        return self._targets[dotted]


def _named_positions(target: Callable[..., Any]) -> float:
    """How many positional arguments have a parameter of their own: all, where it is not known that some have none."""
    signature = signature_of(target)
    kinds = [one.kind for one in signature.parameters.values()] if signature is not None else []
    is_open = inspect.Parameter.VAR_POSITIONAL in kinds
    return kinds.index(inspect.Parameter.VAR_POSITIONAL) if is_open else math.inf


class Deferred:
    """A place of the config that is built when this is called; what the caller gives fills a missing argument."""

    def __init__(self, builder: Builder, place: KeyPath, argument: str) -> None:
        self.builder = builder
        self.place = place
        self.argument = argument

    def __call__(self, *values: object) -> Any:
        """The object, the one value given to every call at the place that lacks the argument."""
        return self.builder.build(self.place, **dict(zip(filter(None, [self.argument]), values, strict=True)))


def _require(refusal: "Refusal | None", step: Step) -> None:
    if refusal is not None:
        raise ConfigError([refusal.problem(step.position, text(step.place))])


@contextmanager
def _noting(step: Step) -> Iterator[Step]:
    """Adds the place being built to an exception that the user's code raises; type and traceback stay."""
    try:
        yield step
    except Exception as error:
        from lighter.project.import_errors import hint  # only a mistake pays for it

        if not any(note.startswith("while building") for note in getattr(error, "__notes__", ())):
            error.add_note(f"while building '{text(step.place)}' ({step.position})")
            if help := hint(error):
                error.add_note(f"help: {help}")
        raise


def _order(arguments: list[Argument], plan: Plan, built: Container[KeyPath]) -> Iterator[KeyPath]:
    """The places of all steps that the arguments need and that are not built, each after those it needs itself."""
    seen: set[KeyPath | int] = set()
    stack: list[tuple[KeyPath | None, Iterator[Argument]]] = [(None, iter(arguments))]
    while stack:
        place, needs = stack[-1]
        for argument in needs:
            if argument.is_plain:
                continue
            key = argument.place if isinstance(argument, Use) else id(argument)
            if key not in seen and key not in built and not isinstance(argument, Later):
                seen.add(key)
                stack.append(_opened(argument, plan))
                break
        else:
            stack.pop()
            if place is not None:
                yield place


def _opened(argument: Argument, plan: Plan) -> tuple[KeyPath | None, Iterator[Argument]]:
    """The step that an argument stands for, if it does, and what is needed for it."""
    if isinstance(argument, Use):
        return argument.place, iter(plan.steps[argument.place].inputs)
    assert isinstance(argument, (Items, Pairs))
    return None, iter(argument.items if isinstance(argument, Items) else [value for _, value in argument.pairs])


class Values:
    """The values of a plan's arguments; `later` makes what builds a place when it is called."""

    def __init__(self, plan: Plan, built: dict[KeyPath, object], later: Callable[[KeyPath], object]) -> None:
        self.plan = plan
        self.built = built
        self.later = later
        self._shared: dict[int, object] = {}  # by id of the argument, what expressions see
        self._own: dict[int, object] = {}  # the same lists and mappings by their own id

    def for_expressions(self, argument: Argument) -> Any:
        """The value, a list or mapping the same as every expression sees."""
        return self._value(argument, self._shared)

    def fresh(self, *arguments: Argument) -> list[Any]:
        """The values, lists and mappings made anew, yet shared among these arguments as in the config."""
        made: dict[int, object] = {}
        return [self._value(argument, made) for argument in arguments]

    def is_dropped(self, argument: Argument) -> bool:
        """Whether the argument is a call, written right there, that was disabled or gave None: MONAI knows no other."""
        if not isinstance(argument, Use) or not argument.own or self.built[argument.place] is not None:
            return False
        return isinstance(self.plan.steps[argument.place], Call)

    def is_disabled(self, argument: Argument) -> bool:
        """Whether the argument is a call that has not been made."""
        call = self.plan.call_of(argument)
        return call is not None and is_true(self.fresh(call.disabled)[0])

    def _value(self, argument: Argument, made: dict[int, object]) -> object:
        if isinstance(argument, Constant):
            return argument.value
        if isinstance(argument, Use):
            return self._copied(self.built[argument.place], made)
        if isinstance(argument, Later):
            return self.later(argument.place)
        key = id(argument)
        if key not in made:
            made[key] = self._copied(self._shared[key], made) if key in self._shared else self._made(argument, made)
        return made[key]

    def _made(self, argument: Items | Pairs, made: dict[int, object]) -> object:
        value: object
        if isinstance(argument, Items) and argument.is_positional:
            value = [self._value(item, made) for item in argument.items]
        elif isinstance(argument, Items):
            value = [self._value(item, made) for item in argument.items if not self.is_dropped(item)]
        else:
            value = {key: self._value(item, made) for key, item in argument.pairs if not self.is_dropped(item)}
        if made is self._shared:
            self._own[id(value)] = value
        return value

    def _copied(self, value: Any, made: dict[int, object]) -> object:
        """A list or mapping of the expressions as a copy of the call's own; any other value as it is."""
        key = id(value)
        if key not in self._own or made is self._shared:
            return value
        if key not in made:
            made[key] = copy = type(value)()  # before what is in it, which may be the value itself
            if isinstance(value, list):
                copy.extend(self._copied(item, made) for item in value)
            else:
                copy.update({name: self._copied(item, made) for name, item in value.items()})
        return made[key]
