"""What Python files define at top level, read without running them."""

import re
import warnings
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lighter.utils.project import Project
from lighter.utils.project_files import Found, NotPythonText, find, modules, read

if TYPE_CHECKING:
    import ast

__all__ = ["defined_in", "defining"]


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
