"""Which adapters a mode uses."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lighter.training.adapters.accessors import SEPARATOR, Transforms, check_names, functions_by_source
from lighter.training.adapters.batch import BatchAdapter
from lighter.training.adapters.calls import CriterionAdapter, MetricsAdapter
from lighter.training.stages import Mode


class LoggingAdapter:
    """Makes the step's output, which callbacks get: identifier, input, target, pred, loss, step and epoch.

    Args:
        transforms: for `input`, `target` or `pred` a function, or a list of them, that changes it on the way.
    """

    def __init__(self, transforms: Mapping[str, Transforms] | None = None) -> None:
        self._transforms = tuple(functions_by_source(transforms, type(self).__name__).items())

    def __call__(self, output: dict[str, Any]) -> dict[str, Any]:
        """The output itself, changed: a mapping with identifier, input, target, pred, loss, step and epoch."""
        for source, transforms in self._transforms:
            if output[source] is not None:
                for transform in transforms:
                    output[source] = transform(output[source])
        return output


KINDS: Mapping[str, Callable[..., Any]] = {
    "batch": BatchAdapter,
    "criterion": CriterionAdapter,
    "metrics": MetricsAdapter,
    "logging": LoggingAdapter,
}


class Adapters(NamedTuple):
    """The four adapters of one mode."""

    batch: BatchAdapter
    criterion: CriterionAdapter
    metrics: MetricsAdapter
    logging: LoggingAdapter


def adapters_by_mode(adapters: Mapping[str, Any] | None) -> dict[Mode, Adapters]:
    """The adapters of each mode: what is given for the mode, else what is given for all, else the default.

    A plain mapping is read as an adapter's arguments.
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
    if make is not MetricsAdapter:  # it takes names of metrics as well
        check_names(given, inspect.signature(make).parameters, f"{place}{SEPARATOR}{kind}")
    try:
        return make(**given)
    except (TypeError, ValueError) as error:
        error.add_note(f"in {place}{SEPARATOR}{kind}")
        raise
