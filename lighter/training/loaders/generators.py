"""Finds the random sources that objects hold: in attributes, containers, partials, closures, classes and modules."""

import random
import sys
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
import torch

from lighter.training.torch_internals import LoaderIterator

Source: TypeAlias = random.Random | np.random.RandomState | np.random.Generator | torch.Generator
_Slots: TypeAlias = Callable[[type], tuple[tuple[str, Any], ...]]

# The global ones, which have no public names of their own.
PYTHON: random.Random = random.random.__self__  # type: ignore[attr-defined]  # it is a method
NUMPY: np.random.RandomState = np.random.rand.__self__  # type: ignore[attr-defined]  # as above

OBJECTS = 20_000  # looked at, at most; what is nearest to the root comes first
ITEMS = 1_000  # of one container, at most: a list of samples holds no random sources

_SOURCES = (random.Random, np.random.RandomState, np.random.Generator, torch.Generator)
_SEQUENCES: tuple[type, ...] = (list, tuple, deque)
# Nothing to look at, or what would lead out of the objects. An iterator of a loader is of one epoch only.
_CLOSED = frozenset(
    {str, bytes, bytearray, int, float, complex, bool, type(None), range, slice, set, frozenset, np.ndarray}
    | {torch.Tensor, types.GeneratorType, types.CodeType, types.FrameType}
)
_BUILT_IN = frozenset((object, dict, *_SEQUENCES))


def generators(root: Any, without: Iterable[Any] = ()) -> dict[str, Source]:
    """The random sources with a state of their own that `root` leads to, by paths that every run of a config has.

    `dataset.transform.R` is in an object, `my_project.data:Noise.rng` in a class that was met, `my_project.data:rng`
    in the module of a class or function that was. Each is there once; the global sources of Python, NumPy and torch are
    not. No code of the objects is run. Sets, all but the first 1000 items of a container, and what only the objects in
    `without` lead to are left out.
    """
    found: dict[str, Source] = {}
    seen = {id(value) for value in (PYTHON, NUMPY, torch.default_generator, *without)}
    ahead: deque[tuple[str, Any]] = deque([("", root)])
    slots = cache(_slots)  # for this walk alone: one that stayed would keep a project's classes alive
    for _ in range(OBJECTS):
        if not ahead:
            break
        path, value = ahead.popleft()
        kind = type(value)
        if issubclass(kind, _SOURCES):
            if not issubclass(kind, random.SystemRandom):  # it has no state
                found[path] = value
            continue
        for place, item in _inside(path, value, kind, slots):
            if type(item) not in _CLOSED and id(item) not in seen:
                seen.add(id(item))
                ahead.append((place, item))
    return found


def _inside(path: str, value: Any, kind: type, slots: _Slots) -> Iterator[tuple[str, Any]]:
    """What a value holds. It is asked by its type's own means: a method or property of the user's might do anything."""
    if issubclass(kind, types.ModuleType):
        yield from ((f"{value.__name__}:{name}", item) for name, item in _sources_in(value))
    elif issubclass(kind, type):
        yield from _of_class(value)
    elif kind is types.FunctionType:
        yield from _of_function(path, value)
    elif not issubclass(kind, (np.ndarray, torch.Tensor, LoaderIterator)):
        yield from _items(path, value, kind)
        if kind not in _BUILT_IN:
            yield from _attributes(path, value, kind, slots)


def _items(path: str, value: Any, kind: type) -> Iterator[tuple[str, Any]]:
    if issubclass(kind, dict):
        for number, (key, item) in enumerate(islice(dict.items(value), ITEMS)):
            yield _joined(path, key if isinstance(key, (str, int)) else number), item
        return
    for base in _SEQUENCES:
        if issubclass(kind, base):
            items = base.__iter__(value)  # type: ignore[attr-defined]  # all of them have it
            yield from ((_joined(path, number), item) for number, item in enumerate(islice(items, ITEMS)))


def _attributes(path: str, value: Any, kind: type, slots: _Slots) -> Iterator[tuple[str, Any]]:
    if kind.__dictoffset__:
        yield from ((_joined(path, name), item) for name, item in list(vars(value).items()))
    for name, slot in slots(kind):
        try:
            yield _joined(path, name), slot.__get__(value)
        except AttributeError:  # it was never filled
            continue
    yield "", kind


def _slots(kind: type) -> tuple[tuple[str, Any], ...]:
    """Slots, and what types written in C have for them: the parts of a partial or a bound method."""
    return tuple(
        (name, member)
        for base in kind.__mro__
        for name, member in vars(base).items()
        if isinstance(member, types.MemberDescriptorType)
    )


def _of_function(path: str, function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield _joined(path, name), cell.cell_contents
        except ValueError:  # it is not filled yet
            continue
    yield _joined(path, "__defaults__"), function.__defaults__
    yield _joined(path, "__kwdefaults__"), function.__kwdefaults__
    yield _joined(path, "__dict__"), vars(function)
    yield "", sys.modules.get(function.__module__)


def _of_class(kind: type) -> Iterator[tuple[str, Any]]:
    for base in kind.__mro__:
        if base not in _BUILT_IN:
            name = f"{base.__module__}:{base.__qualname__}"
            yield from ((f"{name}.{key}", item) for key, item in _sources_in(base))
            yield "", sys.modules.get(base.__module__)


def _sources_in(value: type | types.ModuleType) -> Iterator[tuple[str, Source]]:
    return ((name, item) for name, item in list(vars(value).items()) if issubclass(type(item), _SOURCES))


def _joined(path: str, name: Any) -> str:
    return f"{path}.{name}" if path else str(name)
