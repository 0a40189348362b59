"""The states of random sources as plain data, which `torch.load(weights_only=True)` gives back."""

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from lighter.training.loaders.generators import NUMPY, PYTHON, Source, generators

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
    found = {
        "python": state_of(PYTHON),
        "numpy": state_of(NUMPY),
        "torch": torch.get_rng_state(),
    }
    if torch.cuda.is_available() and torch.cuda.is_initialized():  # type: ignore[no-untyped-call]  # torch's
        found["cuda"] = [generator.get_state() for generator in torch.cuda.default_generators]
    return found


def restore_global(states: Mapping[str, Any]) -> None:
    """Gives Python's, NumPy's and torch's own random sources the states that `global_states` has told."""
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
    """Gives one random source a state that `state_of` has told of one of its kind."""
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
