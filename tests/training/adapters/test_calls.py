"""How a criterion or a metric is called."""

from typing import Any

import pytest

from lighter.errors import RunError
from lighter.training.adapters.calls import CriterionAdapter, MetricsAdapter


def called(*args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return args, kwargs


def call(adapter: CriterionAdapter | MetricsAdapter, target: Any = 2, pred: Any = 3) -> Any:
    return adapter(called, 1, target, pred)


def double(value: Any) -> Any:
    return value * 2


def increase(value: Any) -> Any:
    return value + 1


@pytest.mark.parametrize("kind", [CriterionAdapter, MetricsAdapter])
def test_by_default_pred_and_target(kind: type[CriterionAdapter]) -> None:
    assert call(kind()) == ((3, 2), {})
    assert call(kind(), target=None) == ((3,), {})
    assert call(kind(transforms={"pred": double}), target=None) == ((6,), {})


def test_a_list_is_positional_and_a_mapping_by_name() -> None:
    assert call(CriterionAdapter(arguments=["target", "pred", "input"])) == ((2, 3, 1), {})
    assert call(CriterionAdapter(arguments={"x": "input", "y": "pred"})) == ((), {"x": 1, "y": 3})
    assert call(CriterionAdapter(arguments={1: "input", "y": "pred", 0: "target"})) == ((2, 1), {"y": 3})


def test_a_part_of_a_source() -> None:
    pred = {"logits": [5, 6], "aux": 7}
    assert call(CriterionAdapter(arguments=["pred::logits::1", "target"]), pred=pred) == ((6, 2), {})
    assert call(CriterionAdapter(arguments=[{"of": "pred", "part": "aux"}]), pred=pred) == ((7,), {})
    assert call(CriterionAdapter(arguments=[{"of": "pred", "part": len}]), pred=pred) == ((2,), {})
    with pytest.raises(RunError) as told:
        call(CriterionAdapter(arguments=["pred::logit"]), pred=pred)
    assert str(told.value) == (
        "CriterionAdapter(argument 0): pred has no key 'logit'; it is a dict with the keys logits, aux; "
        "did you mean 'logits'?"
    )


def test_transforms_of_a_source_come_before_those_of_an_argument() -> None:
    adapter = CriterionAdapter(
        arguments={"x": {"of": "pred", "transforms": [increase]}, "y": "pred", "z": "target"},
        transforms={"pred": [double, double], "target": increase},
    )
    assert call(adapter) == ((), {"x": 13, "y": 12, "z": 3})


def test_a_target_that_is_named_must_be_there() -> None:
    with pytest.raises(RunError) as told:
        call(CriterionAdapter(arguments=["pred", "target"]), target=None)
    assert str(told.value) == (
        "CriterionAdapter(argument 1): the target is wanted, but the batch has none; "
        "say where it is with BatchAdapter(target=...), or leave it out of the arguments"
    )


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["prde"], ValueError, "CriterionAdapter(argument 0): there is no 'prde'; did you mean 'pred'?"),
        (["loss"], ValueError, "CriterionAdapter(argument 0): there is no 'loss'; write one of input, target, pred"),
        ({"x": "preds::a"}, ValueError, "CriterionAdapter(x): there is no 'preds'; did you mean 'pred'?"),
        (
            [{"of": "pred", "prt": 1}],
            ValueError,
            ("CriterionAdapter(argument 0): there is no 'prt'; did you mean 'part'?"),
        ),
        ([{"part": 1}], ValueError, "CriterionAdapter(argument 0): there is no ''; write one of input, target, pred"),
        (
            [3],
            TypeError,
            ("CriterionAdapter(argument 0): an argument is one of input, target, pred or a part of one, not 3"),
        ),
        (
            {1: "pred", "x": "target"},
            ValueError,
            "CriterionAdapter: positions count from 0, without a gap, and are not [1]",
        ),
        ("pred", TypeError, "CriterionAdapter: arguments are a list or a mapping, not 'pred'"),
    ],
)
def test_wrong_arguments_are_refused_when_it_is_made(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as told:
        CriterionAdapter(arguments=arguments)
    assert str(told.value) == message
