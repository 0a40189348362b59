"""Random sources seeded, isolated for a while, their states taken and restored.

A state is plain data, which `torch.load(weights_only=True)` reads.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import torch

from lighter.training.loaders.generators import NUMPY, PYTHON, Source, generators
from lighter.training.loaders.random_internals import (
    numpy_normal,
    python_state,
    restore_numpy_normal,
    restore_python,
    seed_python,
)

# NumPy's types that torch has not, by the signed ones of their size.
_SIGNED: dict[str, Any] = {"uint16": np.int16, "uint32": np.int32, "uint64": np.int64}


def states(root: Any) -> dict[str, Any]:
    """The states of the random sources that `root` leads to, by their paths (see `generators`)."""
    return {path: state_of(source) for path, source in generators(root).items()}


def restore(root: Any, states: Mapping[str, Any]) -> list[str]:
    """Gives the random sources of `root` these states; returns the paths that only one of the two has."""
    found = generators(root)
    for path in found.keys() & states.keys():
        with_state(found[path], states[path])
    return sorted(found.keys() ^ states.keys())


def global_states() -> dict[str, Any]:
    """The states of Python's, NumPy's and torch's own random sources, those of GPUs where torch uses any."""
    found = {"python": state_of(PYTHON), "numpy": state_of(NUMPY), "torch": torch.get_rng_state()}
    if torch.cuda.is_available() and torch.cuda.is_initialized():  # type: ignore[no-untyped-call]  # torch's
        found["cuda"] = [generator.get_state() for generator in torch.cuda.default_generators]
    return found


def restore_global(states: Mapping[str, Any]) -> None:
    """Gives Python's, NumPy's and torch's own random sources the states that `global_states` returned."""
    with_state(PYTHON, states["python"])
    with_state(NUMPY, states["numpy"])
    torch.set_rng_state(states["torch"])
    if torch.cuda.is_available():
        for number, state in zip(range(torch.cuda.device_count()), states.get("cuda", []), strict=False):
            torch.cuda.set_rng_state(state, number)


def state_of(source: Source) -> Any:
    """The state of one random source, as tensors, numbers, text, lists and mappings."""
    if isinstance(source, torch.Generator):
        return source.get_state()
    if isinstance(source, random.Random):
        version, numbers, rest = random.Random.getstate(source)
        return [version, torch.tensor(numbers), rest]
    if isinstance(source, np.random.RandomState):
        return _plain(source.get_state(legacy=False))
    return _plain(source.bit_generator.state)


def with_state(source: Source, state: Any) -> None:
    """Gives one random source a state that `state_of` returned of one of its kind."""
    if isinstance(source, torch.Generator):
        source.set_state(state)
    elif isinstance(source, random.Random):
        version, numbers, rest = state
        random.Random.setstate(source, (version, tuple(numbers.tolist()), rest))
    elif isinstance(source, np.random.RandomState):
        source.set_state(_like(source.get_state(legacy=False), state))
    else:
        source.bit_generator.state = _like(source.bit_generator.state, state)


def _plain(value: Any) -> Any:
    """NumPy's arrays as tensors of the same bits."""
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value.view(_SIGNED.get(value.dtype.name, value.dtype)).copy())
    # Some have integers of 128 bits.
    return value.item() if isinstance(value, np.generic) else value


def _like(now: Any, state: Any) -> Any:
    """The state with arrays of the types that the present one has."""
    if isinstance(state, Mapping):
        return {name: _like(now.get(name), part) for name, part in state.items()}
    if isinstance(now, np.ndarray):
        return np.frombuffer(state.numpy(), now.dtype)
    return state


_BITS = (1 << 64) - 1
# Of SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
_STEP = 0x9E3779B97F4A7C15

_torch = torch.default_generator
GLOBAL: tuple[Source, ...] = (_torch, NUMPY, PYTHON)


def mixed(*numbers: int) -> int:
    """One number of 64 bits for several, another one for any others."""
    found = 0
    for number in numbers:
        found = _scrambled((found ^ (number & _BITS)) + _STEP)
    return found


def seed_all(sources: Iterable[Source], number: int) -> None:
    """Gives each of the sources a state of its own that follows from the number and its place among them."""
    seed_each(map(seeder, sources), number)


def seed_each(seeders: Iterable[Callable[[int], object]], number: int) -> None:
    """The same, by what `seeder` gives for each: for whoever does it for every batch."""
    for seed in seeders:
        number = (number + _STEP) & _BITS
        seed(_scrambled(number))


def seed(source: Source, number: int) -> None:
    """Gives one source the state that follows from a number of 64 bits."""
    seeder(source)(number)


def seeder(source: Source) -> Callable[[int], object]:
    """What gives one source the state that follows from a number of 64 bits."""
    if source is PYTHON:
        return seed_python
    if isinstance(source, random.Random):
        return source.seed
    if isinstance(source, np.random.RandomState):
        return partial(_seed_former, source)
    return partial(_seed_bits, source) if isinstance(source, np.random.Generator) else source.manual_seed


def _seed_former(source: np.random.RandomState, number: int) -> None:
    try:
        source.seed(number >> 32)  # the quick way, a microsecond
    except TypeError:  # made of a bit generator that cannot be seeded again
        name: Any = source.get_state(legacy=False)["bit_generator"]
        source.set_state(getattr(np.random, name)(number).state)


def _seed_bits(source: np.random.Generator, number: int) -> None:
    source.bit_generator.state = type(source.bit_generator)(number).state


def _scrambled(number: int) -> int:
    number &= _BITS
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _BITS
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _BITS
    return number ^ (number >> 31)


_random: Any = np.random  # NumPy's stubs lack two of its functions


class IsolatedRng:
    """A context in which the global random sources and `others` may be seeded; after it they have their states again.

    With `continues` they are, when it is entered again, as they were when it was left. It is entered for each batch
    that the training process itself loads: hence the quick ways to take a state.
    """

    def __init__(self, others: Sequence[Source] = (), continues: bool = False) -> None:
        self.others = others
        self.continues = continues
        self._bits: Any = None  # of its own, since a data set may have a loader within
        self._inside: _States | None = None

    def __enter__(self) -> None:
        self._outside = self._states()
        self._bits_outside = _random.get_bit_generator()
        if type(self._bits) is not type(self._bits_outside):
            self._bits = type(self._bits_outside)(0)
        # To put another one in its place for a while is quicker than to give it its state back.
        _random.set_bit_generator(self._bits)
        if self._inside is not None:
            self._restore(self._inside)

    def __exit__(self, *error: object) -> None:
        if self.continues:
            self._inside = self._states()
        _random.set_bit_generator(self._bits_outside)
        self._restore(self._outside)

    def _states(self) -> "_States":
        others = [state_of(source) for source in self.others] if self.others else ()
        return numpy_normal(), python_state(), _torch.get_state(), others

    def _restore(self, states: "_States") -> None:
        normal, python, own, others = states
        if normal[0]:
            restore_numpy_normal(normal)
        restore_python(python)
        _torch.set_state(own)
        if others:
            for source, state in zip(self.others, others, strict=True):
                with_state(source, state)


_States: TypeAlias = tuple[tuple[int, float], tuple[bytes, float | None], torch.Tensor, Sequence[Any]]
