"""What a stage of a run is, and what it needs: the one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

__all__ = ["STAGES", "Mode", "Needs", "Stage"]


class Stage(StrEnum):
    """What a person asks for: the method of the Trainer that runs."""

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


@dataclass(frozen=True, slots=True)
class Needs:
    """What a stage uses of a System: the loader it cannot do without, all the modes it runs, what else it builds."""

    loader: Mode
    modes: frozenset[Mode]
    metrics: frozenset[Mode]
    criterion: bool = False
    optimizer: bool = False


STAGES: Mapping[Stage, Needs] = MappingProxyType(
    {
        Stage.FIT: Needs(
            Mode.TRAIN,
            modes=frozenset({Mode.TRAIN, Mode.VAL}),
            metrics=frozenset({Mode.TRAIN, Mode.VAL}),
            criterion=True,
            optimizer=True,
        ),
        Stage.VALIDATE: Needs(Mode.VAL, modes=frozenset({Mode.VAL}), metrics=frozenset({Mode.VAL}), criterion=True),
        Stage.TEST: Needs(Mode.TEST, modes=frozenset({Mode.TEST}), metrics=frozenset({Mode.TEST})),
        Stage.PREDICT: Needs(Mode.PREDICT, modes=frozenset({Mode.PREDICT}), metrics=frozenset()),
    }
)
