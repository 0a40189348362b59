"""One component: what a config calls by a kind and a name."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SEPARATOR = "/"

__all__ = ["SEPARATOR", "Component", "ComponentNotFound", "check_words"]


class ComponentNotFound(LookupError):  # noqa: N818  (as ModuleNotFound)
    """A kind or name that nothing is registered under; `candidates` are those that are, as a config writes them."""

    def __init__(self, written: str, candidates: tuple[str, ...]) -> None:
        self.written = written
        self.candidates = candidates
        super().__init__(written)


@dataclass(frozen=True)
class Component:
    """A callable by its kind and name, with a pydantic model of its arguments if it has one."""

    kind: str
    name: str
    make: Callable[..., Any]
    config: Any = None
    origin: str = ""  # where it was registered: a file and a line

    def __post_init__(self) -> None:
        # Whoever judges a callable by what it is looks behind what wraps it, here too.
        object.__setattr__(self, "__wrapped__", self.make)

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
        """Whether it is the other one, of a module or a notebook's cell that has run again."""
        return _own_name(self.make) == _own_name(other.make)


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


def _own_name(make: Callable[..., Any]) -> tuple[object, object]:
    return getattr(make, "__module__", None), getattr(make, "__qualname__", id(make))
