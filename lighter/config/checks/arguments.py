"""Whether the values of a call's arguments can be right: by annotation, pydantic model, or an optimizer's signature."""

import collections.abc
import inspect
import os
import types
import typing
from collections.abc import Callable, Iterator
from reprlib import Repr
from typing import Any, Literal, Union, get_args, get_origin

from lighter.config.key_path import KeyPath, text
from lighter.config.plan import Call, Constant, Plan, plain
from lighter.config.scalars import read_scalar, reads_as_text
from lighter.config.schema import PARAMETERS, PARAMETERS_TARGET
from lighter.config.signatures import function_of, is_trusted
from lighter.config.tree import Mapping, Node, child, find
from lighter.errors import Problem, listing, nearest, suggestion
from lighter.project.registry import Component

_LISTS = (list, tuple, set, frozenset)
_SERIES = (*_LISTS, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_WANTED = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
    list: "a list",
    dict: "a mapping",
}
_TENSORS = ("<class 'torch.Tensor'>", "typing.Optional[torch.Tensor]", "torch.Tensor | None")
_WORDS_FOR_BOOLEANS = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def misfit(target: Callable[..., Any], parameter: inspect.Parameter, value: object) -> tuple[str, str] | None:
    """What the argument takes and a word of help, if `value` cannot be that; None where it can or nobody knows."""
    annotation, default = _annotation(target, parameter), parameter.default
    # Much code takes None for "off" or "as usual" without saying so.
    if value is None and (default is None or not (annotation is int or annotation is float) or not is_trusted(target)):
        return None
    # An annotation that its own default contradicts is no ground for a complaint.
    if default is not inspect.Parameter.empty and default is not None and not fits(default, annotation):
        return None
    if is_trusted(target) and str(annotation) in _TENSORS and isinstance(value, (int, float, list)):
        return "a tensor", f'write "$torch.tensor({value})"'
    return None if fits(value, annotation) else (_shown(annotation), _help(value, annotation))


