"""Random draws kept apart: what is drawn inside leaves the process' own random streams as they were."""

from collections.abc import Sequence
from typing import Any

import torch
from numpy import random

from lighter.training.loaders.generators import NUMPY, PYTHON, Source
from lighter.training.loaders.random_states import state_of, with_state

_random: Any = random  # NumPy's stubs lack two of its functions


class Apart:
    """A context in which the global random sources and `others` may be seeded; after it they have their states again.

    With `goes_on` they are, when it is entered again, as they were when it was left. It is entered for each batch that
    the training process itself loads, and takes some 35 microseconds, most of them to ask NumPy for its state.
    """

    def __init__(self, others: Sequence[Source] = (), goes_on: bool = False) -> None:
        self.others = others
        self.goes_on = goes_on
        self._bits: Any = None  # of its own, since a data set may have a loader within
        self._inside: list[Any] = []

    def __enter__(self) -> None:
        self._outside = self._states()
        self._bits_outside = _random.get_bit_generator()
        if type(self._bits) is not type(self._bits_outside):
            self._bits = type(self._bits_outside)(0)
        # To put another one in its place for a while is quicker than to give it its state back.
        self._restore(self._bits, self._inside)

    def __exit__(self, *error: object) -> None:
        if self.goes_on:
            self._inside = self._states()
        self._restore(self._bits_outside, self._outside)

    def _states(self) -> list[Any]:
        others = [state_of(source) for source in self.others]
        numpy: Any = NUMPY.get_state(legacy=False)
        return [numpy, PYTHON.getstate(), torch.default_generator.get_state(), *others]

    def _restore(self, bits: Any, states: Sequence[Any]) -> None:
        _random.set_bit_generator(bits)
        if not states:
            return
        numpy, python, own, *others = states
        if numpy["has_gauss"]:  # half of a pair of normal numbers, which is lost with the bit generator
            NUMPY.set_state(numpy)
        PYTHON.setstate(python)
        torch.default_generator.set_state(own)
        for source, state in zip(self.others, others, strict=True):
            with_state(source, state)
