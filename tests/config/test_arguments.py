"""What a plan gives to a call."""

import pytest

from lighter.config.arguments import Constant, Items, Later, Pairs, Use, is_true, plain

ONE = Constant(1)


@pytest.mark.parametrize(
    ("argument", "is_plain", "depth"),
    [
        (ONE, True, 0),
        (Use(("a",)), False, 0),
        (Later(("a",)), False, 0),
        (Items(()), True, 1),
        (Items((ONE, Pairs((("k", ONE),)))), True, 2),
        (Items((ONE, Pairs((("k", Use(("a",))),)))), False, 2),
    ],
)
def test_what_is_known_before_building(argument, is_plain, depth):
    assert (argument.is_plain, argument.depth) == (is_plain, depth)


def test_plain_values():
    assert plain(Items((ONE, Pairs((("k", Items((ONE,))), (2, ONE)))))) == [1, {"k": [1], 2: 1}]


def test_what_stands_twice_is_made_once():
    argument = Items((ONE, ONE))
    for _ in range(60):
        argument = Items((argument, argument))
    made = plain(argument)
    assert made[0] is made[1]


@pytest.mark.parametrize(
    ("value", "result"),
    [
        (True, True),
        ("true", True),
        (" TRUE ", True),
        (1, True),
        (False, False),
        (None, False),
        ("yes", False),
        ("", False),
        (0, False),
    ],
)
def test_what_disables(value, result):
    assert is_true(value) is result
