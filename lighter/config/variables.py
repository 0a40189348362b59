"""Environment variables that an expression needs: told before anything is built."""

import ast
from collections.abc import Iterator
from typing import Any

from lighter.config.expressions import ENVIRONMENT, Expression
from lighter.environment import env
from lighter.errors import ConfigError, Problem

# Where one of these stands, what is not reached may not be needed.
_CHOICES = (ast.IfExp, ast.BoolOp, ast.Lambda, ast.comprehension)

__all__ = ["variable_problems"]


def variable_problems(expression: Expression) -> list[Problem]:
    """What is wrong with the variables that an expression surely reads, without a place."""
    if ENVIRONMENT not in expression.names:
        return []
    tree = ast.parse(expression.code, mode="eval")
    if any(isinstance(node, _CHOICES) for node in ast.walk(tree)):
        return []
    problems: list[Problem] = []
    for args in _calls(tree):
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
