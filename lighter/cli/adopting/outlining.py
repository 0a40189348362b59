"""What a Python file defines and imports at top level: an outline of its syntax tree, none of which is run."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_LONGEST = 200  # lines of a function that makes a model and does nothing else


@dataclass(frozen=True, slots=True)
class Import:
    """`from ..module import name`, or `import module` where there is no name; optional where a failure is expected."""

    module: str
    level: int
    name: str
    line: int
    optional: bool = False


@dataclass(frozen=True, slots=True)
class FunctionOutline:
    """A function: its lines, the arguments it takes, and the dotted names of what it calls to make what it returns."""

    line: int
    last_line: int
    arguments: ast.arguments
    makes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassOutline:
    """A class: its lines, its bases and decorators as they are written, its methods and its annotated fields."""

    line: int
    last_line: int
    bases: tuple[str, ...]
    decorators: tuple[str, ...]
    methods: dict[str, FunctionOutline]
    fields: tuple[ast.AnnAssign, ...]
    is_abstract: bool


@dataclass(slots=True)
class Outline:
    """The names that a file binds at top level, and every import that runs when it is imported."""

    classes: dict[str, ClassOutline] = field(default_factory=dict)
    functions: dict[str, FunctionOutline] = field(default_factory=dict)
    bound: dict[str, Import] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    stars: list[Import] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)


def outline(tree: ast.Module) -> Outline:
    """The outline of a file."""
    found = Outline()
    for statement, is_optional in _statements(tree.body):
        match statement:
            case ast.ClassDef(name=name):
                found.classes[name] = _class(statement)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.functions[name] = _function(statement, _makes(statement))
            case ast.Import(names=names):
                for alias in names:
                    # `import a.b` binds `a`, `import a.b as c` binds all of it.
                    bound = alias.name if alias.asname else alias.name.partition(".")[0]
                    found.imports.append(Import(alias.name, 0, "", statement.lineno, is_optional))
                    found.bound[alias.asname or bound] = Import(bound, 0, "", statement.lineno, is_optional)
            case ast.ImportFrom(names=names):
                for alias in names:
                    made = Import(statement.module or "", statement.level, alias.name, statement.lineno, is_optional)
                    found.imports.append(made)
                    if alias.name == "*":
                        found.stars.append(made)
                    else:
                        found.bound.setdefault(alias.asname or alias.name, made)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if written := dotted(value):
                found.aliases[name] = written
    return found


def _statements(body: Iterable[ast.stmt], optional: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements that run on import, those within `if`, `try` and `with` too, and whether they may fail."""
    for statement in body:
        yield statement, optional
        match statement:
            case ast.If(test=test, body=then, orelse=otherwise):
                is_for_types = last_part(test) == "TYPE_CHECKING"
                yield from _statements([] if asks_for_main(test) else then, optional or is_for_types)
                yield from _statements(otherwise, optional)
            case ast.Try(body=then, handlers=handlers, orelse=otherwise, finalbody=last):
                yield from _statements(then, optional or any(map(_catches_absence, handlers)))
                for handler in handlers:  # what is imported here stands in for what was not there
                    yield from _statements(handler.body, optional=True)
                yield from _statements([*otherwise, *last], optional)
            case ast.With(body=then) | ast.For(body=then) | ast.While(body=then):
                yield from _statements(then, optional)


def dotted(node: ast.expr | None) -> str:
    """`a.b.C` as it is written; empty for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def last_part(node: ast.expr | None) -> str:
    """The `C` of `a.b.C`."""
    return dotted(node).rpartition(".")[2]


def asks_for_main(test: ast.expr) -> bool:
    """Whether this is the test for `__name__ == "__main__"`."""
    return isinstance(test, ast.Compare) and any(dotted(side) == "__name__" for side in (test.left, *test.comparators))


def _catches_absence(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    absence = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
    return handler.type is None or not absence.isdisjoint(map(last_part, kinds))


def _class(node: ast.ClassDef) -> ClassOutline:
    methods = [statement for statement, _ in _statements(node.body) if isinstance(statement, ast.FunctionDef)]
    return ClassOutline(
        line=node.lineno,
        last_line=node.end_lineno or node.lineno,
        # Generic[T] and the like: what is before the bracket.
        bases=tuple(dotted(base.value if isinstance(base, ast.Subscript) else base) for base in node.bases),
        decorators=tuple(dotted(d.func if isinstance(d, ast.Call) else d) for d in node.decorator_list),
        methods={method.name: _function(method) for method in methods},
        fields=tuple(statement for statement in node.body if isinstance(statement, ast.AnnAssign)),
        is_abstract=any(last_part(d) == "abstractmethod" for method in methods for d in method.decorator_list),
    )


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, makes: tuple[str, ...] = ()) -> FunctionOutline:
    return FunctionOutline(node.lineno, node.end_lineno or node.lineno, node.args, makes)


def _makes(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    if (function.end_lineno or 0) - function.lineno > _LONGEST:
        return ()
    assigned: dict[str, list[str]] = {}
    returned: list[ast.expr | None] = []
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func)):
                assigned.setdefault(name, []).append(dotted(func))
            case ast.Return(value=value):
                returned.append(value)
    made = ([dotted(v.func)] if isinstance(v, ast.Call) else assigned.get(dotted(v), []) for v in returned)
    return tuple(name for names in made for name in names if name)
