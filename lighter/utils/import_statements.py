"""The import statements of a file's text: the modules they name, and the text compiled with other names for these."""

import re
from collections.abc import Iterator, Mapping
from types import CodeType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast

# A statement begins a line or stands after ';' or ':', and may go on after a backslash. What looks like one inside a
# text is found too, and does no harm: it is only asked whether there is a file of that name.
_STATEMENT = re.compile(
    rb"(?:^|[;:])[ \t]*(?:from[ \t]+([\w.\x80-\xff]+)|import[ \t]+((?:[^\n;#\\]|\\\r?\n)+))", re.MULTILINE
)
_LEAF = ("__name__",)  # `__import__` gives the last module of a dotted name if it is asked for a name in that

__all__ = ["imported_names", "renamed", "taken_names"]


def imported_names(text: bytes) -> set[str]:
    """The dotted names of the modules that a file's statements import, but for relative ones; maybe some more."""
    found = set()
    for source, listed in _STATEMENT.findall(text):
        for name in [source] if source else listed.replace(b"\\", b" ").split(b","):
            first = name.split(None, 1)[:1]
            found.update(first)
    names = (name.decode(errors="ignore") for name in found)
    return {name for name in names if name.replace(".", "_").isidentifier() and not name.startswith(".")}


def taken_names(text: bytes, module: str) -> set[str]:
    """What `from module import a, b as c` in a file's text takes from a module: `{"a", "b"}`."""
    statement = rb"\bfrom[ \t]+%b[ \t]+import[ \t]*(\([^)]*\)|(?:[^\n;#(\\]|\\\r?\n)+)" % re.escape(module.encode())
    listed = (re.sub(rb"#.*|[()\\]", b"", found) for found in re.findall(statement, text))
    names = (name.split(None, 1)[:1] for names in listed for name in names.split(b","))
    return {name[0].decode(errors="ignore") for name in names if name and name != [b"*"]}


def renamed(text: bytes, path: str, names: Mapping[str, str]) -> CodeType:
    """The code of a file, in which its absolute imports mean other modules: `{"layers": "shop.models.layers"}`.

    It binds the same names, on the same lines. Raises what `compile` raises.
    """
    import ast

    tree = ast.parse(text, path)
    for parent in ast.walk(tree):
        for _, body in ast.iter_fields(parent):
            if isinstance(body, list) and any(isinstance(statement, ast.Import) for statement in body):
                body[:] = [new for statement in body for new in _statements(statement, names)]
        if isinstance(parent, ast.ImportFrom) and not parent.level and parent.module:
            parent.module = names.get(parent.module, parent.module)
    return compile(tree, path, "exec", dont_inherit=True)


def _statements(statement: "ast.stmt", names: Mapping[str, str]) -> Iterator["ast.stmt"]:
    import ast

    if not isinstance(statement, ast.Import) or not any(alias.name in names for alias in statement.names):
        yield statement
        return
    for alias in statement.names:
        for new in ast.parse(_source(alias, names)).body if alias.name in names else [ast.Import([alias])]:
            for node in ast.walk(new):
                ast.copy_location(node, statement)
            yield new


def _source(alias: "ast.alias", names: Mapping[str, str]) -> str:
    """What does for another module what `import a.b` or `import a as b` does; the statement cannot say all names."""
    full_name = names[alias.name]
    leaf = f"__import__({full_name!r}, None, None, {_LEAF})"
    if alias.asname:
        return f"{alias.asname} = {leaf}"
    first, _, below = alias.name.partition(".")
    top = full_name.removesuffix(f".{below}") if below else full_name
    return f"{leaf}\n{first} = __import__({top!r}, None, None, {_LEAF})"
