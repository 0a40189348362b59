"""What stands at a place of a run, held against what the place takes.

A class is judged by its type, a function by the class that it is annotated to return, and what an expression or
another function gives once it is built.
"""

import re
import typing
from collections.abc import Callable, Iterator, Mapping
from reprlib import Repr
from types import FunctionType
from typing import Any, NamedTuple

from lighter.config.annotations import resolved
from lighter.config.checks.forward import makes_what_it_says
from lighter.config.checks.kinds import DATASET, MODEL, MODULE, Kind, derives_from, kinds_of
from lighter.config.key_path import KeyPath, text
from lighter.config.plan import Argument, Call, Constant, Items, Pairs, Plan, Use
from lighter.config.scalars import SUFFIXES
from lighter.config.schema import OPTIMIZER, SYSTEM, SYSTEM_TARGET, TRAINER, means
from lighter.config.tree import CALLABLE, MODE, TARGET, node_at
from lighter.errors import ConfigError, Problem, nearest
from lighter.project.registry import Component
from lighter.training.lightnings import is_lightnings

_CRITERION: KeyPath = (SYSTEM, "criterion")
_UNSPACED = r"([\w.-]+):(?!:|//)(\S+)"  # `lr:3e-3`, which is a text
_FALSE, _TRUE = ("no", "off", "false"), ("yes", "on", "true")
Located = Callable[[str], object]

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 60


def place_problems(plan: Plan, located: Located) -> Iterator[Problem]:
    """What cannot serve at its place, as far as that is certain; `located` gives what a `_target_` names."""
    for owner in (plan.call_at((SYSTEM,)), plan.call_at((TRAINER,))):
        if owner is None or not _is_known(owner):
            continue
        judge = _Judge(plan, located, owner)
        for place, kind in kinds_of(owner.place, owner.node):
            if (argument := plan.values.get(place)) is not None:
                yield from judge.problems(argument, place, kind)
        yield from judge.untrained() if owner.place == (SYSTEM,) else ()


def require_fitting(owner: Call, arguments: Mapping[str, Any]) -> None:
    """Raises ConfigError where something that was built for a System or a Trainer cannot serve at its place."""
    kinds = kinds_of(owner.place, owner.node) if _is_known(owner) else ()
    found = [
        Problem(
            f"'{text(at)}' takes {kind.called}, not {_SHORT.repr(value)}",
            node_at(owner.node, at[1:]).position,
            text(at),
            _help(value, kind, place),
            code="type",
        )
        for place, kind in kinds
        for at, value in _built(arguments, place[1:], place[:1], kind)
        if not kind.is_made_later and not kind.has(type(value))
    ]
    if found:
        raise ConfigError(found)


def _is_known(owner: Call) -> bool:
    """Whether it is Lighter's own System or Lightning's Trainer, of which it is known what they take."""
    if owner.place == (TRAINER,):
        return is_lightnings(owner.name)
    return owner.place == (SYSTEM,) and means(owner.name, SYSTEM_TARGET)


def _built(value: Any, below: KeyPath, at: KeyPath, kind: Kind) -> Iterator[tuple[KeyPath, object]]:
    """The single values at a place of built arguments; those in lists and mappings each with a place of its own."""
    if below:
        inner = value.get(below[0]) if isinstance(value, Mapping) else None
        yield from _built(inner, below[1:], (*at, below[0]), kind)
    elif kind.in_lists and isinstance(value, list | tuple):
        for index, one in enumerate(value):
            yield from _built(one, (), (*at, str(index)), kind.each or kind)
    elif kind.in_mappings and isinstance(value, Mapping):
        for key, one in value.items():
            yield from _built(one, (), (*at, str(key)), kind.each or kind)
    elif not _is_plain(value, kind):
        yield at, value


def _are_settings(argument: Pairs) -> bool:
    """Whether a mapping has plain values alone, as of one object whose `_target_` is missing."""
    values = [one.value if isinstance(one, Constant) else None for _, one in argument.pairs]
    return bool(values) and None not in values


def _is_plain(value: object, kind: Kind) -> bool:
    return any(value is one for one in kind.plain)


