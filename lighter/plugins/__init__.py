"""Plugins: functions of yours for the steps of work with a model, found by name.

A plugin is code like any other: it is not sandboxed, and may do whatever you may. Import only modules that you trust.
"""

from lighter.config.plugin_schema import SCHEMA
from lighter.plugins.decorators import (
    data_access,
    deserialize,
    fit,
    initialize,
    instantiate,
    predict,
    serialize,
    unload_all,
)
from lighter.plugins.model import Model, model
from lighter.plugins.plugin import (
    PluginNotFound,
    StateCallback,
    exec_data_access,
    exec_deserialize,
    exec_fit,
    exec_instantiate,
    exec_predict,
    exec_serialize,
)
from lighter.plugins.plugin_system import PluginSystem

__all__ = [
    "SCHEMA",
    "Model",
    "PluginNotFound",
    "PluginSystem",
    "StateCallback",
    "data_access",
    "deserialize",
    "exec_data_access",
    "exec_deserialize",
    "exec_fit",
    "exec_instantiate",
    "exec_predict",
    "exec_serialize",
    "fit",
    "initialize",
    "instantiate",
    "model",
    "predict",
    "serialize",
    "unload_all",
]
