"""States of random sources, through a file of plain data and back."""

import io
import random
from typing import Any

import numpy as np
import pytest
import torch

from lighter.training.loaders.generators import NUMPY
from lighter.training.loaders.random_states import global_states, restore, restore_global, states

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
