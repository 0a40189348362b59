"""The quick ways to take the states of Python's and NumPy's sources do what the slow ones do."""

import random
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch

import lighter
from lighter.training.loaders.generators import NUMPY
from lighter.training.loaders.random_internals import (
    numpy_normal,
    python_state,
    restore_numpy_normal,
    restore_python,
    seed_python,
)


@pytest.mark.parametrize("drawn", [0, 1, 2, 623, 624, 625, 5_000])
def test_python_goes_on_wherever_it_was(drawn: int) -> None:
    random.seed(3)
    for _ in range(drawn):
        random.getrandbits(32)
    random.gauss(0, 1)  # which keeps every second number back
    slow, quick = random.getstate(), python_state()
    random.seed(4)
    restore_python(quick)
    assert random.getstate() == slow


@pytest.mark.parametrize("number", [0, 1, 2**32, 2**64 - 1])
def test_python_is_seeded_as_by_its_own_function(number: int) -> None:
    random.seed(number)
    expected = random.getstate()
    random.seed(4)
    random.gauss(0, 1)
    seed_python(number)
    assert random.getstate() == expected


@pytest.mark.parametrize("count", [0, 1, 2])
def test_numpy_keeps_half_a_pair_of_normal_numbers(count: int) -> None:
    NUMPY.seed(count)
    NUMPY.randn(count)
    before: dict[str, Any] = NUMPY.get_state(legacy=False)  # type: ignore[assignment]  # it is one, if asked so
    normal = numpy_normal()
    assert normal == (before["has_gauss"], before["gauss"])
    assert normal[0] == count % 2
    restore_numpy_normal((1, 0.5))
    assert NUMPY.randn() == 0.5  # and nothing else has changed
    after: dict[str, Any] = NUMPY.get_state(legacy=False)  # type: ignore[assignment]  # as above
    assert np.array_equal(before["state"]["key"], after["state"]["key"])
    assert before["state"]["pos"] == after["state"]["pos"]


def test_a_profiler_sees_the_batches_by_torchs_name() -> None:
    data = torch.utils.data.TensorDataset(torch.arange(6))
    batches = iter(lighter.DataLoader(data, batch_size=2))
    with torch.profiler.profile() as profile:
        assert len(list(islice(batches, 2))) == 2
    names = [event.key for event in profile.key_averages()]
    assert any("SingleProcessDataLoaderIter.__next__" in name for name in names)
    assert len(list(batches)) == 1
