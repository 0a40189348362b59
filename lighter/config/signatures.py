"""What a callable takes, asked without calling it."""

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lighter.config.tree import MODE, RESERVED
from lighter.errors import listing, nearest
from lighter.training.lightnings import TOP_LEVEL

# What these define is as it is annotated. A decorator from anywhere else may take other arguments than what it wraps.
_TRUSTED = TOP_LEVEL | {"torch", "torchmetrics", "lighter"}
_TRANSPARENT = _TRUSTED | {"contextlib", "typing_extensions", "warnings"}
_DEBUG = "_debug_"  # MONAI's key for what is a mode here
_MOST_WRAPPERS = 20
_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_REST = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class Fault(NamedTuple):
    """Something a callable would not accept; `argument` is the name it is about, None for the call as a whole."""

    what: str
    argument: str | None = None
    help: str = ""
    known: tuple[str, ...] = ()  # what a misspelt name may have been meant to be


def signature_of(target: Callable[..., Any]) -> inspect.Signature | None:
    """The signature of a callable; None where it cannot be known."""
    try:
        wrappers, _ = _layers(target)
        return inspect.signature(target, follow_wrapped=all(_home(one) in _TRANSPARENT for one in wrappers))
    except Exception:  # noqa: BLE001  # whatever the attributes of some object raise, only its signature is unknown
        return None


def function_of(target: Callable[..., Any]) -> Any:
    """The function that receives the arguments: for a class its `__init__` or `__new__`."""
    if not isinstance(target, type):
        return target
    for base in target.__mro__:
        for name in ("__new__", "__init__"):
            if name in base.__dict__:
                return getattr(base, name)
    return target


def is_trusted(target: Callable[..., Any]) -> bool:
    """Whether annotations of a callable are known to be true."""
    wrappers, function = _layers(target)
    homes = {_home(one) for one in wrappers}
    return homes <= _TRANSPARENT and (_home(function) or _home(target)) in _TRUSTED


def converts(target: Callable[..., Any]) -> bool:
    """Whether a decorator may change the arguments, and has only copied the annotations of what it wraps."""
    wrappers, _ = _layers(target)
    return any(
        _home(one) not in _TRANSPARENT
        and getattr(one, "__annotations__", None) == getattr(one.__wrapped__, "__annotations__", None)
        for one in wrappers
    )


def _layers(target: Callable[..., Any]) -> tuple[list[Any], Any]:
    """The wrappers that decorators have put around a function, outermost first, and the function."""
    function = function_of(target)
    wrappers: list[Any] = []
    while len(wrappers) < _MOST_WRAPPERS and (inner := getattr(function, "__wrapped__", None)) is not None:
        wrappers.append(function)
        function = inner
    return wrappers, function


def _home(function: Any) -> str:
    """The package that a function is defined in; a wrapper is given the `__module__` of what it wraps."""
    known = getattr(function, "__globals__", None)
    module = known.get("__name__") if isinstance(known, dict) else getattr(function, "__module__", None)
    return str(module or "").partition(".")[0]


def lacks(signature: inspect.Signature | None, name: str, positional: int, keywords: Collection[str]) -> bool:
    """Whether a call with these arguments still needs one called `name`."""
    return signature is not None and name in _missing(signature.parameters, positional, keywords)


def reserved_name(key: str, signature: inspect.Signature | None) -> str | None:
    """The reserved key that an argument called so was meant to be, if the callable has none of this name."""
    if key[:1] != "_" or key[-1:] != "_" or (signature is not None and key in signature.parameters):
        return None
    if key == _DEBUG:
        return MODE
    if signature is not None and all(p.kind is not p.VAR_KEYWORD for p in signature.parameters.values()):
        return nearest(key, RESERVED)
    from difflib import get_close_matches  # as in `nearest`

    # Where any name is taken, only a slip of the hand is told.
    return next(iter(get_close_matches(key, RESERVED, n=1, cutoff=0.8)), None)


def faults(
    name: str, signature: inspect.Signature, positional: int, keywords: Collection[str], partial: bool
) -> Iterator[Fault]:
    """What is wrong with a call of the callable called `name`; a partial one may lack arguments."""
    parameters = signature.parameters
    by_position = [p.name for p in parameters.values() if p.kind in _BY_POSITION]
    most, is_limited = len(by_position), all(p.kind is not p.VAR_POSITIONAL for p in parameters.values())
    if positional > most and is_limited:
        what = f"{name} takes {most or 'no'} positional argument{'' if most == 1 else 's'}, '_args_' gives {positional}"
        yield Fault(what, "_args_", _takes(parameters))
    yield from _unknown(name, parameters, keywords)
    for key in keywords:
        if key in by_position[:positional] and parameters[key].kind is not inspect.Parameter.POSITIONAL_ONLY:
            yield Fault(f"{name} gets '{key}' twice: in '_args_' and by name", key, "leave one out")
    # The arguments that misspelt ones were meant to be are not reported as missing as well.
    meant = {nearest(key, parameters) for key in keywords if key not in parameters}
    missing = [] if partial else _missing(parameters, positional, {*keywords, *meant})
    if missing:
        yield missing_fault(name, missing, parameters[missing[0]].kind is inspect.Parameter.POSITIONAL_ONLY)


def missing_fault(name: str, missing: Sequence[str], by_position: bool = False) -> Fault:
    """That a callable needs these arguments, the first of them perhaps by position only."""
    names = " and ".join(f"'{key}'" for key in missing)
    plural = "s" if len(missing) > 1 else ""
    help = "write it in '_args_: [...]'" if by_position else f"write '{missing[0]}: ...'"
    return Fault(f"{name} needs the argument{plural} {names}", None, help)


def _unknown(name: str, parameters: Mapping[str, inspect.Parameter], keywords: Collection[str]) -> Iterator[Fault]:
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()):
        return
    accepted = [p.name for p in parameters.values() if p.kind in _BY_NAME]
    for key in keywords:
        if key in accepted:
            continue
        if key in parameters and parameters[key].kind is inspect.Parameter.POSITIONAL_ONLY:
            yield Fault(f"{name} takes '{key}' by position only", key, "write it in '_args_: [...]'")
            continue
        close = nearest(key, accepted)
        help = _below(key) or (f"did you mean '{close}'?" if close else _takes(parameters))
        yield Fault(f"{name} takes no argument '{key}'", key, help, tuple(accepted))


def _below(key: str) -> str:
    """What to write for a key that is a place: only at the top of a file do such keys mean what is below."""
    inner = f"{key.replace('::', ': {')}: ...{'}' * key.count('::')}"
    return f"write '{inner}'; a place joined by '::' stands at the top of a file" if "::" in key else ""


def _missing(
    parameters: Mapping[str, inspect.Parameter], positional: int, keywords: Collection[str | None]
) -> list[str]:
    by_position = [p.name for p in parameters.values() if p.kind in _BY_POSITION]
    return [
        p.name
        for p in parameters.values()
        if p.kind not in _REST
        and p.default is inspect.Parameter.empty
        and (p.name not in keywords or p.kind is inspect.Parameter.POSITIONAL_ONLY)
        and p.name not in by_position[:positional]
    ]


def _takes(parameters: Mapping[str, inspect.Parameter]) -> str:
    names = [p.name for p in parameters.values() if p.kind not in _REST]
    return f"it takes {listing(names)}" if names else "it takes no arguments"
