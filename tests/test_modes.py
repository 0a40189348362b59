"""Values by mode."""

from typing import Any

import pytest

from lighter.modes import LOSS_MODES, METRIC_MODES, by_mode
from lighter.stages import Mode


def test_the_modes_that_have_a_loss_and_metrics() -> None:
    assert {Mode.TRAIN, Mode.VAL} == LOSS_MODES
    assert {Mode.TRAIN, Mode.VAL, Mode.TEST} == METRIC_MODES


def test_values_by_mode_without_the_empty_ones() -> None:
    assert by_mode({"train": 1, Mode.VAL: 2, "test": None}, "dataloaders") == {Mode.TRAIN: 1, Mode.VAL: 2}
    assert by_mode(None, "dataloaders") == {}


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"valid": 1}, ValueError, "metrics: there is no 'valid'; did you mean 'val'?"),
        ({"predict": 1}, ValueError, "metrics: there is no 'predict'; write one of train, val, test"),
        ([1], TypeError, "metrics: a mapping from train, val, test is wanted, not [1]"),
    ],
)
def test_what_is_wrong_is_told(values: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as told:
        by_mode(values, "metrics", METRIC_MODES)
    assert str(told.value) == message
