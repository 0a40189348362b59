"""What Python files define, read without running them."""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from lighter.project.files import find, modules, text_of
from lighter.project.project import Project

How = Literal["top", "class", "imported", "main", "function", "listed"]
_ORDER: tuple[How, ...] = ("top", "class", "imported", "main", "function", "listed")


class Whereabouts(NamedTuple):
    """A name's line in a file, and how it is defined; `within` is the class or function that it is defined in."""

    how: How
    line: int
    within: str = ""


def in_text(text: bytes, name: str) -> Whereabouts | None:
    """Where a file's text defines a name, the most reachable place first; None where it does not or is no Python."""
    if name.isascii() and name.encode() not in text:
        return None
    found = [where for known, where in _definitions(text) if known == name]
    return min(found, key=lambda where: (_ORDER.index(where.how), where.line)) if found else None


def names_in(text: bytes) -> list[str]:
    """What a file's text defines at top level, except names that begin with an underscore."""
    return sorted({name for name, where in _definitions(text) if where.how == "top" and not name.startswith("_")})


def defining(project: Project, folder: str, name: str) -> list[str]:
    """The modules directly in a folder that define a name: the one that is named after it alone, or all others."""
    for module in _named_after(name):
        found = find(project, folder, module)  # without listing the folder, which may hold a thousand files
        if found and found.folder is None and _defines(project, found.file, name):
            return [module]
    return [module for module, file in _files(project, folder) if _defines(project, file, name)]


def defined_in(project: Project, folder: str) -> list[str]:
    """All that the files directly in a folder define at top level, except names that begin with an underscore."""
    return sorted({name for _, file in _files(project, folder) for name in names_in(text_of(project, file))})


def _files(project: Project, folder: str) -> list[tuple[str, str]]:
    return [(name, found.file) for name, found in modules(project, folder).items() if found.file and not found.folder]


def _named_after(name: str) -> Iterable[str]:
    """`my_model`, `mymodel`, `MyModel` for `MyModel`: how files are named after what they define."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return dict.fromkeys((words.lower(), name.lower(), name))


def _defines(project: Project, file: str | None, name: str) -> bool:
    where = in_text(text_of(project, file), name) if file else None
    return where is not None and where.how == "top"


@lru_cache(maxsize=64)  # one message asks the same files for several names
def _definitions(text: bytes) -> tuple[tuple[str, Whereabouts], ...]:
    """All that a text defines, wherever in it; nothing where it is no Python."""
    try:
        with warnings.catch_warnings(action="ignore"):  # a neighbour's faults are not this run's
            return tuple(_below(ast.parse(text).body, "top", ""))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def _below(body: list[ast.stmt], how: How, within: str) -> Iterator[tuple[str, Whereabouts]]:
    for node in body:
        is_import = how == "top" and isinstance(node, (ast.Import, ast.ImportFrom))
        bound = _bound(node)
        yield from ((name, Whereabouts("imported" if is_import else how, node.lineno, within)) for name in bound)
        if bound == ["__all__"]:
            listed = (getattr(one, "value", None) for one in getattr(getattr(node, "value", None), "elts", ()))
            yield from ((name, Whereabouts("listed", node.lineno)) for name in listed if isinstance(name, str))
        for inner, inner_how, inner_within in _bodies(node, how, within):
            yield from _below(inner, inner_how, inner_within)


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


def _bodies(node: ast.stmt, how: How, within: str) -> Iterator[tuple[list[ast.stmt], How, str]]:
    """The statements inside a statement, and how what these define is to be had."""
    match node:
        case ast.ClassDef(body=body) | ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body):
            if how not in ("main", "function"):  # what is out of reach already stays so
                how = "class" if isinstance(node, ast.ClassDef) else "function"
                within = f"{within}.{node.name}".lstrip(".")
            yield body, how, within
        case ast.If(test=test, body=then, orelse=otherwise):
            is_main = any(isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(test))
            yield then, "main" if is_main else how, within
            yield otherwise, how, within
        case ast.Try(body=then, handlers=handlers, orelse=otherwise, finalbody=last):
            yield [*then, *(s for handler in handlers for s in handler.body), *otherwise, *last], how, within
        case ast.With(body=inner) | ast.AsyncWith(body=inner) | ast.For(body=inner) | ast.While(body=inner):
            yield inner, how, within
