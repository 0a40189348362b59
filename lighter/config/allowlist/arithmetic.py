"""`$code` of a limited config: arithmetic, done node by node. What is too large is said before it is made."""

import ast
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial, reduce
from types import ModuleType
from typing import Any

from lighter.config.allowlist.allowed import (
    LARGEST,
    OWN_CODE,
    Allowed,
    Refusal,
    Refused,
    own_name,
    require_few,
    shape_of,
    weigh,
)
from lighter.config.expressions import KNOWN, Expression
from lighter.errors import ConfigError, Position, nearest
from lighter.project.locating import imported_name, locate

DEEPEST = 80  # nodes in nodes
DIGITS = 10_000  # binary ones, of a whole number
NUMBERS = 10**7  # of a range
ATTRIBUTES = ("device", "dtype", "ndim", "shape")

_NO = "no limited expression may hold"
_SERIES = (str, list, tuple)
_WRITABLE = ("builtins", "numpy", "numpy.dtypes", "torch")  # the modules of types of which a text is short
_OPERATORS = "Add Sub Mult Div FloorDiv Mod Pow LShift RShift BitAnd BitOr BitXor Eq NotEq Lt LtE Gt GtE Is IsNot"
_FUNCTIONS = "add sub mul truediv floordiv mod pow lshift rshift and_ or_ xor eq ne lt le gt ge is_ is_not"
_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    **{name: getattr(operator, f) for name, f in zip(_OPERATORS.split(), _FUNCTIONS.split(), strict=True)},
    "In": lambda left, right: left in right,
    "NotIn": lambda left, right: left not in right,
}
_UNARY: dict[str, Callable[[Any], Any]] = {
    "Invert": operator.invert,
    "Not": operator.not_,
    "UAdd": operator.pos,
    "USub": operator.neg,
}
_OTHERS = {"And", "Or", "Load", "Starred", "keyword", *_BINARY, *_UNARY}
_CONVERTED: dict[int, Callable[[Any], str]] = {115: str, 114: repr, 97: ascii}  # `!s`, `!r`, `!a`


