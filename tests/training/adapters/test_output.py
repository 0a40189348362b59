"""The output of a step."""

from typing import Any

import pytest

from lighter.training.adapters.selection import LoggingAdapter


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
