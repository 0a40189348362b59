"""The one table of what a stage is and needs."""

import dataclasses

import pytest

from lighter.stages import STAGES, Mode, Stage


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
        ("test", "test", {"test"}, False, False),
        ("predict", "predict", {"predict"}, False, False),
    ],
)
def test_what_a_stage_needs(stage, loader, modes, criterion, optimizer):
    needs = STAGES[Stage(stage)]
    assert (needs.loader, needs.modes, needs.criterion, needs.optimizer) == (loader, modes, criterion, optimizer)


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        STAGES[Stage.FIT] = STAGES[Stage.TEST]
    with pytest.raises(dataclasses.FrozenInstanceError):
        STAGES[Stage.FIT].criterion = False


def test_names_are_texts():
    assert (f"{Stage.FIT}", f"{Mode.VAL}") == ("fit", "val")
    assert [str(stage) for stage in Stage] == ["fit", "validate", "test", "predict"]