class Arithmetic:
    """One expression; `imported` are the dotted names of what import statements make known."""

    def __init__(self, allowed: Allowed, imported: Mapping[str, str], expression: Expression) -> None:
        self.allowed = allowed
        self.values: Mapping[str, Any] = {}
        self._tree = expression.tree.body
        self._slots = {slot for slot, _ in expression.slots}
        self._known = {**KNOWN, **imported}
        self._is_check = False

    def evaluate(self, values: Mapping[str, Any], at: tuple[Position | None, str], is_check: bool = False) -> Any:
        """The value. Raises ConfigError where it does what it may not, or what its operators and calls raise.

        A check calls nothing that is imported, and raises LookupError where it would go on with what that gives.
        """
        self.values, self._is_check = values, is_check
        refused, value = self._refusals(), None
        try:
            if not refused:
                value = self.value(self._tree)
                _require(self.allowed.texts(value))
        except Refused as error:
            refused = [error.refusal]
        if refused:
            raise ConfigError([refusal.problem(*at) for refusal in refused])
        return value

    def value(self, node: Any) -> Any:
        """The value of a part."""
        value = self._named(node) if self._dotted(node) else _VALUES[type(node)](self, node)
        if isinstance(value, int) and value.bit_length() > DIGITS:
            raise Refused(f"this number has more than {DIGITS:,} binary digits")
        self.allowed.spend(value)
        return value

    def items(self, nodes: Iterable[ast.expr]) -> list[Any]:
        """The values of parts, those of a starred one in a row."""
        several = (_listed(self.value(n.value)) if isinstance(n, ast.Starred) else [self.value(n)] for n in nodes)
        return [item for items in several for item in items]

    def pairs(self, nodes: Iterable[tuple[Any, ast.expr]]) -> dict[Any, Any]:
        """The values of parts by key; one without a key is a mapping itself."""
        pairs: dict[Any, Any] = {}
        for key, node in nodes:
            value = self.value(node)
            if key is None and not isinstance(value, dict):
                raise Refused("only a mapping can stand behind '**'")
            pairs |= value if key is None else {key: value}
        return pairs

    def called(self, node: ast.Call) -> Any:
        """What a call gives."""
        args = self.items(node.args)
        if isinstance(node.func, ast.Name) and not self._dotted(node.func):
            return CALLS[node.func.id](*self.writable(args) if node.func.id == "str" else args)
        kwargs = self.pairs((keyword.arg, keyword.value) for keyword in node.keywords)
        function = self._named(node.func, args, kwargs)
        _require(self.allowed.texts([args, kwargs]))
        if self._is_check:
            raise LookupError
        return function(*args, **kwargs)

    def writable(self, value: Any) -> Any:
        """The same value. Raises Refused where it holds what may take for ever to write: parts that share parts."""
        for one in weigh(value):
            if not (type(one).__module__ in _WRITABLE or self.allowed.trusts(own_name(one))):
                raise Refused(f"a text of a '{type(one).__name__}' may be as long as it likes", OWN_CODE)
        return value

    def _named(self, node: ast.AST, args: Any = (), kwargs: Any = None) -> Any:
        """What a dotted name names, if it may be had, or called like this."""
        dotted = self._dotted(node)
        value = locate(dotted, self.allowed.project)
        if callable(value) or isinstance(value, ModuleType):
            _require(self.allowed.call(value, args, kwargs, dotted))
        return value

    def _dotted(self, node: ast.AST) -> str:
        """The whole name of `name.a.b` that an import statement or Lighter knows; empty for all else."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        root = self._known.get(node.id) if isinstance(node, ast.Name) else None
        return imported_name(".".join([root, *reversed(parts)]), self.allowed.project) if root else ""

    def _refusals(self) -> list[Refusal]:
        """What the text holds that none may, told before anything of it is done."""
        found: list[Refusal] = []
        level: list[ast.AST] = [self._tree]
        for _ in range(DEEPEST):
            judged = [(node, self._refusal(node)) for node in level]
            found += [refusal for _, refusal in judged if refusal is not None]
            level = [below for node, refusal in judged if refusal is None for below in self._below(node)]
        deeper = Refusal(f"{_NO} more than {DEEPEST} levels of brackets and operators", "split it in several")
        return [*found, deeper] if level else found

    def _below(self, node: ast.AST) -> list[ast.AST]:
        """The parts that are looked at by themselves: not those of a dotted name, nor one of our calls' name."""
        parts = [] if self._dotted(node) else [*ast.iter_child_nodes(node)]
        return parts[1:] if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else parts

    def _refusal(self, node: ast.AST) -> Refusal | None:
        if dotted := self._dotted(node):
            return self.allowed.name(dotted)
        help = OWN_CODE
        match node:
            case ast.Call(func=func, keywords=keywords):
                name = func.id if isinstance(func, ast.Name) else getattr(func, "attr", "...")
                if called := self._dotted(func):
                    return self.allowed.name(called)
                if isinstance(func, ast.Name) and name in CALLS and not keywords:
                    return None
                what = f"a call of '{'@...' if name in self._slots else name}'"
                help = f"it may hold {', '.join(CALLS)} and what is on the list; else {OWN_CODE}"
            case ast.Name(id=name) if name not in self._slots:
                near = nearest(name, CALLS)
                what, help = f"the name '{name}'", f"did you mean '{near}'?" if near else OWN_CODE
            case ast.Attribute(attr=name) if name not in ATTRIBUTES:
                what = f"the attribute '{name}'"
            case ast.Constant(value=bytes() | complex() as value):
                what = f"a value like {value!r:.20}"
            case ast.FormattedValue(format_spec=ast.expr() as spec) if re.search(r"\{|\d{4}", ast.unparse(spec)):
                what, help = f"the format {ast.unparse(spec)}", "write the width as a small number"
            case _ if type(node) in _VALUES or type(node).__name__ in _OTHERS:
                return None
            case _:
                what = f"'{type(node).__name__}'"
        return Refusal(f"{_NO} {what}", help)