def fits(value: object, annotation: Any) -> bool:
    """Whether a plain value may be of the annotated type; True where that is unknown."""
    if not isinstance(value, (bool, int, float, str, list, tuple, dict, type(None))):
        return True  # nothing that YAML writes: its class may be anything
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        return fits(value, get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return any(fits(value, option) for option in get_args(annotation))
    if origin is Literal:
        return value in get_args(annotation)
    if annotation is None or annotation is type(None):
        return value is None
    kind = origin or annotation
    # Anything may be an annotation, also what has no hash.
    if not isinstance(kind, type):
        return True
    # By name: a config may have nothing to do with torch.
    if f"{kind.__module__}.{kind.__qualname__}" == "torch.Tensor":
        return not isinstance(value, str)
    if kind in _FITS:
        return _FITS[kind](value)
    if kind in _MAPPINGS:
        return isinstance(value, dict)
    return _fits_series(value, kind, get_args(annotation)) if kind in _SERIES else True


def _fits_series(value: object, kind: Any, of: tuple[Any, ...]) -> bool:
    if isinstance(value, str):
        return kind not in _LISTS
    if not isinstance(value, (list, tuple, dict)):
        return not isinstance(value, (int, float, bool, type(None)))
    if kind is tuple and of and of[-1] is not Ellipsis:
        # Lists of another length are common where the annotation was written in haste: only the types count.
        return all(fits(item, option) for item, option in zip(value, of, strict=False))
    return not of or all(fits(item, of[0]) for item in value)


_FITS: dict[type, Callable[[object], bool]] = {
    int: lambda value: isinstance(value, int) or (isinstance(value, float) and value.is_integer()),
    float: lambda value: isinstance(value, (int, float)),
    bool: lambda value: isinstance(value, (bool, int, float)),
    # Numbers are taken for texts by much code that runs well.
    str: lambda value: not isinstance(value, (list, dict, type(None))),
    os.PathLike: lambda value: isinstance(value, str),
}


def _annotation(target: Callable[..., Any], parameter: inspect.Parameter) -> Any:
    """The annotation as a type; Any where it is a text that cannot be resolved."""
    annotation = parameter.annotation
    if not isinstance(annotation, str):
        return Any if annotation is inspect.Parameter.empty else annotation
    function = function_of(target)
    try:
        return typing.get_type_hints(inspect.unwrap(function)).get(parameter.name, Any)
    except Exception:  # noqa: BLE001  # any code may be in an annotation
        return Any


def _shown(annotation: Any) -> str:
    if get_origin(annotation) in (Union, types.UnionType):
        return " or ".join("null" if a in (None, type(None)) else _shown(a) for a in get_args(annotation))
    if get_origin(annotation) is Literal:
        return f"one of {', '.join(map(repr, get_args(annotation)))}"
    return annotation.__name__ if isinstance(annotation, type) and not get_args(annotation) else str(annotation)


def _help(value: object, annotation: Any) -> str:
    wanted = f"write {_WANTED[annotation]}" if isinstance(annotation, type) and annotation in _WANTED else ""
    if not isinstance(value, str):
        return wanted
    if value.lower() in _WORDS_FOR_BOOLEANS and fits(True, annotation):
        return f"write {_WORDS_FOR_BOOLEANS[value.lower()]}"
    if get_origin(annotation) is Literal:
        return suggestion(value, [str(option) for option in get_args(annotation)])
    return "write it without quotes" if not reads_as_text(value) and fits(read_scalar(value), annotation) else wanted


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


def _is_of_value(fault: Any, known: dict[str, Any]) -> bool:
    """Whether it is about a value; what lacks and what is too much is reported of every target in one way."""
    return fault["loc"][0] in known and (len(fault["loc"]) > 1 or fault["type"] not in ("missing", "extra_forbidden"))


def _faults(model: Any, known: dict[str, Any]) -> list[Any]:
    from pydantic import ValidationError

    try:
        model.model_validate(known)
    except ValidationError as error:
        return error.errors(include_url=False)
    return []


def _path(node: Node, loc: tuple[Any, ...]) -> KeyPath:
    """As much of a model's own path as is in the config: what lacks does not, nor does the choice of a union."""
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


_OF_TASK = {"multiclass": "num_classes", "multilabel": "num_labels"}


def task_problem(call: Call, name: str, signature: inspect.Signature) -> Iterator[Problem]:
    """A metric of torchmetrics that is not told how many classes its task has."""
    task = call.keywords.get("task", Constant(None))
    needed = _OF_TASK.get(str(plain(task)), "") if task.is_plain and name.startswith("torchmetrics.") else ""
    if needed in signature.parameters and needed not in call.keywords:
        what = f"{name} with the task '{plain(task)}' needs '{needed}'"
        yield Problem(what, call.node.entries["task"].value.position, text(call.place), f"write '{needed}: ...'")


SELECTORS = ("names", "except_names", "types", "dimensions")
GROUPS = "groups"


def group_problems(
    call: Call, target: Callable[..., Any], signature: inspect.Signature, plan: Plan
) -> Iterator[Problem]:
    """What the groups of an optimizer set that it does not know, as far as that is certain."""
    step = plan.call_of(call.keywords.get(PARAMETERS))
    parameters = signature.parameters.values()
    has_rest = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters)
    if step is None or step.name != PARAMETERS_TARGET or has_rest:
        return
    groups = step.node.get(GROUPS)
    known = [name for name in signature.parameters if name != PARAMETERS]
    is_torchs = getattr(target, "__module__", "").startswith("torch.")
    for name, group in groups.entries.items() if isinstance(groups, Mapping) and not groups.is_call else ():
        options = group.value.entries if isinstance(group.value, Mapping) and not group.value.is_call else {}
        for key, entry in options.items():
            near = nearest(key, (*SELECTORS, *known))
            # One of the user's own may look for what its signature does not name.
            if key not in (*SELECTORS, *known) and (is_torchs or near):
                place = text((*step.place, GROUPS, name, key))
                what = f"{getattr(target, '__name__', target)} knows no '{key}', which the group '{name}' sets"
                help = f"did you mean '{near}'?" if near else f"it knows {listing(known)}"
                yield Problem(what, entry.position, place, help)
