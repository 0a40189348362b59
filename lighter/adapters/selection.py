"""Which adapters a mode uses."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lighter.adapters.accessors import SEPARATOR
from lighter.adapters.batch import BatchAdapter
from lighter.adapters.calls import CriterionAdapter, MetricsAdapter
from lighter.adapters.output import LoggingAdapter
from lighter.adapters.transforms import check_names
from lighter.stages import Mode

KINDS: Mapping[str, Callable[..., Any]] = {
    "batch": BatchAdapter,
    "criterion": CriterionAdapter,
    "metrics": MetricsAdapter,
    "logging": LoggingAdapter,
}

__all__ = ["Adapters", "adapters_by_mode"]


@dataclass(frozen=True, slots=True)
class Adapters:
    """The four adapters of one mode."""

    batch: BatchAdapter
    criterion: CriterionAdapter
    metrics: MetricsAdapter
    logging: LoggingAdapter


def adapters_by_mode(adapters: Mapping[str, Any] | None) -> dict[Mode, Adapters]:
    """The adapters of each mode: what is given for the mode, else what is given for all, else the default.

    A plain mapping stands for an adapter's arguments.
    Raises TypeError and ValueError, naming the place, where a name or a value is not right.
    """
    adapters = _mapping(adapters, "adapters")
    check_names(adapters, (*KINDS, *Mode), "adapters")
    shared = {kind: (adapters[kind], "adapters") for kind in KINDS if kind in adapters}
    selected = {}
    for mode in Mode:
        place = f"adapters{SEPARATOR}{mode}"
        own = _mapping(adapters.get(mode), place)
        check_names(own, KINDS, place)
        given = shared | {kind: (value, place) for kind, value in own.items()}
        selected[mode] = Adapters(**{kind: _adapter(kind, *given.get(kind, (None, ""))) for kind in KINDS})
    return selected


def _mapping(given: Mapping[str, Any] | None, place: str) -> Mapping[str, Any]:
    if given is not None and not isinstance(given, Mapping):
        raise TypeError(f"{place}: a mapping is wanted, not {given!r}")
    return given or {}


def _adapter(kind: str, given: Any, place: str) -> Any:
    make = KINDS[kind]
    if given is None:
        return make()
    if callable(given):
        return given
    if not isinstance(given, Mapping):
        raise TypeError(f"{place}{SEPARATOR}{kind}: a {make.__name__} or its arguments are wanted, not {given!r}")
    check_names(given, inspect.signature(make).parameters, f"{place}{SEPARATOR}{kind}")
    try:
        return make(**given)
    except (TypeError, ValueError) as error:
        error.add_note(f"in {place}{SEPARATOR}{kind}")
        raise
