"""What is drawn apart leaves the streams of the process as they were, whatever happens inside."""

import random
from typing import Any

import numpy as np
import pytest
import torch

from lighter.training.loaders.generators import NUMPY
from lighter.training.loaders.random_states import GLOBAL, IsolatedRng, seed_all

OTHER = np.random.RandomState()
BITS: Any = np.random  # NumPy's stubs lack two of its functions


def draw() -> list[Any]:
    """Numbers of all sources; of normal ones NumPy keeps every second back."""
    return [random.gauss(0, 1), NUMPY.randn(), torch.randn(()).item(), OTHER.randn()]


def begun(number: int) -> None:
    """Gives all sources the states of a number."""
    seed_all([*GLOBAL, OTHER], number)


def test_the_streams_outside_go_on() -> None:
    begun(1)
    expected = [draw() for _ in range(4)]
    begun(1)
    found = []
    apart = IsolatedRng([OTHER])
    for number in range(4):
        found.append(draw())
        with apart:
            begun(number)
            draw()
    assert found == expected


def test_the_stream_inside_goes_on_where_it_shall() -> None:
    begun(5)
    expected = [draw() for _ in range(4)]
    apart = IsolatedRng([OTHER], continues=True)
    with apart:
        begun(5)
        found = [draw()]
    for _ in range(3):
        draw()
        with apart:
            found.append(draw())
    assert found == expected


def test_an_exception_inside_and_another_apart_inside() -> None:
    begun(2)
    expected = [draw(), draw()]
    begun(2)
    found = [draw()]
    inside = []

    def fail() -> None:
        with IsolatedRng([OTHER]):
            begun(3)
            inside.append(draw())
            with IsolatedRng([OTHER]):
                begun(4)
                draw()
            inside.append(draw())
            raise KeyError("of the user")

    with pytest.raises(KeyError):
        fail()
    assert [*found, draw()] == expected
    begun(3)
    assert [draw(), draw()] == inside


def test_a_bit_generator_that_the_user_has_set() -> None:
    before = BITS.get_bit_generator()
    try:
        BITS.set_bit_generator(np.random.PCG64(1))
        expected = np.random.RandomState(np.random.PCG64(1)).rand(2).tolist()
        found = [NUMPY.rand()]
        with IsolatedRng():
            NUMPY.rand()
            assert type(BITS.get_bit_generator()) is np.random.PCG64
        assert [*found, NUMPY.rand()] == expected
    finally:
        BITS.set_bit_generator(before)
