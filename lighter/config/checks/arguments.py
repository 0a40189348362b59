"""Whether the values of a call's arguments can be right: by annotation, pydantic model, or an optimizer's signature."""

import collections.abc
import enum
import inspect
import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator
from reprlib import Repr
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from lighter.config.annotations import field_types, is_called, is_model, options
from lighter.config.by_name import listed
from lighter.config.checks.pydantic_models import faults_of_names, faults_of_values
from lighter.config.conversion import Conversion, believed, chosen
from lighter.config.fitting import MAPPINGS, MODULE, Fit, fit, takes_text
from lighter.config.key_path import KeyPath, text
from lighter.config.plan import Argument, Call, Constant, Items, Later, Plan, Use, is_known, known, plain
from lighter.config.scalars import WORDS_OF_YAML_1_1, read_scalar, reads_as_text
from lighter.config.schema import PARAMETERS, PARAMETERS_TARGET
from lighter.config.signatures import faults, is_trusted, signature_of
from lighter.config.tree import ARGS, CALLABLE, CHECK, MODE, TARGET, Mapping, Node, Sequence, child, find
from lighter.errors import Edit, Problem, listing, nearest, suggestion

_WANTED = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
    list: "a list",
    dict: "a mapping",
}
_TENSORS = ("<class 'torch.Tensor'>", "typing.Optional[torch.Tensor]", "torch.Tensor | None")
_NOT_FINITE = r"(?i)([+-]?)(inf|infinity|nan)"  # as Python and JSON write it, not YAML
_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 60


def value_problems(call: Call, name: str, target: Callable[..., Any]) -> Iterator[Problem]:
    """The values of a call that cannot be what its target's annotations say, of those that are known."""
    if not call.is_checked:
        return
    conversion = Conversion(target)
    for key, place, argument, node in _given(call):
        parameter = conversion.parameter(key)
        if parameter is None or isinstance(argument, (Use, Later)):
            continue
        for wrong in misfits(target, parameter, known(argument)):
            at = find(node, wrong.path) or node
            said = wrong.what or f"{name} takes {wrong.wanted} for '{parameter.name}', not {_SHORT.repr(wrong.value)}"
            where = text((*call.place, *place, *wrong.path))
            silence = (
                f"if the code takes it, '{CHECK}: false' beside '{TARGET}' silences this" if wrong.is_doubtful else ""
            )
            help = "; ".join(filter(None, (wrong.help, silence)))
            edit = Edit(at.position, str(wrong.value), wrong.meant) if wrong.meant else None
            yield Problem(said, at.position, where, help, code="type", edit=edit, is_warning=wrong.is_doubtful)


def _given(call: Call) -> Iterator[tuple[int | str, KeyPath, Argument, Node]]:
    """The arguments of a call by position and by name, each with its place below and its node."""
    written = call.node.get(ARGS)
    items = call.positional.items if isinstance(call.positional, Items) else ()
    if isinstance(written, Sequence) and len(items) == len(written.items):
        for at, (argument, node) in enumerate(zip(items, written.items, strict=True)):
            yield at, (ARGS, str(at)), argument, node
    for key, argument in call.keywords.items():
        yield key, (key,), listed((*call.place, key), argument), call.node.entries[key].value


def unbuilt_problems(
    call: Call, name: str, target: Callable[..., Any], plan: Plan, located: Callable[[str], object]
) -> Iterator[Problem]:
    """The classes of modules that are handed on for arguments that take modules."""
    conversion = Conversion(target)
    for key, _, argument, _ in _given(call) if call.is_checked else ():
        parameter, step = conversion.parameter(key), plan.call_of(argument)
        if parameter is None or step is None or not step.is_handed_on:
            continue
        if isinstance(parameter.default, type) and parameter.default is not inspect.Parameter.empty:
            continue
        kinds = [one for one in options(believed(target, parameter)) if one not in (None, type(None))]
        found = located(step.name) if step.name else None
        if kinds and all(is_called(one, MODULE) for one in kinds) and _is_class_of_module(found):
            what = f"{name} takes what {step.name} makes for '{parameter.name}', '{MODE}: {CALLABLE}' gives it unmade"
            is_doubtful = not is_trusted(target)
            silence = f"; if the code takes it, '{CHECK}: false' beside '{TARGET}' silences this" if is_doubtful else ""
            at, place = step.node.entries[MODE].value.position, text((*step.place, MODE))
            yield Problem(what, at, place, f"leave '{MODE}' out{silence}", code="type", is_warning=is_doubtful)


