"""What would be too large is told before it is made; what is not, is not."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from lighter.config.allowlist.policy import own_names
from lighter.config.allowlist.refusal import LARGEST, TooLarge, check_call, check_operation, is_bounded


def kind(value: object) -> str:
    """A short name for a value that may be too long to print."""
    return value if isinstance(value, str) and len(value) < 3 else getattr(value, "__name__", type(value).__name__)


@pytest.mark.parametrize(
    ("symbol", "left", "right"),
    [
        ("**", 9, 10**9),
        ("**", -2, 10**6),
        ("<<", 1, 10**6),
        ("*", 2**60_000, 2**60_000),
        ("*", "a", LARGEST + 1),
        ("*", LARGEST + 1, b"a"),
        ("*", [1], True + LARGEST),
        ("+", [0] * LARGEST, [0]),
        ("%", "%99999d", 1),
        ("%", b"%d", 1),
    ],
    ids=kind,
)
def test_operations_that_are_too_large(symbol: str, left: Any, right: Any) -> None:
    with pytest.raises(TooLarge):
        check_operation(symbol, left, right)


@pytest.mark.parametrize(
    ("symbol", "left", "right"),
    [
        ("**", 2, 1000),
        ("**", 2.0, 10**9),
        ("**", 1, 10**12),
        ("**", -1, 10**12),
        ("**", 2, -5),
        ("<<", 0, 10**12),
        ("*", 10**9, 10**9),
        ("*", [0], -1),
        ("*", (1, 2), 100),
        ("*", torch.zeros(2), 10**12),
        ("+", "a", "b"),
        ("-", 10**9, 1),
        ("%", 7, 3),
    ],
    ids=kind,
)
def test_operations_that_are_not(symbol: str, left: Any, right: Any) -> None:
    check_operation(symbol, left, right)


def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    (name,) = own_names(function)
    assert is_bounded(name)
    check_call(name, function, args, kwargs)


TOO_LARGE: list[tuple[Callable[..., Any], list[Any], dict[str, Any]]] = [
    (pow, [9, 10**9], {}),
    (pow, [9], {"exp": 10**9}),
    (range, [10**8], {}),
    (range, [0, 10**60], {}),
    (bytes, [10**9], {}),
    (round, [5, -(10**6)], {}),
    (round, [5], {"ndigits": -(10**6)}),
    (math.factorial, [10**6], {}),
    (math.comb, [10**6, 5 * 10**5], {}),
    (math.perm, [10**6], {}),
    (math.prod, [[2**1000] * 1000], {}),
    (math.prod, [iter([1])], {}),
    (math.lcm, [2**60_000, 3**60_000], {}),
    ("a".join, [["a" * 10**6] * 20], {}),
    (str.join, ["a" * 10**6, ["a"] * 20], {}),
    ("a".join, [iter("ab")], {}),
    (("a" * 10**4).replace, ["a", "b" * 10**4], {}),
    (str.replace, ["a" * 10**4, "", "b" * 10**4], {}),
    ("a".zfill, [10**9], {}),
    (str.ljust, ["a", 10**9], {}),
    (b"a".center, [10**9], {}),
    ((5).to_bytes, [10**9, "big"], {}),
    ((5).to_bytes, [], {"length": 10**9, "byteorder": "big"}),
    (iter, [int, 1], {}),
    (sum, [[[0] * 10**4] * 10**4, []], {}),
]


@pytest.mark.parametrize(("function", "args", "kwargs"), TOO_LARGE, ids=kind)
def test_calls_that_are_too_large(function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> None:
    with pytest.raises(TooLarge):
        call(function, *args, **kwargs)


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (pow, [2, 100]),
        (pow, [7, 10**100, 13]),
        (pow, [2.5, 10**9]),
        (range, [1000]),
        (bytes, [[1, 2]]),
        (round, [3.14159, 2]),
        (math.factorial, [100]),
        (math.comb, [10**6, 10**6 - 2]),
        (math.perm, [100, 2]),
        (math.prod, [[2, 3.5]]),
        (math.prod, [torch.zeros(2, 3).shape]),
        (math.lcm, [4, 6]),
        (", ".join, [["a", "b"]]),
        ("a-b".replace, ["-", "_"]),
        ("7".zfill, [3]),
        ((5).to_bytes, [2, "big"]),
        (iter, [[1]]),
        (sum, [[1, 2]]),
        (sum, [iter([1, 2])]),
        (sum, [[[1], [2]], []]),
    ],
    ids=kind,
)
def test_calls_that_are_not(function: Callable[..., Any], args: list[Any]) -> None:
    call(function, *args)


def test_what_cannot_grow_is_not_bounded() -> None:
    assert not is_bounded("math.sqrt")
    assert not is_bounded("builtins.str.lower")
