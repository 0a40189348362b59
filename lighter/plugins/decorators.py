"""How plugins become known: the decorators, and the import of the modules that hold them."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any, TypeVar

from lighter.errors import suggestion
from lighter.plugins.plugin import DATA_ACCESS, DESERIALIZE, FIT, INSTANTIATE, KINDS, PREDICT, SERIALIZE, Plugin
from lighter.project.import_internals import calling_frame
from lighter.project.registry import registry

Function = TypeVar("Function", bound=Callable[..., Any])
Types = str | Sequence[str]


def data_access(name: str, state_cb_arg_name: str | None = None) -> Callable[[Function], Function]:
    """Registers a function that returns data, under a name.

    Args:
        name: what `exec_data_access` and `_target_: data_access/NAME` call it by.
        state_cb_arg_name: the function's argument that receives the state callback.

    Raises:
        TypeError: the name is no string, or what is decorated cannot be called.
        ValueError: the function has no argument of that name.
        LighterError: another function has this name.
    """
    return _decorator(DATA_ACCESS, name, state_cb_arg_name)


def instantiate(model_type: str, state_cb_arg_name: str | None = None) -> Callable[[Function], Function]:
    """Registers a function that returns a new instance of a model type; raises what `data_access` raises.

    Args:
        model_type: the name of the type, such as `my_project.SVC`.
        state_cb_arg_name: the function's argument that receives the state callback.
    """
    return _decorator(INSTANTIATE, model_type, state_cb_arg_name)


def fit(
    model_types: Types, state_cb_arg_name: str | None = None, instance_arg_name: str | None = None
) -> Callable[[Function], Function]:
    """Registers a function that fits an instance to data; raises what `data_access` raises.

    What it returns is the fitted instance; None means the one that was given.

    Args:
        model_types: the name of a model type, or several.
        state_cb_arg_name: the function's argument that receives the state callback.
        instance_arg_name: the function's argument that receives the instance; the first one if it is left out.
    """
    return _decorator(FIT, model_types, state_cb_arg_name, instance_arg_name)


def predict(
    model_types: Types, state_cb_arg_name: str | None = None, instance_arg_name: str | None = None
) -> Callable[[Function], Function]:
    """Registers a function that returns the predictions of an instance; raises what `data_access` raises.

    Args:
        model_types: the name of a model type, or several.
        state_cb_arg_name: the function's argument that receives the state callback.
        instance_arg_name: the function's argument that receives the instance; the first one if it is left out.
    """
    return _decorator(PREDICT, model_types, state_cb_arg_name, instance_arg_name)


def serialize(model_types: Types) -> Callable[[Function], Function]:
    """Registers a function that returns an instance as bytes; raises what `data_access` raises.

    Args:
        model_types: the name of a model type, or several.
    """
    return _decorator(SERIALIZE, model_types)


def deserialize(model_types: Types) -> Callable[[Function], Function]:
    """Registers a function that returns the instance of such bytes; raises what `data_access` raises.

    Args:
        model_types: the name of a model type, or several.
    """
    return _decorator(DESERIALIZE, model_types)


def add(plugin: Plugin, by: FrameType) -> None:
    """Makes a plugin known that the code of a frame registers. Raises AlreadyRegistered where its name is taken."""
    registry._add(plugin, by)  # noqa: SLF001  # as `register` does, with a plugin for its component


def unload_all() -> None:
    """Forgets all plugins; a module that runs again registers its own again."""
    registry.forget(KINDS)


def _decorator(
    kind: str, names: Types, state_cb_arg_name: str | None = None, instance_arg_name: str | None = None
) -> Callable[[Function], Function]:
    by = calling_frame(2)  # its place is reported where a name is registered twice
    origin = f"{by.f_code.co_filename}:{by.f_lineno}"
    listed = _listed(kind, names)
    arguments = {"state_cb_arg_name": state_cb_arg_name, "instance_arg_name": instance_arg_name}

    def decorate(function: Function) -> Function:
        if not callable(function):
            raise TypeError(f"the {kind} plugin '{listed[0]}' is {function!r}, which cannot be called")
        for role, name in arguments.items():
            _check_parameter(function, f"@plugins.{kind}({role})", name)
        for name in listed:
            add(Plugin(kind, name, function, origin, **arguments), by)
        return function

    return decorate


def _listed(kind: str, names: Types) -> list[str]:
    listed = [names] if isinstance(names, str) else names
    if not isinstance(listed, Sequence) or not listed or not all(isinstance(name, str) for name in listed):
        example = "'digits'" if kind == DATA_ACCESS else "'my_project.SVC'"
        many = f" or {kind}([{example}, ...])" if kind not in (DATA_ACCESS, INSTANTIATE) else ""
        raise TypeError(f"@plugins.{kind} takes a name, not {names!r}: write @plugins.{kind}({example}){many}")
    return list(listed)


def _check_parameter(function: Callable[..., Any], asker: str, name: str | None) -> None:
    """Raises ValueError where the function takes no argument of this name."""
    if name is None:
        return
    parameters = inspect.signature(function).parameters.values()
    by_name = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    if name not in by_name and all(p.kind is not p.VAR_KEYWORD for p in parameters):
        there = suggestion(name, by_name, "it takes") or "it takes no argument by name"
        written = getattr(function, "__qualname__", repr(function))
        raise ValueError(f"{asker}: '{written}' takes no argument '{name}'; {there}")


def initialize(config: Mapping[str, Any], project: str | None = None) -> None:
    """Imports modules, so that their decorators run: `initialize({"names": ["my_project.plugins"]})`.

    They are imported as any module is, with all that their code does: nothing is sandboxed.

    Args:
        config: a mapping with the list `names`, of the form of `SCHEMA`.
        project: the folder in which names that begin with its own name are looked up; all others are of installed
            modules.

    Raises:
        ConfigError: the mapping has another form, a module is not there, or its code raises.
    """
    from lighter.config.loading import load_mapping
    from lighter.config.plugin_schema import import_problems
    from lighter.config.schema import PLUGINS
    from lighter.errors import ConfigError
    from lighter.project.importable import active_project, keep_importable
    from lighter.project.project import Project

    folder = active_project() if project is None else Project.open(project)
    if project is not None and folder is not None:
        keep_importable(folder)  # as an import does
    tree = load_mapping({PLUGINS: config})
    problems = import_problems(tree, folder)
    if problems:
        raise ConfigError(problems)