def _is_class_of_module(found: object) -> bool:
    """Whether it is a class whose objects are modules of torch."""
    return isinstance(found, type) and any(is_called(base, MODULE) for base in found.__mro__)


class Misfit(NamedTuple):
    """A value that is not what is annotated: what that is, or what is wrong, and where below the argument."""

    wanted: str
    value: object
    help: str = ""
    is_doubtful: bool = False  # the code may well take it
    path: KeyPath = ()
    what: str = ""
    meant: str = ""  # what to write instead, where that is certain


def misfits(target: Callable[..., Any], parameter: inspect.Parameter, value: object) -> Iterator[Misfit]:
    """What of a value cannot be what an argument takes; nothing where it can, or nobody knows."""
    annotation, default, is_true = believed(target, parameter), parameter.default, is_trusted(target)
    takes_null = default is None or fit(None, annotation) is not Fit.NO
    if value is None:
        # Much code takes None for "off" or "as usual" without saying so; for false all code does.
        if not takes_null:
            is_doubtful = not is_true or annotation is bool
            yield Misfit(_shown(annotation), None, _instead_of_null(annotation, default), is_doubtful)
    elif (word := _word(value, annotation, default, takes_null)) is not None:
        yield word
    elif is_true and str(annotation) in _TENSORS and isinstance(value, (int, float, list)):
        yield Misfit("a tensor", value, f'write "$torch.tensor({value})"')
    else:
        yield from _misfits(value, annotation, is_true, ())


def _instead_of_null(annotation: Any, default: object) -> str:
    has_default = default is not inspect.Parameter.empty
    return "; ".join(filter(None, (_help(None, annotation), "leave it out for its default" if has_default else "")))


def _misfits(value: object, annotation: Any, is_true: bool, path: KeyPath) -> Iterator[Misfit]:
    found = fit(value, annotation)
    if isinstance(value, dict) and (kind := chosen(value, annotation)) is not None:
        yield from _misfits_of_fields(value, kind, is_true, path)
    elif found is not Fit.YES:
        is_doubtful = found is Fit.LIKELY or (found is Fit.UNLIKELY and not is_true)
        yield Misfit(_shown(annotation), value, _help(value, annotation), is_doubtful, path)
    else:
        for key, below, of in _below(value, annotation):
            yield from _misfits(below, of, is_true, (*path, key))


def _below(value: object, annotation: Any) -> Iterator[tuple[str, object, Any]]:
    """The mappings in a list or mapping, each with what is annotated there."""
    for option in options(annotation):
        of, is_mapping = get_args(option), get_origin(option) in MAPPINGS
        if isinstance(value, list) and of and not is_mapping:
            wanted = of if get_origin(option) is tuple and of[-1] is not Ellipsis else of[:1] * len(value)
            yield from ((str(at), one, kind) for at, (one, kind) in enumerate(zip(value, wanted, strict=False)))
        elif isinstance(value, dict) and len(of) > 1 and is_mapping:
            yield from ((str(key), one, of[1]) for key, one in value.items())


def _misfits_of_fields(value: dict[str, object], kind: Any, is_true: bool, path: KeyPath) -> Iterator[Misfit]:
    """What is wrong with a mapping that a dataclass, or a model of pydantic's, is made of."""
    if is_model(kind):
        given = {key: one for key, one in value.items() if is_known(one)}
        for refused in faults_of_values(kind, given, len(given) == len(value)):
            yield Misfit("", value, refused.help, False, (*path, *refused.path), f"{kind.__name__}: {refused.said}")
    signature = signature_of(kind)
    if is_model(kind):
        of_names = faults_of_names(kind.__name__, kind, value, partial=False)
    else:
        of_names = faults(kind.__name__, signature, 0, value, partial=False) if signature is not None else iter(())
    for fault in of_names:
        below = (fault.argument,) if fault.argument is not None else ()
        yield Misfit("", value, fault.help, False, (*path, *below), fault.what)
    for name, annotation in field_types(kind).items() if not is_model(kind) else ():
        if name in value:
            for wrong in _misfits(value[name], annotation, is_true, (*path, name)):
                said = f"{kind.__name__} takes {wrong.wanted} for '{name}', not {_SHORT.repr(wrong.value)}"
                yield wrong._replace(what=wrong.what or said)


