"""A class as a whole model type: its constructor and methods are the plugins."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar, overload

from lighter.errors import listing, nearest
from lighter.plugins.decorators import add
from lighter.plugins.plugin import DESERIALIZE, FIT, INSTANTIATE, PREDICT, SERIALIZE, Plugin
from lighter.project.import_internals import calling_frame

METHODS = (FIT, PREDICT, SERIALIZE, DESERIALIZE)

Kind = TypeVar("Kind", bound=type)


class Model(ABC):
    """The base class for a class decorated with `model`, with the methods that one needs; its constructor instantiates.

    A class with these methods does without it.
    """

    @abstractmethod
    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """Fits the model to data. Returns itself, another fitted model, or None for itself."""

    @abstractmethod
    def predict(self, *args: Any, **kwargs: Any) -> Any:
        """Returns the predictions for data."""

    @abstractmethod
    def serialize(self) -> bytes:
        """Returns all that `deserialize` needs."""

    @classmethod
    @abstractmethod
    def deserialize(cls, instance_bytes: bytes) -> Any:
        """Returns the model that was serialized."""


@overload
def model(model_type: Kind) -> Kind: ...
@overload
def model(model_type: str | None = None, state_cb_arg_name: str | None = None) -> Callable[[Kind], Kind]: ...
def model(model_type: Any = None, state_cb_arg_name: str | None = None) -> Any:
    """Registers a class for all steps but data access, as `@model`, `@model()` or `@model("my_project.SVC")`.

    Args:
        model_type: the name of the type; `module.Class` if it is left out.
        state_cb_arg_name: the argument that receives the state callback, in each of the constructor, `fit` and
            `predict` that has one of this name.

    Raises:
        TypeError: it is no class, or lacks one of the methods `fit`, `predict`, `serialize` and `deserialize`.
        ValueError: none of them has an argument of that name.
        LighterError: another class or function is registered for this type.
    """
    by = calling_frame(1)  # its place is reported where a type is registered twice
    origin = f"{by.f_code.co_filename}:{by.f_lineno}"

    def decorate(kind: Kind) -> Kind:
        _check(kind, state_cb_arg_name)
        name = model_type if isinstance(model_type, str) else f"{kind.__module__}.{kind.__qualname__}"
        add(Plugin(INSTANTIATE, name, kind, origin, state_cb_arg_name=_taken(kind, state_cb_arg_name)), by)
        for step in METHODS:
            method = getattr(kind, step)
            add(Plugin(step, name, method, origin, state_cb_arg_name=_taken(method, state_cb_arg_name)), by)
        return kind

    return decorate(model_type) if isinstance(model_type, type) else decorate


def _check(kind: Any, state_cb_arg_name: str | None) -> None:
    """Raises TypeError or ValueError for what cannot be a model type."""
    if not isinstance(kind, type):
        raise TypeError(f"@plugins.model decorates a class, not {kind!r}")
    lacking = [m for m in METHODS if getattr(getattr(kind, m, None), "__isabstractmethod__", not hasattr(kind, m))]
    if lacking:
        near = next(filter(None, (nearest(name, vars(kind)) for name in lacking)), None)
        cure = f"did you mean '{lacking[0]}' by '{near}'?" if near else f"write 'def {lacking[0]}(self, ...)'"
        raise TypeError(f"the model class '{kind.__qualname__}' lacks {listing(lacking)}; {cure}")
    takers = (kind, getattr(kind, FIT), getattr(kind, PREDICT))
    if state_cb_arg_name and not any(_taken(one, state_cb_arg_name) for one in takers):
        where = f"neither the constructor of '{kind.__qualname__}' nor its fit or predict takes"
        raise ValueError(f"@plugins.model(state_cb_arg_name): {where} an argument '{state_cb_arg_name}'")


def _taken(function: Callable[..., Any], name: str | None) -> str | None:
    """The name, if the function has an argument of it."""
    return name if name in inspect.signature(function).parameters else None
