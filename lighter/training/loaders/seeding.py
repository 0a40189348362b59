"""Seeds made of numbers, such as a run's seed and the number of an epoch, for every kind of random source."""

import random
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from lighter.training.loaders.generators import NUMPY, PYTHON, Source

_BITS = (1 << 64) - 1
_STEP = (
    0x9E3779B97F4A7C15  # of SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014)
)

GLOBAL: tuple[Source, ...] = (torch.default_generator, NUMPY, PYTHON)


def mixed(*numbers: int) -> int:
    """One number of 64 bits for several, another one for any others."""
    found = 0
    for number in numbers:
        found = _scrambled((found ^ (number & _BITS)) + _STEP)
    return found


def seed_all(sources: Iterable[Source], number: int) -> None:
    """Gives each of the sources a state of its own that follows from the number and its place among them."""
    for source in sources:
        number = (number + _STEP) & _BITS
        seed(source, _scrambled(number))


def seed(source: Source, number: int) -> None:
    """Gives one source the state that follows from a number of 64 bits."""
    if isinstance(source, torch.Generator):
        source.manual_seed(number)
    elif isinstance(source, random.Random):
        source.seed(number)
    elif isinstance(source, np.random.RandomState):
        _seed_numpy(source, number)
    else:
        source.bit_generator.state = type(source.bit_generator)(number).state


def _seed_numpy(source: np.random.RandomState, number: int) -> None:
    try:
        source.seed(number >> 32)  # the quick way, a microsecond
    except TypeError:  # made of a bit generator that cannot be seeded again
        name: Any = source.get_state(legacy=False)["bit_generator"]
        source.set_state(getattr(np.random, name)(number).state)


def _scrambled(number: int) -> int:
    number &= _BITS
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _BITS
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _BITS
    return number ^ (number >> 31)
