"""What a component's pydantic model says of the arguments that a config gives it."""

from collections.abc import Iterator, Mapping
from reprlib import Repr
from typing import Any

from lighter.config.key_path import KeyPath, text
from lighter.config.plan import Call, plain
from lighter.config.tree import Node, child, find
from lighter.errors import Problem
from lighter.project.registry import Component

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 60


def model_problems(call: Call, component: Component) -> Iterator[Problem]:
    """The values that the model does not take, of those that are known before anything is built."""
    known = {name: plain(argument) for name, argument in call.keywords.items() if argument.is_plain}
    is_whole = len(known) == len(call.keywords)
    for fault in _faults(component.config, known):
        loc: tuple[Any, ...] = fault["loc"]
        # A rule about the model as a whole cannot be asked as long as a part of it is not known.
        if _is_of_value(fault, known) if loc else is_whole:
            path = _path(call.node, loc)
            value = find(call.node, path) if path else call.node
            what = f"{component.written}: {_said(fault, is_part=len(path) == len(loc))}"
            position = value.position if value is not None else call.position
            yield Problem(what, position, text((*call.place, *path)), _description(component.config, loc))


def _is_of_value(fault: Any, known: Mapping[str, Any]) -> bool:
    """Whether it is about a value; what lacks and what is too much is told of every target in one way."""
    return fault["loc"][0] in known and (len(fault["loc"]) > 1 or fault["type"] not in ("missing", "extra_forbidden"))


def _faults(model: Any, known: Mapping[str, Any]) -> list[Any]:
    from pydantic import ValidationError

    try:
        model.model_validate(known)
    except ValidationError as error:
        return error.errors(include_url=False)
    return []


def _path(node: Node, loc: tuple[Any, ...]) -> KeyPath:
    """As much of a model's own path as stands in the config: what lacks does not, nor does the choice of a union."""
    path: list[str] = []
    below: Node | None = node
    for step in map(str, loc):
        if below is None or (below := child(below, step)) is None:
            break
        path.append(step)
    return tuple(path)


def _said(fault: Any, is_part: bool) -> str:
    """The model's words, with the value that they are about."""
    said = fault["msg"][:1].lower() + fault["msg"][1:]
    lacking = "" if is_part else f" in '{text(tuple(map(str, fault['loc'])))}'"
    return f"{said}{lacking}; it is {_SHORT.repr(fault['input'])}" if fault["loc"] else said


def _description(model: Any, loc: tuple[Any, ...]) -> str:
    field = model.model_fields.get(loc[0]) if loc else None
    return str(field.description) if field is not None and field.description else ""
