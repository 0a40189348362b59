"""The own names of functions and classes: module and qualified name, whatever they were reached by."""

from collections import deque
from collections.abc import Iterator
from functools import partial
from itertools import islice
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    FunctionType,
    GenericAlias,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

from lighter.project.registry import Component

DEEPEST = 16  # functions that wrap one another
WALKED = 1000  # values of a list or mapping that are looked at

_OF_CLASSES = (ClassMethodDescriptorType, MethodDescriptorType, MethodWrapperType, WrapperDescriptorType)


def own_names(value: Any, called: bool = False) -> Iterator[str]:
    """The name of a function, class or module, and of what it wraps; of another object, `called`, that of its class."""
    for _ in range(DEEPEST):
        value = _unwrapped(value)
        if isinstance(value, ModuleType):
            yield value.__name__
        elif _is_named(value):
            yield _own_name(value)
        elif called:
            yield _name_of_class(type(value))
        # Looked up in the object's own mapping: no code of its class is run.
        held = None if isinstance(value, type) else getattr(value, "__dict__", None)
        if type(held) is not dict or "__wrapped__" not in held:
            return
        value = held["__wrapped__"]
    yield "more functions than can be followed"


def walked(value: Any, most: int = WALKED) -> Iterator[Any]:
    """A value and, if it is a list or mapping, those in it, as many as `most`; no other object is opened."""
    pending = deque([value])
    for _ in range(most):
        if not pending:
            return
        value = pending.popleft()
        yield value
        if type(value) in (list, tuple, set, frozenset, dict):
            pending.extend(islice(value, most))
        if type(value) is dict:
            pending.extend(islice(value.values(), most))


def _unwrapped(value: Any) -> Any:
    """What stands behind methods, aliases, partial calls and components."""
    for _ in range(DEEPEST):
        if isinstance(value, (MethodType, classmethod, staticmethod)):
            value = value.__func__
        elif isinstance(value, GenericAlias):
            value = value.__origin__
        elif isinstance(value, partial):
            value = value.func
        elif isinstance(value, Component):
            value = value.make
        else:
            break
    return value


def _is_named(value: Any) -> bool:
    """Whether it is a function or class, Python's own kind or one that has a name as they have."""
    if isinstance(value, (type, FunctionType, BuiltinFunctionType, *_OF_CLASSES)):
        return True
    return callable(value) and isinstance(getattr(value, "__qualname__", None), str)


def _own_name(value: Any) -> str:
    name = str(getattr(value, "__qualname__", None) or value.__name__)
    if isinstance(value, type):
        return _name_of_class(value)
    if isinstance(value, _OF_CLASSES):
        return f"{_name_of_class(value.__objclass__)}.{value.__name__}"
    module = getattr(value, "__module__", None)
    if isinstance(module, str) or not isinstance(value, BuiltinFunctionType):
        return f"{module}.{name}"
    owner = value.__self__
    if owner is None:  # a static method of a type written in C
        return f"?.{name}"
    classes = (*(owner.__mro__ if isinstance(owner, type) else ()), *type(owner).__mro__)
    return f"{_name_of_class(next((c for c in classes if value.__name__ in vars(c)), classes[0]))}.{value.__name__}"


def _name_of_class(value: type) -> str:
    return f"{value.__module__}.{value.__qualname__}"
