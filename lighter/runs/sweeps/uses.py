"""Where the plain values of a choice end up: the arguments of calls, against which other choices are checked alone."""

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lighter.config import Config
from lighter.config.dumping import in_line
from lighter.config.key_path import KeyPath, text
from lighter.config.plan import Argument, Call, Constant, Items, Pairs
from lighter.config.schema import ARGUMENTS, DATA, SYSTEM, TRAINER, VARS
from lighter.config.tree import RESERVED, Node, Scalar, find, mapped, walk
from lighter.errors import ConfigError, Problem
from lighter.runs.sweeps.reading import Sweep
from lighter.runs.sweeps.space import Label, Parameter


class _Unknown:
    """Stands at a place whose uses are looked for."""

    def __repr__(self) -> str:
        return "?"


@dataclass(frozen=True, slots=True)
class Use:
    """An argument of a call in which a plain value of a choice ends up: that at `path` of the choice's node `at`."""

    at: int
    path: KeyPath
    call: Call
    key: str
    target: Any
    parameter: inspect.Parameter
    argument: Argument
    unknown: _Unknown

    def problem(self, nodes: Sequence[Node]) -> Problem | None:
        """What is wrong with the value that another choice of the same form has there."""
        from lighter.config.checks.arguments import misfits

        value = find(nodes[self.at], self.path)
        assert isinstance(value, Scalar)
        found = misfits(self.target, self.parameter, _filled(self.argument, self.unknown, value.value))
        wrong = next((one for one in found if not one.is_doubtful), None) if self.call.is_checked else None
        if wrong is None:
            return None
        what = wrong.what or f"{self.call.name} takes {wrong.wanted} for '{self.key}', not {value.value!r}"
        return Problem(what, value.position, text((*self.call.place, self.key)), wrong.help)


def form_of(nodes: Sequence[Node]) -> str:
    """A choice without its plain values: what they are given to stays."""
    return "\n".join(in_line(_without_values(node)) for node in nodes)


def _without_values(node: Node) -> Node:
    if isinstance(node, Scalar):
        return Scalar(None, node.position)
    return mapped(node, lambda key, below: below if key in RESERVED else _without_values(below))


def uses_of(sweep: Sweep, parameter: Parameter, label: Label, allow: str | None) -> list[Use] | None:
    """Where each plain value of a choice ends up; None where one of them does in no call alone."""
    found: list[Use] = []
    for at, node in enumerate(parameter.nodes(label)):
        for path, below in walk(node):
            if isinstance(below, Scalar) and not set(path) & set(RESERVED):
                uses = _uses(sweep, parameter, label, (at, path), allow)
                if not uses:
                    return None
                found += uses
    return found


def _uses(
    sweep: Sweep, parameter: Parameter, label: Label, leaf: tuple[int, KeyPath], allow: str | None
) -> list[Use] | None:
    (at, path), unknown = leaf, _Unknown()
    place = parameter.places[at]
    if place.path[0] not in (SYSTEM, DATA, TRAINER, VARS, ARGUMENTS):
        return None
    over = sweep.space.over({**sweep.space.first, parameter.name: label})
    entry = over.entries[text(place.path)]
    value = _with(entry.value, path, Scalar(unknown, place.position))
    entries = {**over.entries, text(place.path): entry._replace(value=value)}
    found = []
    try:
        config = Config.load(*sweep.sources, over.with_entries(entries), allow=allow)
        plans = [config.plan(stage) for stage in sweep.stages]
    except ConfigError:
        return None
    with config.serving():
        for planned in plans:
            for step in planned.steps.values():
                held = sum(_holds(argument, unknown) for argument in step.inputs)
                if not held:
                    continue
                if not isinstance(step, Call):
                    return None
                uses = list(_uses_in(step, leaf, unknown, None if config.is_limited else config.project))
                if len(uses) != held:
                    return None
                found += uses
    return found


def _with(node: Node, path: KeyPath, leaf: Node) -> Node:
    """The node with another one at a place below it."""
    if not path:
        return leaf
    return mapped(node, lambda key, below: _with(below, path[1:], leaf) if key == path[0] else below)


def _uses_in(call: Call, leaf: tuple[int, KeyPath], unknown: _Unknown, project: Any) -> Iterator[Use]:
    from lighter.config.failures import Failed, located
    from lighter.config.signatures import signature_of
    from lighter.project.registry import Component

    target = located(call.name, project, is_target=True) if call.name else None
    if target is None or isinstance(target, (Failed, Component)) or not callable(target):
        return
    signature = signature_of(target)
    for key, argument in call.keywords.items():
        if _holds(argument, unknown) and argument.is_plain and signature is not None and key in signature.parameters:
            yield Use(*leaf, call, key, target, signature.parameters[key], argument, unknown)


def _holds(argument: Argument, unknown: _Unknown) -> bool:
    if isinstance(argument, Constant):
        return argument.value is unknown
    if isinstance(argument, Items):
        return any(_holds(item, unknown) for item in argument.items)
    return isinstance(argument, Pairs) and any(_holds(item, unknown) for _, item in argument.pairs)


def _filled(argument: Argument, unknown: _Unknown, value: object) -> object:
    """The value of an argument with this one where it was not known."""
    if isinstance(argument, Constant):
        return value if argument.value is unknown else argument.value
    if isinstance(argument, Items):
        return [_filled(item, unknown, value) for item in argument.items]
    assert isinstance(argument, Pairs)
    return {key: _filled(item, unknown, value) for key, item in argument.pairs}
