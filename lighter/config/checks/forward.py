"""What a step of Lighter's System calls, the model and the criterion: whether they can be, as their classes show."""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from lighter.config.key_path import SEPARATOR, KeyPath, text
from lighter.config.plan import Call, Items, Plan
from lighter.config.schema import ADAPTER_PARTS, ADAPTERS, SYSTEM, SYSTEM_TARGET, means, metric_names
from lighter.config.signatures import faults, signature_of
from lighter.config.tree import TARGET, Mapping, Scalar, walk
from lighter.errors import Problem, nearest, respelt, suggestion
from lighter.training.stages import SOURCES, Mode

_MODEL, _CRITERION, _INFERER = ((SYSTEM, name) for name in ("model", "criterion", "inferer"))
_FORWARD, _CALL = "forward", "__call__"
_ADAPTER, _METRICS, _ARGUMENTS = "criterion", "metrics", "arguments"
_OF_ADAPTER = (_ARGUMENTS, "transforms")
_ONLY_READING = ("__init__", "super", "isinstance", "type", "len", "print", "hasattr", "getattr", "id", "repr", "str")
_MODES = (Mode.TRAIN, Mode.VAL, Mode.TEST)

Located = Callable[[str], object]


def step_problems(plan: Plan, located: Located) -> Iterator[Problem]:
    """What a run's steps could not call, as far as that is certain; `located` gives what a `_target_` names."""
    system = plan.call_at((SYSTEM,))
    if system is None or not means(system.name, SYSTEM_TARGET):
        return
    # An inferer may call anything of the model.
    for place in (_MODEL, _CRITERION) if _INFERER not in plan.values else (_CRITERION,):
        call = plan.call_at(place)
        if call is not None and (problem := _not_callable(call, located)) is not None:
            yield problem
    for below in ((), (Mode.TRAIN,), (Mode.VAL,)):
        place = (*ADAPTERS, *below, _ADAPTER)
        adapter = plan.call_at(place)
        yield from _of_arguments(plan.call_at(_CRITERION), adapter, located)
        if adapter is not None and means(adapter.name, ADAPTER_PARTS[_ADAPTER]):
            yield from _of_sources(adapter)
    for one in (None, *_MODES):
        adapter = plan.call_at((*ADAPTERS, _METRICS) if one is None else (*ADAPTERS, one, _METRICS))
        known = [metric_names(system.node, mode) for mode in (_MODES if one is None else (one,))]
        if adapter is None or not means(adapter.name, ADAPTER_PARTS[_METRICS]):
            continue
        yield from _of_sources(adapter)
        if None not in known:
            names = {name for found in known for name in found or ()}
            yield from _of_names(adapter.node, adapter.place, "", sorted(names))


def _not_callable(call: Call, located: Located) -> Problem | None:
    """What is wrong with a class whose objects nothing can be given to."""
    target = located(call.name) if call.name and not call.is_handed_on else None
    if not isinstance(target, type) or not makes_what_it_says(target) or _may_be_called(target):
        return None
    method = _FORWARD if _is_module(target) else _CALL
    own = [name for base in _written(target) for name in vars(base) if name[:2] != "__"]
    near = nearest(method, own)
    what = f"{call.name} has no '{method}', which is called with each batch"
    help = f"is '{near}' meant to be it? Name it '{method}'" if near else f"define '{method}' in the class"
    return Problem(what, call.position, text((*call.place, TARGET)), help)


def makes_what_it_says(target: type) -> bool:
    """Whether a call of the class certainly makes an object of it."""
    return type(target).__call__ is type.__call__ and not any("__new__" in vars(base) for base in target.__mro__[:-1])


def _may_be_called(target: type) -> bool:
    """Whether objects of a class may be callable: they are, or some code of it may make them so."""
    if not _is_module(target):
        return any({_CALL, "__getattr__"} & vars(base).keys() for base in target.__mro__)
    is_torchs = getattr(target, _FORWARD) is _module().forward and target.__call__ is _module().__call__
    return not is_torchs or any(_mentions_forward(base) or _hands_out(base) for base in _written(target))


def _written(target: type) -> list[type]:
    """The class and what it derives from, without torch's own."""
    return [base for base in target.__mro__ if base.__module__.partition(".")[0] not in ("builtins", "torch")]


def _module() -> Any:
    return getattr(sys.modules.get("torch.nn"), "Module", None)


def _is_module(target: type) -> bool:
    return isinstance(_module(), type) and issubclass(target, _module())


