"""What a callable takes, asked without calling it."""

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lighter.errors import listing, nearest

# A decorator may take other arguments than what it wraps; here it is known not to.
_TRUSTED = ("torch", "pytorch_lightning", "lightning", "lightning_fabric", "torchmetrics", "lighter")
_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_BY_NAME = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_REST = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)

__all__ = ["Fault", "faults", "function_of", "is_trusted", "lacks", "signature_of"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something a callable would not accept; `argument` is the name it is about, None for the call as a whole."""

    what: str
    argument: str | None = None
    help: str = ""


def signature_of(target: Callable[..., Any]) -> inspect.Signature | None:
    """The signature of a callable; None where it cannot be known."""
    try:
        return inspect.signature(target, follow_wrapped=is_trusted(target))
    except (ValueError, TypeError):
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
    """Whether annotations and decorators of a callable are known to tell the truth."""
    module = getattr(function_of(target), "__module__", None) or getattr(target, "__module__", None) or ""
    return str(module).partition(".")[0] in _TRUSTED


def lacks(target: Callable[..., Any], name: str, positional: int, keywords: Collection[str]) -> bool:
    """Whether a call with these arguments still needs one called `name`."""
    signature = signature_of(target)
    return signature is not None and name in _missing(signature.parameters, positional, keywords)


def faults(
    name: str, signature: inspect.Signature, positional: int, keywords: Collection[str], partial: bool
) -> Iterator[Fault]:
    """What is wrong with a call of the callable called `name`; a partial one may lack arguments."""
    parameters = signature.parameters
    yield from _too_many(name, parameters, positional)
    yield from _unknown(name, parameters, keywords)
    by_position = [p.name for p in parameters.values() if p.kind in _BY_POSITION]
    for key in keywords:
        if key in by_position[:positional]:
            yield Fault(f"{name} gets '{key}' twice: in '_args_' and by name", key, "leave one out")
    missing = [] if partial else _missing(parameters, positional, keywords)
    if missing:
        names = " and ".join(f"'{key}'" for key in missing)
        plural = "s" if len(missing) > 1 else ""
        yield Fault(f"{name} needs the argument{plural} {names}", None, f"write '{missing[0]}: ...'")


def _too_many(name: str, parameters: Mapping[str, inspect.Parameter], positional: int) -> Iterator[Fault]:
    most = sum(p.kind in _BY_POSITION for p in parameters.values())
    unlimited = any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters.values())
    if positional > most and not unlimited:
        what = f"{name} takes {most or 'no'} positional argument{'' if most == 1 else 's'}, '_args_' gives {positional}"
        yield Fault(what, "_args_", _takes(parameters))


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
        close = nearest(key, [k for k in accepted if k not in keywords])
        yield Fault(f"{name} takes no argument '{key}'", key, f"did you mean '{close}'?" if close else _takes(parameters))


def _missing(parameters: Mapping[str, inspect.Parameter], positional: int, keywords: Collection[str]) -> list[str]:
    by_position = [p.name for p in parameters.values() if p.kind in _BY_POSITION]
    return [
        p.name
        for p in parameters.values()
        if p.kind not in _REST
        and p.default is inspect.Parameter.empty
        and p.name not in keywords
        and p.name not in by_position[:positional]
    ]


def _takes(parameters: Mapping[str, inspect.Parameter]) -> str:
    names = [p.name for p in parameters.values() if p.kind not in _REST]
    return f"it takes {listing(names)}" if names else "it takes no arguments"