def _word(value: object, annotation: Any, default: object, takes_null: bool) -> Misfit | None:
    """A word that YAML 1.1 has for true, false or null, where one of these is meant."""
    meant = WORDS_OF_YAML_1_1.get(value.lower()) if isinstance(value, str) else None
    takes_boolean = any(option is bool for option in options(annotation)) or isinstance(default, bool)
    if meant is None or value == "none" or not takes_boolean:
        return None
    wanted = _shown(annotation) if annotation is not Any else "true or false"
    is_text = annotation is not Any and takes_text(annotation)
    if meant == "null" and not takes_null:
        return Misfit(wanted, value, "write true or false", is_text)
    return Misfit(wanted, value, f"write {meant}", is_text, meant="" if is_text else meant)


def _shown(annotation: Any) -> str:
    if get_origin(annotation) is typing.Annotated:
        return _shown(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return " or ".join("null" if a in (None, type(None)) else _shown(a) for a in get_args(annotation))
    if get_origin(annotation) is Literal:
        return f"one of {', '.join(map(repr, get_args(annotation)))}"
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return f"{annotation.__name__} ({listing(annotation.__members__)})"
    return annotation.__name__ if isinstance(annotation, type) and not get_args(annotation) else str(annotation)


def _help(value: object, annotation: Any) -> str:
    wanted = f"write {_WANTED[annotation]}" if isinstance(annotation, type) and annotation in _WANTED else ""
    not_finite = re.fullmatch(_NOT_FINITE, value) if isinstance(value, str) else None
    if not_finite is not None and fit(0.5, annotation) is Fit.YES:
        return f"write {not_finite[1].strip('+')}.{not_finite[2][:3].lower()}"
    choice = [str(one) for option in options(annotation) for one in _choice(option)]
    if isinstance(value, (int, float)) and str(value) in choice:
        return f"write it in quotes: '{value}'"
    if not isinstance(value, str):
        return wanted
    if value == "None" and fit(None, annotation) is Fit.YES:
        return "write null"
    if choice:
        return suggestion(value, choice)
    kinds = [get_origin(one) or one for one in options(annotation)]
    if collections.abc.Callable in kinds or type in kinds:
        return f"write '{{{TARGET}: {value}, {MODE}: {CALLABLE}}}', with its whole name"
    if any(is_called(one, MODULE) for one in kinds):
        return f"write '{{{TARGET}: {value}}}', with its whole name"
    return "write it without quotes" if not reads_as_text(value) and _fits_bare(value, annotation) else wanted


def _fits_bare(written: str, annotation: Any) -> bool:
    return fit(read_scalar(written), annotation) is Fit.YES


def _choice(option: Any) -> Iterable[object]:
    """The names or values that a Literal or an Enum leaves the choice of."""
    if get_origin(option) is Literal:
        return get_args(option)
    return option.__members__ if isinstance(option, type) and issubclass(option, enum.Enum) else ()


def model_problems(call: Call, name: str, model: Any) -> Iterator[Problem]:
    """The values that a model of pydantic's does not take, of those that are known before anything is built."""
    given = {key: plain(argument) for key, argument in call.keywords.items() if argument.is_plain}
    is_whole = len(given) == len(call.keywords) and isinstance(call.positional, Items) and not call.positional.items
    for fault in faults_of_values(model, given, is_whole) if call.is_checked else ():
        path = _path(call.node, fault.path)
        value = find(call.node, path) if path else call.node
        lacking = f" in '{text(fault.path)}'" if len(path) < len(fault.path) else ""
        said, separator, shown = fault.said.partition("; it is ")
        position = value.position if value is not None else call.position
        what = f"{name}: {said}{lacking}{separator}{shown}"
        yield Problem(what, position, text((*call.place, *path)), fault.help, code="type")


def _path(node: Node, path: KeyPath) -> KeyPath:
    """As much of a model's own path as is in the config: what lacks is not, nor is the choice of a union."""
    found: list[str] = []
    below: Node | None = node
    for step in path:
        if below is None or (below := child(below, step)) is None:
            break
        found.append(step)
    return tuple(found)


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
