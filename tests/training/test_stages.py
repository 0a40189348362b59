"""The one table of what a stage is and needs."""

from typing import Any

import pytest

from lighter.training.stages import LOSS_MODES, METRIC_MODES, STAGES, Mode, Stage, by_mode


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_is_in_the_table(stage):
    needs = STAGES[stage]
    assert needs.loader in needs.modes
    assert needs.metrics <= needs.modes
    assert needs.criterion or not needs.optimizer


def test_every_mode_is_run_by_a_stage():
    assert set().union(*(needs.modes for needs in STAGES.values())) == set(Mode)
    assert {needs.loader for needs in STAGES.values()} == set(Mode)


@pytest.mark.parametrize(
    ("stage", "loader", "modes", "criterion", "optimizer"),
    [
        ("fit", "train", {"train", "val"}, True, True),
        ("validate", "val", {"val"}, True, False),
        ("test", "test", {"test"}, True, False),
        ("predict", "predict", {"predict"}, False, False),
    ],
)
def test_what_a_stage_needs(stage, loader, modes, criterion, optimizer):
    needs = STAGES[Stage(stage)]
    assert (needs.loader, needs.modes, needs.criterion, needs.optimizer) == (loader, modes, criterion, optimizer)


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        STAGES[Stage.FIT] = STAGES[Stage.TEST]
    with pytest.raises(AttributeError):
        STAGES[Stage.FIT].criterion = False


def test_names_are_texts():
    assert (f"{Stage.FIT}", f"{Mode.VAL}") == ("fit", "val")
    assert [str(stage) for stage in Stage] == ["fit", "validate", "test", "predict"]


def test_the_modes_that_have_a_loss_and_metrics() -> None:
    assert {Mode.TRAIN, Mode.VAL, Mode.TEST} == LOSS_MODES
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
