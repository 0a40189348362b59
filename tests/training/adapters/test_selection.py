"""Which adapters a mode uses, and what the one for logging makes of a step's output."""

from typing import Any

import pytest

from lighter.training.adapters import BatchAdapter, CriterionAdapter, LoggingAdapter, MetricsAdapter, adapters_by_mode
from lighter.training.stages import Mode


def test_without_any_each_mode_has_the_defaults() -> None:
    for adapters in (adapters_by_mode(None), adapters_by_mode({})):
        for mode in Mode:
            assert type(adapters[mode].batch) is BatchAdapter
            assert type(adapters[mode].criterion) is CriterionAdapter
            assert type(adapters[mode].metrics) is MetricsAdapter
            assert type(adapters[mode].logging) is LoggingAdapter


def test_a_mode_wins_part_by_part() -> None:
    shared, own, criterion = BatchAdapter(input=0), BatchAdapter(input=1), CriterionAdapter()
    found = adapters_by_mode({"batch": shared, "val": {"batch": own}, "train": {"criterion": criterion}})
    assert found[Mode.TRAIN].batch is shared
    assert found[Mode.TRAIN].criterion is criterion
    assert found[Mode.VAL].batch is own
    assert found[Mode.PREDICT].batch is shared


def test_none_in_a_mode_brings_back_the_default() -> None:
    found = adapters_by_mode({"batch": BatchAdapter(input=0), "predict": {"batch": None}})
    assert found[Mode.PREDICT].batch(5, True) == (5, None, None)


def test_a_mapping_stands_for_the_arguments() -> None:
    found = adapters_by_mode({"train": {"batch": {"input": "image"}}})
    assert found[Mode.TRAIN].batch({"image": 1})[0] == 1


def test_a_function_may_be_an_adapter() -> None:
    def mine(batch: Any, predicts: bool) -> Any:
        return batch, None, None

    assert adapters_by_mode({"batch": mine})[Mode.VAL].batch is mine


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"bacth": {}}, ValueError, "adapters: there is no 'bacth'; did you mean 'batch'?"),
        ({"valid": {}}, ValueError, "adapters: there is no 'valid'; did you mean 'val'?"),
        ({"val": {"criterions": {}}}, ValueError, "adapters::val: there is no 'criterions'; did you mean 'criterion'?"),
        ({"val": 3}, TypeError, "adapters::val: a mapping is wanted, not 3"),
        (3, TypeError, "adapters: a mapping is wanted, not 3"),
        ({"batch": 3}, TypeError, "adapters::batch: a BatchAdapter or its arguments are wanted, not 3"),
        (
            {"train": {"batch": {"imput": 0}}},
            ValueError,
            ("adapters::train::batch: there is no 'imput'; did you mean 'input'?"),
        ),
    ],
)
def test_what_is_wrong_is_told(given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as told:
        adapters_by_mode(given)
    assert str(told.value) == message


def test_a_wrong_argument_is_told_with_its_place() -> None:
    with pytest.raises(TypeError) as told:
        adapters_by_mode({"val": {"batch": {"input": 1.5}}})
    assert told.value.__notes__ == ["in adapters::val::batch"]


def output() -> dict[str, Any]:
    return {"identifier": "a", "input": 1, "target": None, "pred": 3, "loss": 4, "step": 5, "epoch": 6}


def test_by_default_nothing_changes() -> None:
    assert LoggingAdapter()(output()) == output()


def test_transforms_change_what_is_there() -> None:
    def double(value: Any) -> Any:
        return value * 2

    adapter = LoggingAdapter(transforms={"pred": [double, double], "target": double})
    assert adapter(output()) == {**output(), "pred": 12}


def test_an_unknown_source_is_refused() -> None:
    with pytest.raises(ValueError, match=r"LoggingAdapter\(transforms\): there is no 'loss'"):
        LoggingAdapter(transforms={"loss": abs})
