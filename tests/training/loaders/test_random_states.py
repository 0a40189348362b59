"""States of random sources, through a file of plain data and back."""

import io
import random
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lighter.training.loaders.generators import NUMPY
from lighter.training.loaders.random_states import global_states, mixed, restore, restore_global, seed, seed_all, states

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


BITS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")


def made(kind: str, seed: int) -> Any:
    """A random source of a kind."""
    if kind == "random":
        return random.Random(seed)
    if kind == "torch":
        return torch.Generator().manual_seed(seed)
    if kind == "RandomState":
        return np.random.RandomState(seed)
    bits = getattr(np.random, kind.removeprefix("RandomState-"))(seed)
    return np.random.RandomState(bits) if kind.startswith("RandomState-") else np.random.Generator(bits)


def drawn(source: Any) -> list[Any]:
    """Numbers of it, of several kinds, so that all of its state counts: half a pair of normal ones, half of 64 bits."""
    if isinstance(source, torch.Generator):
        return [torch.randn((), generator=source).item(), torch.randint(9, (3,), generator=source).tolist()]
    if isinstance(source, random.Random):
        return [source.gauss(0, 1), source.random()]
    few = source.integers if isinstance(source, np.random.Generator) else source.randint
    return [source.normal(), few(0, 2**31, dtype=np.int32), source.uniform()]


def written(value: Any) -> Any:
    """What a checkpoint gives back of it."""
    file = io.BytesIO()
    torch.save(value, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


@pytest.mark.parametrize("kind", ["random", "torch", "RandomState", "RandomState-PCG64", *BITS])
def test_a_source_goes_on_where_another_was(kind: str) -> None:
    source, other = made(kind, 1), made(kind, 2)
    drawn(source)
    kept = written(states({"a": [source]}))
    assert list(kept) == ["a.0"]
    expected = [drawn(source) for _ in range(3)]
    assert restore({"a": [other]}, kept) == []
    assert [drawn(other) for _ in range(3)] == expected


def test_what_only_one_side_has_is_told() -> None:
    kept = states({"a": random.Random(1), "b": random.Random(2)})
    other = {"b": random.Random(3), "c": random.Random(4)}
    assert restore(other, kept) == ["a", "c"]
    assert other["b"].random() == random.Random(2).random()


def test_the_global_sources() -> None:
    def draw() -> list[Any]:
        return [random.gauss(0, 1), NUMPY.normal(), torch.randn(()).item()]

    draw()
    kept = written(global_states())
    expected = [draw(), draw()]
    restore_global(kept)
    assert [draw(), draw()] == expected


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_the_sources_of_gpus() -> None:
    torch.rand(1, device="cuda")
    kept = written(global_states())
    expected = torch.rand(3, device="cuda")
    restore_global(kept)
    assert torch.equal(torch.rand(3, device="cuda"), expected)
