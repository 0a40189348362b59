"""What Python files define at top level, read without running them."""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lighter.project.files import Found, NotPythonText, find, modules, read
from lighter.project.project import Project

How = Literal["top", "class", "imported", "main", "function", "listed"]
_ORDER: tuple[How, ...] = ("top", "class", "imported", "main", "function", "listed")

if TYPE_CHECKING:
    import ast


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A name's line in a file, and how it stands there; `within` is the class or function that it stands in."""

    how: How
    line: int
    within: str = ""


def in_text(text: bytes, name: str) -> Whereabouts | None:
    """Where a file's text has a name, the most reachable place first; None where it has none or is no Python."""
    if name.isascii() and name.encode() not in text:
        return None
    found = list(_find(_parsed(text), name, "top", ""))
    return min(found, key=lambda where: (_ORDER.index(where.how), where.line)) if found else None


def names_in(text: bytes) -> list[str]:
    """The classes and functions at the top level of a file's text."""
    definitions = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return [statement.name for statement in _parsed(text) if isinstance(statement, definitions)]


def _parsed(text: bytes) -> list[ast.stmt]:
    """The statements of a text; none where it is no Python."""
    try:
        with warnings.catch_warnings(action="ignore"):  # a neighbour's faults are not this run's
            return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _find(body: list[ast.stmt], name: str, how: How, within: str) -> Iterator[Whereabouts]:
    for node in body:
        if name in _bound(node):
            is_import = how == "top" and isinstance(node, (ast.Import, ast.ImportFrom))
            yield Whereabouts("imported" if is_import else how, node.lineno, within)
        elif name in _listed(node):
            yield Whereabouts("listed", node.lineno)
        for inner, inner_how, inner_within in _bodies(node, how, within):
            yield from _find(inner, name, inner_how, inner_within)


def _bound(node: ast.stmt) -> list[str]:
    """The names that a statement itself makes known."""
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [alias.asname or alias.name for alias in names]
    return []


def _listed(node: ast.stmt) -> list[object]:
    """The names in a list that is assigned to `__all__`."""
    if not isinstance(node, ast.Assign) or _bound(node) != ["__all__"]:
        return []
    return [element.value for element in getattr(node.value, "elts", ()) if isinstance(element, ast.Constant)]


def _bodies(node: ast.stmt, how: How, within: str) -> Iterator[tuple[list[ast.stmt], How, str]]:
    """The statements inside a statement, and how what these make known is told."""
    match node:
        case ast.ClassDef(body=body) | ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body):
            yield body, *_inside(node, how, within)
        case ast.If(test=test, body=then, orelse=otherwise):
            yield then, "main" if _is_main_guard(test) else how, within
            yield otherwise, how, within
        case ast.Try(body=then, handlers=handlers, orelse=otherwise, finalbody=last):
            yield [*then, *(s for handler in handlers for s in handler.body), *otherwise, *last], how, within
        case ast.With(body=inner) | ast.AsyncWith(body=inner) | ast.For(body=inner) | ast.While(body=inner):
            yield inner, how, within


def _inside(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, how: How, within: str) -> tuple[How, str]:
    """How what stands in a class or function is told."""
    if how in ("main", "function"):
        return how, within
    dotted = f"{within}.{node.name}".lstrip(".")
    return ("class", dotted) if isinstance(node, ast.ClassDef) else ("function", dotted)


def _is_main_guard(test: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(test))


def defining(project: Project, folder: str, name: str) -> list[str]:
    """The modules directly in a folder that define a name: the one that is named after it alone, or all others."""
    for module in _named_after(name):
        found = find(project, folder, module)  # without listing the folder, which may hold a thousand files
        if found and found.folder is None and name in _definitions(project, found, name):
            return [module]
    return [module for module, found in _files(project, folder) if name in _definitions(project, found, name)]


def defined_in(project: Project, folder: str) -> list[str]:
    """All that the files directly in a folder define at top level, except names that begin with an underscore."""
    found = (name for _, file in _files(project, folder) for name in _definitions(project, file))
    return sorted({name for name in found if not name.startswith("_")})


def _files(project: Project, folder: str) -> list[tuple[str, Found]]:
    return [(module, found) for module, found in modules(project, folder).items() if found.folder is None]


def _named_after(name: str) -> Iterable[str]:
    """`my_model`, `mymodel`, `MyModel` for `MyModel`: how files are named after what they define."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return dict.fromkeys((words.lower(), name.lower(), name))


def _definitions(project: Project, found: Found, wanted: str = "") -> set[str]:
    """The names a file defines; none where it cannot be read or parsed, or does not even hold the wanted text."""
    import ast

    try:
        text = read(project, found.file or "")
        if wanted.isascii() and wanted.encode() not in text:
            return set()
        with warnings.catch_warnings(action="ignore"):  # a neighbour's faults are not this run's
            return set(_names(ast.parse(text).body))
    except (OSError, ImportError, NotPythonText, SyntaxError, ValueError, RecursionError, MemoryError):
        return set()


def _names(body: "Iterable[ast.stmt]") -> Iterator[str]:
    import ast

    for statement in body:
        match statement:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                yield name
            case ast.If(test=test, body=then, orelse=otherwise) if not _asks_for_main(test):
                yield from _names([*then, *otherwise])
            case ast.Try(body=then, handlers=handlers, orelse=otherwise, finalbody=finally_):
                yield from _names([*then, *(s for h in handlers for s in h.body), *otherwise, *finally_])


def _asks_for_main(test: "ast.expr") -> bool:
    import ast

    return any(isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(test))
