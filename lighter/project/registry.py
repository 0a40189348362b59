"""Components that are known by a kind and a name: `_target_: model/tiny`.

A component comes from a decorator or a call in a user's code, from `Runner.add_component`, or from an installed package
with an entry point in the group `lighter.components`.
"""

import inspect
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import Any, Final, TypeVar

from lighter.errors import LighterError, shown_path
from lighter.project.import_internals import calling_frame
from lighter.project.importable import active_imports, active_project, load_imports, owner_of, owner_of_module
from lighter.project.project import Importable

SEPARATOR = "/"

GROUP = "lighter.components"  # of entry points

Made = TypeVar("Made", bound=Callable[..., Any])
_Key = tuple[Importable | None, str, str]


class ComponentNotFound(LookupError):  # noqa: N818  (as ModuleNotFound)
    """A kind or name that nothing is registered under; `candidates` are those that are, as a config writes them."""

    def __init__(self, written: str, candidates: tuple[str, ...]) -> None:
        self.written = written
        self.candidates = candidates
        super().__init__(written)


class Component:
    """A callable by its kind and name, with a pydantic model of its arguments if it has one.

    `origin` says where it was registered: a file and a line.
    """

    def __init__(self, kind: str, name: str, make: Callable[..., Any], config: Any = None, origin: str = "") -> None:
        self.kind: Final = kind
        self.name: Final = name
        self.make: Final = make
        self.config: Final = config
        self.origin = origin
        self.__wrapped__ = make  # whoever judges a callable by what it is looks behind what wraps it, here too

    @property
    def written(self) -> str:
        """How a config names it."""
        return f"{self.kind}{SEPARATOR}{self.name}"

    @property
    def __signature__(self) -> inspect.Signature:
        """What it takes: the fields of its model, or what the callable takes."""
        return inspect.signature(self.make if self.config is None else self.config)

    @property
    def called(self) -> Callable[..., Any]:
        """What a config calls: what is registered, itself; with a model of its arguments, what asks that first."""
        return self.make if self.config is None else self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What it makes, of the arguments as its model gives them. Raises pydantic's ValidationError."""
        if self.config is None:
            return self.make(*args, **kwargs)
        known = self.config(*args, **kwargs)
        fields = {name: getattr(known, name) for name in type(known).model_fields}
        return self.make(**fields, **(known.model_extra or {}))

    def is_again(self, other: "Component") -> bool:
        """Whether it is the other one, of a module or a notebook's cell that has run again, perhaps by another name."""
        is_same_line = self.origin == other.origin and not self.origin.startswith("<")  # of a file
        return is_same_line or _own_name(self) == _own_name(other)


def check_words(component: Component) -> None:
    """Raises ValueError or TypeError for what cannot be a component."""
    for role, word in (("kind", component.kind), ("name", component.name)):
        if not isinstance(word, str) or not word or not word.isprintable() or set(word) & set(f"{SEPARATOR} $@%:#"):
            example = "register('model', 'tiny')"
            raise ValueError(f"{word!r} cannot be the {role} of a component: write one word, as in {example}")
    if not callable(component.make):
        raise TypeError(f"the component '{component.written}' is {component.make!r}, which cannot be called")
    if component.config is not None and not hasattr(component.config, "model_validate"):
        raise TypeError(
            f"the config of '{component.written}' is {component.config!r}; give a pydantic model: "
            "class Config(pydantic.BaseModel)"
        )


def _own_name(component: Component) -> tuple[object, ...]:
    """What a class or function is called; of an object without a name, what it is and where it is registered."""
    make = component.make
    if hasattr(make, "__qualname__"):
        return make.__module__, make.__qualname__
    return type(make).__module__, type(make).__qualname__, component.origin


class AlreadyRegistered(LighterError, ValueError):  # noqa: N818  (it says what has happened)
    """Two components of one kind and name."""

    def __init__(self, one: Component, other: Component) -> None:
        self.components = (one, other)
        where = f"at {shown_path(other.origin)} and at {shown_path(one.origin)}"
        super().__init__(f"'{one.written}' is registered twice: {where}; give one of them another name")

    def __reduce__(self) -> tuple[type["AlreadyRegistered"], tuple[Component, ...]]:
        return type(self), self.components


