"""`$code` of a limited config: a subset of Python's expressions, each access and call in it judged when it is made.

The code is compiled, not interpreted: in place of `a.b`, `f(x)`, `a[b]`, `a * b` and names there are calls of a guard.
So lambdas and comprehensions are Python's own, and what they do later is judged as well.
"""

import ast
import builtins
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from types import ModuleType
from typing import Any

from lighter.config.allowlist.guard import Guard
from lighter.config.allowlist.policy import LAMBDAS
from lighter.config.allowlist.refusal import Refusal, flag_refusal, text_refusal
from lighter.config.expressions import Expression
from lighter.errors import ConfigError

_WIDE = re.compile(r"\d{4}")
_NODES = (
    *(ast.Expression, ast.Constant, ast.Name, ast.Attribute, ast.Call, ast.keyword, ast.Starred, ast.Subscript),
    *(ast.Slice, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    *(ast.comprehension, ast.Lambda, ast.arguments, ast.arg, ast.IfExp, ast.BoolOp, ast.BinOp, ast.UnaryOp),
    *(ast.Compare, ast.JoinedStr, ast.FormattedValue),
    *(ast.boolop, ast.operator, ast.unaryop, ast.cmpop, ast.expr_context),
)
_WRITTEN = {ast.NamedExpr: ":=", ast.Await: "await", ast.Yield: "yield", ast.YieldFrom: "yield from"}
_PYTHON = "no limited expression may hold"


def evaluate(expression: Expression, names: Mapping[str, Any], guard: Guard) -> Any:
    """The value of an expression. Raises ConfigError where it does what it may not, or what its calls raise."""
    if refused := refusals(expression):
        raise ConfigError([refusal.problem(guard.position, guard.place) for refusal in refused])
    code = compile(ast.fix_missing_locations(_Guarded().visit(deepcopy(expression.tree))), LAMBDAS, "eval")
    known = {name: getattr(builtins, name) for name in expression.names if hasattr(builtins, name)}
    # An empty mapping of builtins: with none at all, Python would add its own.
    scope = {**known, **names, **guard.names(), "__builtins__": {}, "__name__": LAMBDAS}
    with guard.counting():
        for value in names.values():
            if not isinstance(value, ModuleType):
                guard.made(value)
        return guard.made(eval(code, scope), with_texts=True)  # noqa: S307  # each node of it is known or replaced


def refusals(expression: Expression) -> list[Refusal]:
    """What an expression holds that no limited one may, as far as its text shows."""
    return list(_refused_in(expression.tree, expression))


def chains(expression: Expression) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """Each `name.a.b` whose name comes from outside: the name, the attributes, and whether it is called."""
    nodes = [*ast.walk(expression.tree)]
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    inner = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if isinstance(node, (ast.Name, ast.Attribute)) and id(node) not in inner:
            root: ast.expr = node
            attributes: list[str] = []
            while isinstance(root, ast.Attribute):
                attributes.append(root.attr)
                root = root.value
            if isinstance(root, ast.Name) and root.id in expression.names:
                yield root.id, tuple(reversed(attributes)), id(node) in called


def _refused_in(tree: ast.AST, expression: Expression) -> Iterator[Refusal]:
    slots = {name for name, _ in expression.slots}
    for node in ast.walk(tree):
        if not isinstance(node, _NODES):
            yield Refusal(f"{_PYTHON} '{_WRITTEN.get(type(node), type(node).__name__)}'")
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            yield Refusal(f"{_PYTHON} a loop that sets '{ast.unparse(node)}'", "loop over a name")
        elif isinstance(node, ast.comprehension) and node.is_async:
            yield Refusal(f"{_PYTHON} 'async'")
        elif isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            yield from _of_format(node.format_spec)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from filter(None, [text_refusal(node.value)])
        elif isinstance(node, ast.keyword) and isinstance(node.value, ast.Constant):
            yield from filter(None, [flag_refusal(node.arg, node.value.value)])
        else:
            name = _name(node)
            if name.startswith("_") and name != "_" and name not in slots:
                yield Refusal(f"the name '{name}' begins with an underscore: {_PYTHON} such", "use what is public")


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.arg) else ""


def _of_format(spec: ast.expr) -> Iterator[Refusal]:
    parts = spec.values if isinstance(spec, ast.JoinedStr) else [spec]
    for part in parts:
        if not isinstance(part, ast.Constant) or _WIDE.search(str(part.value)):
            shown = str(part.value) if isinstance(part, ast.Constant) else ast.unparse(part)
            yield Refusal(f"{_PYTHON} the format '{shown}'", "write the width as a small number")


class _Guarded(ast.NodeTransformer):
    """Puts calls of the guard in place of accesses, calls, operators, loops and names."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return _call("seen", node) if isinstance(node.ctx, ast.Load) else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return _call("attribute", self._base(node.value), ast.Constant(node.attr))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        arguments = [self.visit(argument) for argument in node.args]
        keywords = [self.visit(keyword) for keyword in node.keywords]
        return ast.Call(_guard("call"), [self._callee(node.func), *arguments], keywords)

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:
        value = self.visit(node.value)
        return ast.keyword(node.arg, value if node.arg is not None else _call("pairs", value))

    def visit_Starred(self, node: ast.Starred) -> ast.expr:
        if not isinstance(node.ctx, ast.Load):
            return node
        return ast.Starred(_call("each", self.visit(node.value)), ast.Load())

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        values = [
            self.visit(value) if key is not None else _call("pairs", self.visit(value))
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        return ast.Dict([self.visit(key) if key is not None else None for key in node.keys], values)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        return _call("item", self.visit(node.value), self.visit(node.slice))

    def visit_Slice(self, node: ast.Slice) -> ast.expr:
        parts = (node.lower, node.upper, node.step)
        return _call("slice", *(ast.Constant(None) if part is None else self.visit(part) for part in parts))

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        return _call("operate", ast.Constant(type(node.op).__name__), self.visit(node.left), self.visit(node.right))

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        conditions = [self.visit(condition) for condition in node.ifs]
        return ast.comprehension(node.target, _call("each", self.visit(node.iter)), conditions, 0)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return _call("sized", ast.JoinedStr([self.visit(value) for value in node.values]))

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.expr:
        return ast.FormattedValue(self.visit(node.value), node.conversion, node.format_spec)

    def _callee(self, node: ast.expr) -> ast.expr:
        """What is called is judged together with its arguments."""
        if isinstance(node, ast.Attribute):
            return _call("reach", self._base(node.value), ast.Constant(node.attr))
        return node if isinstance(node, ast.Name) else self.visit(node)

    def _base(self, node: ast.expr) -> ast.expr:
        """That of which an attribute is taken may be a module."""
        return _call("base", self._callee(node)) if isinstance(node, (ast.Attribute, ast.Name)) else self.visit(node)


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(_guard(name), list(arguments), [])


def _guard(name: str) -> ast.Name:
    return ast.Name(f"__{name}", ast.Load())
