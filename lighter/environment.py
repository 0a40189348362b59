"""Values that come from environment variables, as an expression of a config asks for them."""

import os
from typing import Any

from lighter.errors import ConfigError, Problem, nearest

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_NEEDED: Any = object()

__all__ = ["env"]


def env(name: str, default: Any = _NEEDED) -> Any:
    """The text of an environment variable; where the default is a number or a boolean, read as one.

    Raises ConfigError where it is not set and there is no default, or where it cannot be read as what the default is.
    """
    value = os.environ.get(name)
    if value is not None:
        return _read(name, value, default)
    if default is not _NEEDED:
        return default
    near = nearest(name, os.environ)
    what = f"the environment variable '{name}' is not set"
    help = f"set it, or write a default: $env('{name}', '...')"
    raise ConfigError([Problem(what, help=f"did you mean '{near}'? Else {help}" if near else help)])


def _read(name: str, value: str, default: object) -> object:
    kind = type(default)
    if kind not in (bool, int, float):
        return value
    try:
        return _BOOLEANS[value.strip().lower()] if kind is bool else kind(value)
    except (KeyError, ValueError) as error:
        wanted = {bool: "true or false", int: "a whole number", float: "a number"}[kind]
        problem = Problem(f"the environment variable '{name}' is not {wanted}, as its default is", help=f"set {wanted}")
        raise ConfigError([problem]) from error