def _mentions_forward(base: type) -> bool:
    """Whether some code of a class may give its objects a `forward` of their own."""
    codes = [value.__code__ for value in vars(base).values() if isinstance(value, FunctionType)]
    return any(_FORWARD in code.co_names or _FORWARD in _texts(code) for code in codes)


def _hands_out(base: type) -> bool:
    """Whether some code of a class may give its object to a function, which may assign a `forward`."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
    except (OSError, TypeError, SyntaxError):
        return True  # nobody can say
    known = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        known |= {id(argument) for argument in call.args} if name in _ONLY_READING else set()
    return any(isinstance(node, ast.Name) and node.id == "self" and id(node) not in known for node in ast.walk(tree))


def _texts(code: CodeType) -> Iterator[object]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from constant.co_names
            yield from _texts(constant)
        else:
            yield constant


def _of_arguments(criterion: Call | None, adapter: Call | None, located: Located) -> Iterator[Problem]:
    """What an adapter gives to the criterion by name, and the criterion does not take."""
    if criterion is None or adapter is None or not means(adapter.name, ADAPTER_PARTS[_ADAPTER]):
        return
    given = adapter.node.get(_ARGUMENTS)
    called = _called(criterion, located) if criterion.name else None
    if not isinstance(given, Mapping) or given.is_call or called is None:
        return
    name, function, is_bound = called
    signature = signature_of(function)
    if signature is None:
        return
    bound = criterion.keywords if criterion.is_handed_on else ()
    place = (*adapter.place, _ARGUMENTS)
    names = [key for key, entry in given.entries.items() if not isinstance(entry.key, int)]  # a number is a position
    positions = len(given.entries) - len(names) + int(is_bound)
    for fault in faults(name, signature, positions, [*bound, *names], partial=False):
        entry = given.entries.get(fault.argument or "")
        if entry is not None:
            yield Problem(fault.what, entry.position, text((*place, str(entry.key))), fault.help)
        elif fault.argument is None:
            yield Problem(fault.what, given.position, text(place), fault.help)


def _of_sources(adapter: Call) -> Iterator[Problem]:
    """Arguments that are no part of what a step has."""
    for place, node in walk(adapter.node):
        is_argument = place[-2:-1] == (_ARGUMENTS,) or (place[-3:-2] == (_ARGUMENTS,) and place[-1] == "of")
        if not is_argument or not isinstance(node, Scalar) or not isinstance(node.value, str):
            continue
        if (source := node.value.partition(SEPARATOR)[0]) not in SOURCES:
            help = suggestion(source, SOURCES, "write one of")
            what, edit = f"a step has no '{source}'", respelt(source, SOURCES, node.position)
            yield Problem(what, node.position, text((*adapter.place, *place)), help, code="name", edit=edit)


def _of_names(adapter: Mapping, place: KeyPath, above: str, names: list[str]) -> Iterator[Problem]:
    """What an adapter has for metrics of a name that there is not."""
    for key, entry in adapter.entries.items():
        name, at = f"{above}{key}", (*place, key)
        if key in _OF_ADAPTER or str(key).startswith("_"):
            continue
        if not any(known == name or known.startswith(f"{name}/") for known in names):
            groups = {known.rpartition("/")[0] for known in names} - {""}
            help = suggestion(name, [*sorted(groups), *names, *_OF_ADAPTER], "known are")
            yield Problem(f"there is no metric '{name}'", entry.position, text(at), help, code="name")
        elif isinstance(entry.value, Mapping) and not entry.value.is_call:
            yield from _of_names(entry.value, at, f"{name}/", names)


def _called(criterion: Call, located: Located) -> tuple[str, Callable[..., Any], bool] | None:
    """The function that a step calls: its name, itself, and whether its first argument is the object it belongs to."""
    name, target = criterion.name, located(criterion.name)
    if criterion.is_handed_on:
        has_positional = not isinstance(criterion.positional, Items) or criterion.positional.items
        return (name, target, False) if isinstance(target, FunctionType) and not has_positional else None
    if not isinstance(target, type) or not makes_what_it_says(target):
        return None
    method = _FORWARD if _is_module(target) and target.__call__ is _module().__call__ else _CALL
    function = next((vars(base)[method] for base in target.__mro__ if method in vars(base)), None)
    if not isinstance(function, FunctionType) or (_is_module(target) and function is _module().forward):
        return None
    return f"{name}.{method}" if method == _FORWARD else name, function, True
