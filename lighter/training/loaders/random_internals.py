"""What Lighter uses of Python's and NumPy's global random sources that neither promises: their states, taken quickly.

`random.getstate()` makes an object of each of 625 numbers, and NumPy asks for each of 624 in turn: together five times
what torch's DataLoader takes for a batch. tests/training/test_internals.py asks the installed releases for each name.
"""

import ctypes
import random
from types import SimpleNamespace
from typing import Any

from lighter.training.loaders.generators import NUMPY, PYTHON

# ruff: noqa: SLF001  # this is the one file for them

_base: Any = random.Random.__base__
_seed = _base.seed
# What Python's source adds to an empty object in C, which is its numbers and the place among them, without a pointer.
_NUMBERS = id(PYTHON) + object.__basicsize__
_SIZE = _base.__basicsize__ - object.__basicsize__
# In the place of NumPy's bit generator while NumPy is asked for the rest of its state.
_NO_BITS = SimpleNamespace(state={"bit_generator": ""})

_numpy: Any = NUMPY


def python_state() -> tuple[bytes, float | None]:
    """The state of Python's source: its memory, and the second of a pair of normal numbers if it has one left."""
    return ctypes.string_at(_NUMBERS, _SIZE), PYTHON.gauss_next  # type: ignore[attr-defined]  # typeshed lacks it


def restore_python(state: tuple[bytes, float | None]) -> None:
    """Gives Python's source a state that `python_state` returned in this process."""
    memory, PYTHON.gauss_next = state  # type: ignore[attr-defined]  # as above
    ctypes.memmove(_NUMBERS, memory, _SIZE)


def seed_python(number: int) -> None:
    """`random.seed(number)`, without the question what kind of object it is."""
    _seed(PYTHON, number)
    PYTHON.gauss_next = None  # type: ignore[attr-defined]  # as above


def numpy_normal() -> tuple[int, float]:
    """Whether NumPy's source has the second of a pair of normal numbers left, and which; it is lost with its bits."""
    bits, _numpy._bit_generator = _numpy._bit_generator, _NO_BITS
    try:
        state = _numpy.get_state(legacy=False)
    finally:
        _numpy._bit_generator = bits
    return state["has_gauss"], state["gauss"]


def restore_numpy_normal(normal: tuple[int, float]) -> None:
    """Gives NumPy's source back what `numpy_normal` returned."""
    bits, _numpy._bit_generator = _numpy._bit_generator, _NO_BITS
    try:
        _numpy.set_state({"bit_generator": "", "state": {}, "has_gauss": normal[0], "gauss": normal[1]})
    finally:
        _numpy._bit_generator = bits