class Registry:
    """Components by kind and name. What a project or an import registers is known while that is importable."""

    def __init__(self, beneath: "Registry | None" = None) -> None:
        self._beneath = beneath
        self._known: dict[_Key, Component] = {}
        self._are_packages_asked = False

    def add(self, kind: str, name: str, component: Callable[..., Any], config: Any = None) -> None:
        """Makes a component known; `config` is a pydantic model of its arguments.

        Raises AlreadyRegistered where another has this kind and name, TypeError or ValueError where an argument is
        not right.
        """
        self._add(Component(kind, name, component, config), _caller())

    def _add(self, component: Component, by: FrameType) -> None:
        check_words(component)
        component.origin = component.origin or f"{by.f_code.co_filename}:{by.f_lineno}"
        # Whoever registers owns the name: what it names may be a library's.
        owner = owner_of_module(str(by.f_globals.get("__name__"))) or owner_of(component.make)
        key = (owner, component.kind, component.name)
        before = [self._known[key]] if key in self._known else self._importable(component.written) if owner else []
        for other in before:
            if not component.is_again(other):
                raise AlreadyRegistered(component, other)
        self._known[key] = component

    def forget(self, kinds: Collection[str]) -> None:
        """Makes all components of these kinds unknown."""
        self._known = {key: one for key, one in self._known.items() if one.kind not in kinds}

    def find(self, written: str) -> Component:
        """The component of a name such as 'model/tiny'. Raises ComponentNotFound, or what an import's code raises."""
        load_imports()
        kind, _, name = written.partition(SEPARATOR)
        found = self._importable(written)
        for other in found[1:]:
            if not other.is_again(found[0]):
                raise AlreadyRegistered(other, found[0])
        if found or (None, kind, name) in self._known:
            return found[0] if found else self._known[None, kind, name]
        if self._beneath is not None:
            return self._beneath.find(written)
        if not self._are_packages_asked:
            self._ask_packages()
            return self.find(written)
        raise ComponentNotFound(written, tuple(one.written for one in current().all()))

    def _importable(self, written: str) -> list[Component]:
        """What the project and the imports that are importable now have registered under a name."""
        kind, _, name = written.partition(SEPARATOR)
        keys = [(owner, kind, name) for owner in (*active_imports(), active_project()) if owner is not None]
        return [self._known[key] for key in keys if key in self._known]

    def all(self, kind: str | None = None) -> list[Component]:
        """The components that are known now, of all kinds or of one, in alphabetical order."""
        load_imports()
        if self._beneath is None and not self._are_packages_asked:
            self._ask_packages()
        found = {} if self._beneath is None else {one.written: one for one in self._beneath.all(kind)}
        owners = (None, active_project(), *active_imports())
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
                self._add(Component(kind, name, loaded, None, f"the entry point {point.value}"), _caller())


registry = Registry()
_CURRENT: ContextVar[Registry] = ContextVar("registry", default=registry)


def register(kind: str, name: str, config: Any = None, *, stacklevel: int = 1) -> Callable[[Made], Made]:
    """A decorator that makes a class or function known to all configs, as `_target_: kind/name`.

    Args:
        kind: one word, such as `collate_fn`.
        name: one word.
        config: a pydantic model that validates the arguments; without it the component's signature is checked.
        stacklevel: as for `warnings.warn`: 2 in a function that registers for the code that calls it.

    Raises:
        LighterError: another component has this kind and name.
        ValueError: kind or name is no word.
        TypeError: what is decorated cannot be called, or `config` is no pydantic model.
    """
    by = _caller(stacklevel)
    origin = f"{by.f_code.co_filename}:{by.f_lineno}"

    def decorate(component: Made) -> Made:
        registry._add(Component(kind, name, component, config, origin), by)  # noqa: SLF001  # with the decorator's place
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


def _caller(stacklevel: int = 1) -> FrameType:
    """The code that registers: the nearest that is not Lighter's own, or so many calls above."""
    frame = calling_frame(1)  # its place is reported where a name is registered twice
    while f"{frame.f_globals.get('__name__')}.".startswith("lighter.") and frame.f_back is not None:
        frame = frame.f_back
    for _ in range(stacklevel - 1):
        frame = frame.f_back or frame
    return frame