class _Judge(NamedTuple):
    """Of the arguments of one System or Trainer, as they are planned."""

    plan: Plan
    located: Located
    owner: Call

    def problems(self, argument: Argument, place: KeyPath, kind: Kind) -> Iterator[Problem]:
        """What cannot serve at a place; where it takes several, each for itself."""
        if isinstance(argument, Items) and kind.in_lists:
            for index, one in enumerate(argument.items):
                yield from self.problems(one, (*place, str(index)), kind.each or kind)
        elif isinstance(argument, Pairs) and kind.in_mappings and not (kind.each and _are_settings(argument)):
            for key, one in argument.pairs:
                yield from self.problems(one, (*place, str(key)), kind.each or kind)
        elif isinstance(argument, Items):
            yield self._told(place, kind, "a list")
        elif isinstance(argument, Pairs):
            yield self._told(place, kind, "a mapping")
        elif isinstance(argument, Constant) and not _is_plain(argument.value, kind):
            yield self._told(place, kind, _SHORT.repr(argument.value), _help(argument.value, kind, place))
        elif isinstance(argument, Use) and (call := self.plan.call_of(argument)) is not None:
            yield from self._of_call(call, place, kind)

    def _of_call(self, call: Call, place: KeyPath, kind: Kind) -> Iterator[Problem]:
        found = self._target(call)
        if call.is_handed_on and not kind.is_made_later:
            if callable(found) and not call.keywords and not kind.has(type(found)):
                what = f"'{text(place)}' takes {kind.called}, and '{MODE}: {CALLABLE}' gives {call.name} itself"
                at = call.node.entries[MODE].value.position
                yield Problem(what, at, text((*call.place, MODE)), f"leave '{MODE}' out", code="type")
        elif isinstance(found, type):
            if makes_what_it_says(found) and not kind.has(found):
                yield self._no(f"{call.name} is none", call, place, kind, derives_from(found, DATASET))
        elif (returned := _returned(found)) is not None and not kind.may_have_below(returned):
            yield self._no(
                f"{call.name} returns {returned.__name__}", call, place, kind, derives_from(returned, DATASET)
            )

    def _target(self, call: Call) -> object:
        found = self.located(call.name) if call.name else None
        return found.make if isinstance(found, Component) else found

    def _no(self, told: str, call: Call, place: KeyPath, kind: Kind, is_dataset: bool) -> Problem:
        what = f"'{text(place)}' takes {kind.called}, and {told}"
        loader = f"{{{TARGET}: torch.utils.data.DataLoader, dataset: {{{TARGET}: {call.name}}}}}"
        help = f"write '{loader}', and its arguments with it" if is_dataset and kind.in_mappings else kind.form
        return Problem(what, call.position, text((*call.place, TARGET)), help, code="type")

    def _told(self, place: KeyPath, kind: Kind, given: str, help: str = "") -> Problem:
        what = f"'{text(place)}' takes {kind.called}, not {given}"
        position = node_at(self.owner.node, place[1:]).position
        return Problem(what, position, text(place), help or kind.form, code="type")

    def untrained(self) -> Iterator[Problem]:
        """A model that has no parameters, where an optimizer is to be given some."""
        model, criterion = (self.plan.call_at(place) for place in (MODEL, _CRITERION))
        found = self._target(model) if model is not None and not model.is_handed_on else None
        loss = self._target(criterion) if criterion is not None else None
        may_have_some = not isinstance(loss, type) or not loss.__module__.startswith(("torch.", "monai."))
        if model is None or not isinstance(found, type) or may_have_some or OPTIMIZER not in self.plan.values:
            return
        if makes_what_it_says(found) and not derives_from(found, MODULE):
            what = f"{model.name} is not a torch.nn.Module, and has no parameters to be trained"
            yield Problem(what, model.position, text((*model.place, TARGET)), "derive it from torch.nn.Module")


def _returned(target: object) -> type | None:
    """The class that a function is annotated to return; None where it says nothing of what it gives."""
    if not isinstance(target, FunctionType):
        return None
    found = resolved(target.__annotations__.get("return", Any), target.__globals__)
    is_class = isinstance(found, type) and not typing.get_args(found) and not getattr(found, "_is_protocol", False)
    return found if is_class and found not in (Any, object, type(None)) else None


def _help(value: object, kind: Kind, place: KeyPath) -> str:
    """What to write for a plain value."""
    if not isinstance(value, str):
        return kind.form
    if True in kind.plain and value.lower() in (*_FALSE, *_TRUE):
        return f"write {'true' if value.lower() in _TRUE else 'false'}"
    if (pair := re.fullmatch(_UNSPACED, value)) is not None:
        return f"a space belongs after the colon: '{pair[1]}: {pair[2]}'"
    if value.endswith(SUFFIXES):
        return f"for the file, write '_base_: {{{text(place)}: {value}}}'"
    last, known = value.rpartition(".")[2], kind.known()
    begun = next((name for name in known if name.lower().startswith(last.lower())), None) if last else None
    if (near := nearest(last, known) or begun) is not None:
        return f"write '{TARGET}: {known[near]}'"
    return f"write '{TARGET}: {value}'" if all(map(str.isidentifier, value.split("."))) and "." in value else kind.form
