"""Spans of training."""

from typing import Any

import pytest

from lighter.spans import Spans, as_spans


@pytest.mark.parametrize(
    ("given", "inside", "ends"),
    [
        ([0, 2], [0, 1], ["epoch 2", "epoch 2"]),
        ([2, None], [2, 3, 4, 5], ["the end"] * 4),
        ([[1, 2], [4, 5]], [1, 4], ["epoch 2", "epoch 5"]),
        ([[0, 2], [1, 3]], [0, 1, 2], ["epoch 2", "epoch 3", "epoch 3"]),
        ([[0, 2], (1, None)], [0, 1, 2, 3, 4, 5], ["epoch 2", *["the end"] * 5]),
    ],
)
def test_what_lies_in_them(given: Any, inside: list[int], ends: list[str]) -> None:
    spans = as_spans(given, "epoch", "here")
    assert [epoch for epoch in range(6) if spans.contain(epoch, 99)] == inside
    assert [spans.end(epoch, 99) for epoch in inside] == ends


def test_steps_are_another_unit() -> None:
    spans = as_spans([3, 5], "step", "here")
    assert spans == Spans("step", ((3, 5),))
    assert [step for step in range(9) if spans.contain(0, step)] == [3, 4]
    assert spans.end(0, 4) == "step 5"


@pytest.mark.parametrize("given", [3, [], [1], [1, 2, 3], [[1, 2], 3], ["a", "b"], [None, 2], [0, True], "ab", {0: 1}])
def test_what_is_no_pair_is_told(given: Any) -> None:
    with pytest.raises(TypeError, match=r"^here: a pair \[from, to\] of epochs is wanted, or a list of pairs, not"):
        as_spans(given, "epoch", "here")


@pytest.mark.parametrize("given", [[2, 2], [3, 1], [-1, 2], [[0, 1], [5, 4]]])
def test_what_is_no_span_is_told(given: Any) -> None:
    with pytest.raises(ValueError, match=r"is no span; write the first epoch, then the one after the last"):
        as_spans(given, "epoch", "here")
