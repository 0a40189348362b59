"""Environment variables that an expression needs: reported before anything is built."""

import ast
import os
from collections.abc import Iterator
from typing import Any

from lighter.config.expressions import ENVIRONMENT, Expression
from lighter.errors import ConfigError, Problem, nearest

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_NEEDED: Any = object()

# Where there is one of these, what is not reached may not be needed.
_CHOICES = (ast.IfExp, ast.BoolOp, ast.Lambda, ast.comprehension)


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
    raise ConfigError([Problem(what, help=f"did you mean '{near}'? Else {help}" if near else help, code="environment")])


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


def variable_problems(expression: Expression) -> list[Problem]:
    """What is wrong with the variables that an expression surely reads, without a place."""
    if ENVIRONMENT not in expression.names:
        return []
    if any(isinstance(node, _CHOICES) for node in ast.walk(expression.tree)):
        return []
    problems: list[Problem] = []
    for args in _calls(expression.tree):
        try:
            env(*args)
        except ConfigError as error:
            problems += error.problems
    return problems


def _calls(tree: ast.AST) -> Iterator[list[Any]]:
    """The arguments of each call of `env` that holds nothing but plain values."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == ENVIRONMENT:
            given = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "default")]
            values = [value.value for value in given if isinstance(value, ast.Constant)]
            if len(values) == len(node.args) + len(node.keywords) in (1, 2) and isinstance(values[0], str):
                yield values
