"""One plugin: a function for one step of work with models, registered by what it does and a name or model type."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeAlias

from lighter.errors import LighterError, listing, nearest
from lighter.project.registry import SEPARATOR, Component, ComponentNotFound, current

DATA_ACCESS, INSTANTIATE, FIT, PREDICT, SERIALIZE, DESERIALIZE = KINDS = (
    "data_access",
    "instantiate",
    "fit",
    "predict",
    "serialize",
    "deserialize",
)
_OF_INSTANCES = (FIT, PREDICT, SERIALIZE)

StateCallback: TypeAlias = Callable[[dict[str, Any]], None]
Report: TypeAlias = Callable[[str, Mapping[str, Any]], None]  # the plugin, as a config writes it, and its state

_REPORT: ContextVar[Report | None] = ContextVar("report", default=None)


class PluginNotFound(LighterError, LookupError, ValueError):  # noqa: N818  (as ComponentNotFound)
    """A name or model type that no plugin of a kind is registered for."""


class Plugin(Component):
    """A component that may take a state callback, and the model instance that it works on, under names of its own."""

    def __init__(
        self,
        kind: str,
        name: str,
        make: Callable[..., Any],
        origin: str = "",
        *,
        state_cb_arg_name: str | None = None,
        instance_arg_name: str | None = None,
    ) -> None:
        super().__init__(kind, name, make, None, origin)
        self.state_cb_arg_name: Final = state_cb_arg_name
        self.instance_arg_name: Final = instance_arg_name

    @property
    def __signature__(self) -> inspect.Signature:
        """What a caller gives: neither the instance nor the callback."""
        given = (self.state_cb_arg_name, self.instance_arg_name)
        left = [p for p in inspect.signature(self.make).parameters.values() if p.name not in given]
        if self.kind in _OF_INSTANCES and self.instance_arg_name is None and left:
            del left[0]
        return inspect.Signature(left)

    @property
    def called(self) -> Callable[..., Any]:
        """Itself: it adds the callback."""
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the function gives; of a kind that works on an instance, that comes first, under whatever name."""
        return self.call(args, kwargs, None)

    def call(self, args: Sequence[Any], kwargs: Mapping[str, Any], state_cb: StateCallback | None) -> Any:
        """The same, its state told to `state_cb`, or to what `reporting` has set."""
        given: dict[str, Any] = {}
        if self.instance_arg_name is not None and args:
            given[self.instance_arg_name], *args = args
        if self.state_cb_arg_name is not None:
            given[self.state_cb_arg_name] = self._told if state_cb is None else state_cb
        return self.make(*(_placed(self.make, args, given) if args and given else args), **kwargs, **given)

    def _told(self, state: Mapping[str, Any]) -> None:
        report = _REPORT.get()
        if report is not None:
            report(self.written, state)


def _placed(function: Callable[..., Any], args: Sequence[Any], given: dict[str, Any]) -> list[Any]:
    """Positional arguments with those of `given` at their places among them, which are taken out of it."""
    left, placed = list(args), []
    for parameter in inspect.signature(function).parameters.values():
        if not left or parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            break
        placed.append(given.pop(parameter.name) if parameter.name in given else left.pop(0))
    return placed + left


def find_plugin(kind: str, name: str) -> Plugin:
    """The plugin of a kind for a name or model type. Raises PluginNotFound with the nearest."""
    written = f"{kind}{SEPARATOR}{name}"
    try:
        found = current().find(written)
    except ComponentNotFound as error:
        known = [one.removeprefix(f"{kind}{SEPARATOR}") for one in error.candidates if one.startswith(f"{kind}/")]
        near = nearest(name, known)
        there = f"there are {listing(known)}" if known else "there is none: is its module imported?"
        cure = f"did you mean '{near}'?" if near else there
        raise PluginNotFound(f"no '{kind}' plugin is registered for '{name}'; {cure}") from error
    return found if isinstance(found, Plugin) else Plugin(kind, name, found, found.origin)


@contextmanager
def reporting(report: Report) -> Iterator[None]:
    """Lets plugins that are called without a callback of their own report their state to `report`, inside."""
    token = _REPORT.set(report)
    try:
        yield
    finally:
        _REPORT.reset(token)


def exec_data_access(name: str, /, state_cb: StateCallback | None = None, *args: Any, **kwargs: Any) -> Any:
    """Returns the data that the plugin of this name gives for the arguments.

    Args:
        name: what it is registered under.
        state_cb: gets the state that the plugin reports, a mapping.
        args: arguments of the plugin.
        kwargs: arguments of the plugin.

    Raises:
        PluginNotFound: no plugin is registered for this; the message has the nearest.
        Exception: what the plugin raises.
    """
    return find_plugin(DATA_ACCESS, name).call(args, kwargs, state_cb)


def exec_instantiate(model_type: str, /, state_cb: StateCallback | None = None, *args: Any, **kwargs: Any) -> Any:
    """Returns a new instance of the model type; arguments and errors as of `exec_data_access`."""
    return find_plugin(INSTANTIATE, model_type).call(args, kwargs, state_cb)


def exec_fit(
    model_type: str, instance: Any, /, state_cb: StateCallback | None = None, *args: Any, **kwargs: Any
) -> Any:
    """Returns the fitted instance: what the plugin returns, or the instance given where that is None.

    Arguments and errors as of `exec_data_access`.
    """
    fitted = find_plugin(FIT, model_type).call((instance, *args), kwargs, state_cb)
    return instance if fitted is None else fitted


def exec_predict(
    model_type: str, instance: Any, /, state_cb: StateCallback | None = None, *args: Any, **kwargs: Any
) -> tuple[Any, Any]:
    """Returns the instance, which may have changed by that, and what it predicts.

    Arguments and errors as of `exec_data_access`.
    """
    return instance, find_plugin(PREDICT, model_type).call((instance, *args), kwargs, state_cb)


def exec_serialize(model_type: str, instance: Any, /) -> bytes:
    """Returns the instance as bytes; errors as of `exec_data_access`."""
    found: bytes = find_plugin(SERIALIZE, model_type).call((instance,), {}, None)
    return found


def exec_deserialize(model_type: str, instance_bytes: bytes, /) -> Any:
    """Returns the instance that was serialized; errors as of `exec_data_access`."""
    return find_plugin(DESERIALIZE, model_type).call((instance_bytes,), {}, None)
