"""Hooks of a LightningModule that are there only when they have something to do."""

from collections.abc import Callable
from types import MethodType
from typing import Any, TypeVar, cast

Hook = TypeVar("Hook", bound=Callable[..., Any])


def hook_if(wanted: Callable[[Any], bool]) -> Callable[[Hook], Hook]:
    """Makes a hook that counts as not overridden, to Lightning, while `wanted(module)` is false.

    Lightning asks whether a module overrides a hook, not whether the hook has something to give.
    """

    def decorate(function: Hook) -> Hook:
        return cast(Hook, _ConditionalHook(function, wanted))

    return decorate


class _ConditionalHook:
    """No `__set__`, so that an attribute of the instance may stand over it, as torch.compile and Lightning do."""

    def __init__(self, function: Callable[..., Any], wanted: Callable[[Any], bool]) -> None:
        self._function = function
        self._wanted = wanted
        self._inherited: dict[type, Callable[..., Any]] = {}  # Lightning asks at each batch
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner, self._name = owner, name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self._function
        if self._wanted(instance):
            return MethodType(self._function, instance)
        kind = type(instance)
        if kind not in self._inherited:
            self._inherited[kind] = getattr(super(self._owner, kind), self._name)
        return MethodType(self._inherited[kind], instance)
