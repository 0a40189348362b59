"""Calls of plugins by what they do and for which name or model type."""

from typing import Any

from lighter.plugins.plugin import (
    DATA_ACCESS,
    DESERIALIZE,
    FIT,
    INSTANTIATE,
    PREDICT,
    SERIALIZE,
    StateCallback,
    find_plugin,
)

__all__ = ["exec_data_access", "exec_deserialize", "exec_fit", "exec_instantiate", "exec_predict", "exec_serialize"]


def exec_data_access(name: str, /, state_cb: StateCallback | None = None, *args: Any, **kwargs: Any) -> Any:
    """The data that the plugin of this name gives for the arguments. Raises PluginNotFound."""
    return find_plugin(DATA_ACCESS, name).call(args, kwargs, state_cb)


def exec_instantiate(model_type: str, /, state_cb: StateCallback | None = None, *args: Any, **kwargs: Any) -> Any:
    """A new instance of the model type. Raises PluginNotFound."""
    return find_plugin(INSTANTIATE, model_type).call(args, kwargs, state_cb)


def exec_fit(
    model_type: str, instance: Any, /, state_cb: StateCallback | None = None, *args: Any, **kwargs: Any
) -> Any:
    """The fitted instance: what the plugin returns, or where that is None the instance given. Raises PluginNotFound."""
    fitted = find_plugin(FIT, model_type).call((instance, *args), kwargs, state_cb)
    return instance if fitted is None else fitted


def exec_predict(
    model_type: str, instance: Any, /, state_cb: StateCallback | None = None, *args: Any, **kwargs: Any
) -> Any:
    """What the instance predicts for the arguments. Raises PluginNotFound."""
    return find_plugin(PREDICT, model_type).call((instance, *args), kwargs, state_cb)


def exec_serialize(model_type: str, instance: Any, /) -> bytes:
    """The instance as bytes. Raises PluginNotFound."""
    found: bytes = find_plugin(SERIALIZE, model_type).call((instance,), {}, None)
    return found


def exec_deserialize(model_type: str, instance_bytes: bytes, /) -> Any:
    """The instance that was serialized. Raises PluginNotFound."""
    return find_plugin(DESERIALIZE, model_type).call((instance_bytes,), {}, None)
