"""Components that are known by a kind and a name: `_target_: model/tiny`.

A component comes from a decorator or a call in a user's code, from `Runner.add_component`, or from an installed package
with an entry point in the group `lighter.components`.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from lighter.component import SEPARATOR, Component, ComponentNotFound, check_words
from lighter.errors import LighterError
from lighter.utils.project import Project
from lighter.utils.serving import owner_of, served_last

GROUP = "lighter.components"  # of entry points

Made = TypeVar("Made", bound=Callable[..., Any])
_Key = tuple[Project | None, str, str]

__all__ = ["GROUP", "AlreadyRegistered", "Registry", "current", "register", "registry", "using"]


class AlreadyRegistered(LighterError, ValueError):  # noqa: N818  (it says what has happened)
    """Two components of one kind and name."""


class Registry:
    """Components by kind and name. What a project registers is known while that project is served."""

    def __init__(self, beneath: "Registry | None" = None) -> None:
        self._beneath = beneath
        self._known: dict[_Key, Component] = {}
        self._are_packages_asked = False

    def add(self, kind: str, name: str, component: Callable[..., Any], config: Any = None) -> None:
        """Makes a component known; `config` is a pydantic model of its arguments.

        Raises AlreadyRegistered where another has this kind and name, TypeError or ValueError where an argument is
        not right.
        """
        self._add(Component(kind, name, component, config, _caller(2)))

    def _add(self, component: Component) -> None:
        check_words(component)
        key = (owner_of(component.make), component.kind, component.name)
        before = self._known.get(key)
        if before is not None and not component.is_again(before):
            raise AlreadyRegistered(
                f"'{component.written}' is registered twice: at {before.origin} and at {component.origin}; "
                "give one of them another name"
            )
        self._known[key] = component

    def find(self, written: str) -> Component:
        """The component of a name such as 'model/tiny'. Raises ComponentNotFound."""
        kind, _, name = written.partition(SEPARATOR)
        for owner in (served_last(), None):
            if (found := self._known.get((owner, kind, name))) is not None:
                return found
        if self._beneath is not None:
            return self._beneath.find(written)
        if not self._are_packages_asked:
            self._ask_packages()
            return self.find(written)
        raise ComponentNotFound(written, tuple(one.written for one in current().all()))

    def all(self, kind: str | None = None) -> list[Component]:
        """The components that are known now, of all kinds or of one, in alphabetical order."""
        if self._beneath is None and not self._are_packages_asked:
            self._ask_packages()
        found = {} if self._beneath is None else {one.written: one for one in self._beneath.all(kind)}
        owners = (None, served_last())
        found |= {c.written: c for (owner, of, _), c in self._known.items() if owner in owners and kind in (None, of)}
        return [found[written] for written in sorted(found)]

    def _ask_packages(self) -> None:
        """Lets installed packages register: an entry point is a module that does, or a component `kind/name`."""
        from importlib.metadata import entry_points

        self._are_packages_asked = True
        for point in entry_points(group=GROUP):
            loaded = point.load()
            kind, separator, name = point.name.partition(SEPARATOR)
            if separator:
                self._add(Component(kind, name, loaded, None, f"the entry point {point.value}"))


registry = Registry()
_CURRENT: ContextVar[Registry] = ContextVar("registry", default=registry)


def register(kind: str, name: str, config: Any = None) -> Callable[[Made], Made]:
    """A decorator that makes a class or function known as `kind/name`, `config` as in `Registry.add`."""
    origin = _caller(2)

    def decorate(component: Made) -> Made:
        registry._add(Component(kind, name, component, config, origin))  # noqa: SLF001  # with the decorator's place
        return component

    return decorate


def current() -> Registry:
    """The registry in use: that of the run, over the one of the process."""
    return _CURRENT.get()


@contextmanager
def using(own: Registry) -> Iterator[None]:
    """Looks into this registry first, inside."""
    token = _CURRENT.set(own)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def _caller(depth: int) -> str:
    frame = sys._getframe(depth)  # noqa: SLF001  # the place is told where a name is registered twice
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