def _require(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise Refused(refusal.what, refusal.help)


def _chosen(expression: Arithmetic, node: ast.BoolOp) -> Any:
    value = None
    for part in node.values:
        value = expression.value(part)
        if bool(value) is isinstance(node.op, ast.Or):
            break
    return value


def _compared(expression: Arithmetic, node: ast.Compare) -> Any:
    left, value = expression.value(node.left), None
    for op, part in zip(node.ops, node.comparators, strict=True):
        right = expression.value(part)
        value = _operated(op, left, right)
        if len(node.ops) > 1 and not value:
            break
        left = right
    return value


def _formatted(expression: Arithmetic, node: ast.FormattedValue) -> str:
    value, convert = expression.writable(expression.value(node.value)), _CONVERTED.get(node.conversion)
    return format(convert(value) if convert else value, expression.value(node.format_spec) if node.format_spec else "")


# By kind of node, all that an expression may hold: of the expression and the node, the value.
_VALUES: dict[type, Callable[[Arithmetic, Any], Any]] = {
    ast.Attribute: lambda e, node: getattr(e.value(node.value), node.attr),
    ast.BinOp: lambda e, node: _operated(node.op, e.value(node.left), e.value(node.right)),
    ast.BoolOp: _chosen,
    ast.Call: Arithmetic.called,
    ast.Compare: _compared,
    ast.Constant: lambda _, node: node.value,
    ast.Dict: lambda e, n: e.pairs((k and e.value(k), value) for k, value in zip(n.keys, n.values, strict=True)),
    ast.FormattedValue: _formatted,
    ast.IfExp: lambda e, node: e.value(node.body if e.value(node.test) else node.orelse),
    ast.JoinedStr: lambda e, node: "".join(map(e.value, node.values)),
    ast.List: lambda e, node: e.items(node.elts),
    ast.Name: lambda e, node: e.values[node.id],
    ast.Set: lambda e, node: _set(e.items(node.elts)),
    ast.Slice: lambda e, node: slice(*(part and e.value(part) for part in (node.lower, node.upper, node.step))),
    ast.Subscript: lambda e, node: _item(e.value(node.value), e.value(node.slice)),
    ast.Tuple: lambda e, node: tuple(e.items(node.elts)),
    ast.UnaryOp: lambda e, node: _UNARY[type(node.op).__name__](e.value(node.operand)),
}


def _operated(op: ast.AST, left: Any, right: Any) -> Any:
    name, shapes = type(op).__name__, (shape_of(left), shape_of(right))
    if any(shapes) and isinstance(left if shapes[1] else right, (list, tuple)):
        raise Refused("a tensor and a list do not go together", "make the list a tensor: torch.tensor(...)")
    require_few([left, right])
    if name in ("In", "NotIn") and isinstance(right, range) and not isinstance(left, int):
        raise Refused("only a whole number is looked for in a range", OWN_CODE)
    if name in ("In", "NotIn") and not _is_known(right):
        raise Refused("nobody knows how long it takes to look through this", OWN_CODE)
    if name == "Mod" and isinstance(left, str):
        raise Refused("'%' on a text may make it as wide as it likes", "write f'{...}'")
    series, times = (right, left) if isinstance(right, _SERIES) else (left, right)
    if name == "Mult" and isinstance(series, _SERIES) and hasattr(type(times), "__index__"):
        if operator.index(times) * max(len(series), sum(1 for _ in weigh(series))) > LARGEST:
            raise Refused(f"this would hold more than {LARGEST:,} items or characters")
    elif isinstance(left, int) and isinstance(right, int):
        longer = {"Pow": left.bit_length() * right if abs(left) > 1 else 0, "LShift": right + left.bit_length()}
        if longer.get(name, 0) > DIGITS:
            raise Refused(f"this number would have more than {DIGITS:,} binary digits")
    return _BINARY[name](left, right)


def _is_known(value: Any) -> bool:
    return isinstance(value, (*_SERIES, dict, set, range)) or bool(shape_of(value))


def _item(value: Any, index: Any) -> Any:
    if shape_of(value):
        sizes = (len(one) if isinstance(one, list) else math.prod(shape_of(one)) for one in weigh(index))
        require_few([value], math.prod(sizes))
    return value[index]


def _listed(value: Any) -> list[Any]:
    if not _is_known(value) or len(value) > (LARGEST // 10 if shape_of(value) else LARGEST):
        raise Refused("nobody knows how long this is, or it is too long for a list", OWN_CODE)
    return list(value)


def _set(items: list[Any]) -> set[Any]:
    if len(items) > LARGEST // 10:  # which may all have the same hash
        raise Refused(f"this set has more than {LARGEST // 10:,} items")
    return set(items)


def _range(*bounds: Any) -> range:
    made = range(*bounds)
    if made and (made[-1] - made[0]) // made.step >= NUMBERS:
        raise Refused(f"this range has more than {NUMBERS:,} numbers")
    return made


def _sum(values: Any, start: Any = 0) -> Any:
    numbers = [start, *_listed(values)]
    require_few(numbers)
    if any(isinstance(value, (*_SERIES, set, dict)) for value in numbers):
        raise Refused("only numbers are added up")
    return reduce(partial(_operated, ast.Add()), numbers)


CALLS: dict[str, Callable[..., Any]] = {
    **{function.__name__: function for function in (abs, bool, float, int, len, str)},
    "list": _listed,
    "max": lambda *values: max(_listed(values[0]) if len(values) == 1 else values),
    "min": lambda *values: min(_listed(values[0]) if len(values) == 1 else values),
    "range": _range,
    # No number here has more digits.
    "round": lambda number, digits=None: round(number, digits and max(-DIGITS, min(digits, DIGITS))),
    "sum": _sum,
    "tuple": lambda value: tuple(_listed(value)),
}
