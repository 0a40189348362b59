"""What a stage of a run is, and what it needs: the one table."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from lighter.errors import suggestion


class Stage(StrEnum):
    """A stage of a run, the name of a command and of a method of the Trainer; each is a `str` too."""

    FIT = "fit"
    VALIDATE = "validate"
    TEST = "test"
    PREDICT = "predict"


class Mode(StrEnum):
    """What the System is doing with a batch."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"
    PREDICT = "predict"


class StageRequirements(NamedTuple):
    """What a stage uses of a System: the loader it cannot do without, all the modes it runs, what else it builds."""

    loader: Mode
    modes: frozenset[Mode]
    metrics: frozenset[Mode]
    criterion: bool = False
    optimizer: bool = False


STAGES: Mapping[Stage, StageRequirements] = MappingProxyType(
    {
        Stage.FIT: StageRequirements(
            Mode.TRAIN,
            modes=frozenset({Mode.TRAIN, Mode.VAL}),
            metrics=frozenset({Mode.TRAIN, Mode.VAL}),
            criterion=True,
            optimizer=True,
        ),
        Stage.VALIDATE: StageRequirements(
            Mode.VAL, modes=frozenset({Mode.VAL}), metrics=frozenset({Mode.VAL}), criterion=True
        ),
        Stage.TEST: StageRequirements(
            Mode.TEST, modes=frozenset({Mode.TEST}), metrics=frozenset({Mode.TEST}), criterion=True
        ),
        Stage.PREDICT: StageRequirements(Mode.PREDICT, modes=frozenset({Mode.PREDICT}), metrics=frozenset()),
    }
)

SOURCES = ("input", "target", "pred")  # what a step gives to criterion and metrics

# The modes that compute a loss, and those that have metrics.
LOSS_MODES = frozenset(mode for needs in STAGES.values() if needs.criterion for mode in needs.modes)
METRIC_MODES = frozenset(mode for needs in STAGES.values() for mode in needs.metrics)


def by_mode(values: Mapping[str, Any] | None, what: str, modes: Collection[Mode] = tuple(Mode)) -> dict[Mode, Any]:
    """The values by mode, without those that are None.

    Raises TypeError where `values` is no mapping, ValueError where a key is not one of `modes`.
    """
    known = [str(mode) for mode in Mode if mode in modes]
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise TypeError(f"{what}: a mapping from {', '.join(known)} is wanted, not {values!r}")
    for key in values:
        if key not in known:
            raise ValueError(f"{what}: there is no {key!r}; {suggestion(str(key), known, 'write one of')}")
    return {Mode(key): value for key, value in values.items() if value is not None}
