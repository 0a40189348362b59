"""Seeds of numbers, and sources that follow from them."""

import random
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lighter.training.loaders.seeding import mixed, seed, seed_all

NUMBERS = st.integers(0, 2**64 - 1)


def sources() -> list[Any]:
    """One of each kind, in some state."""
    made = [random.Random(), np.random.RandomState(), np.random.RandomState(np.random.PCG64()), np.random.default_rng()]
    return [*made, torch.Generator()]


def first(source: Any) -> float:
    """What it draws first."""
    if isinstance(source, torch.Generator):
        return torch.rand((), generator=source, dtype=torch.float64).item()
    return float(source.random() if hasattr(source, "random") else source.rand())


@given(st.lists(NUMBERS, min_size=1, max_size=4), st.data())
def test_mixed_is_another_number_for_any_others(numbers: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(numbers) - 1))
    other = [
        *numbers[:place],
        data.draw(NUMBERS.filter(lambda number: number != numbers[place])),
        *numbers[place + 1 :],
    ]
    assert 0 <= mixed(*numbers) < 2**64
    assert mixed(*numbers) == mixed(*numbers)
    assert mixed(*numbers) != mixed(*other)


def test_small_numbers_are_spread() -> None:
    found = {mixed(a, b, c) >> 32 for a in range(20) for b in range(20) for c in range(20)}
    assert len(found) >= 20**3 - 2  # two of 8000 numbers of 32 bits meet with a chance of 1 in 130
    assert mixed(1, 2) != mixed(2, 1)
    assert mixed(0) != mixed(0, 0)
    assert mixed(-1, 3) != mixed(1, 3)


@pytest.mark.parametrize("place", range(5))
def test_the_state_follows_from_the_number(place: int) -> None:
    one, other = sources()[place], sources()[place]
    seed(one, 2**63 + 5)
    seed(other, 2**63 + 5)
    drawn = [first(one), first(one)]
    assert drawn == [first(other), first(other)]
    seed(other, 2**63 + 2**33)
    assert first(other) not in drawn


def test_sources_of_one_number_differ() -> None:
    made: list[Any] = [random.Random(), random.Random(), np.random.RandomState(), np.random.RandomState()]
    seed_all(made, 7)
    drawn = [first(source) for source in made]
    assert len(set(drawn)) == 4
    seed_all(made, 7)
    assert [first(source) for source in made] == drawn
