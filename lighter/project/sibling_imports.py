"""Imports in a project's files that no search by name alone would find, compiled with the modules' names in full.

`from layers import Block` in models/net.py works in a repository whose script puts `models/` on `sys.path`. It is the
last resort: the root, `src/` and all that is installed come before. Which file is meant is settled when the importing
file is compiled, for `sys.modules` has one place for a name, and each of two folders may have a `utils.py`. In the same
way `from code.model import Net` finds `code/model.py` though Python itself has a module `code`, which has no `model`.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator, Mapping
from types import CodeType

from lighter.project.files import INIT, find_below, leads, text_of
from lighter.project.libraries import elsewhere, is_protected
from lighter.project.module_aliases import ModuleAliases
from lighter.project.project import SOURCE_FOLDERS, Project

# A statement begins a line or follows ';' or ':', and may continue after a backslash. What looks like one inside a
# text is found too, and does no harm: it is only asked whether there is a file of that name.
_STATEMENT = re.compile(
    rb"(?:^|[;:])[ \t]*(?:from[ \t]+([\w.\x80-\xff]+)|import[ \t]+((?:[^\n;#\\]|\\\r?\n)+))", re.MULTILINE
)
_LEAF = ("__name__",)  # `__import__` gives the last module of a dotted name if it is asked for a name in that


def imported_names(text: bytes) -> set[str]:
    """The dotted names of the modules that a file's statements import, but for relative ones; maybe some more."""
    found: set[bytes] = set()
    for source, listed in _STATEMENT.findall(text):
        for name in [source] if source else listed.replace(b"\\", b" ").split(b","):
            found.update(name.split(None, 1)[:1])
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
    tree = ast.parse(text, path)
    for parent in ast.walk(tree):
        for _, body in ast.iter_fields(parent):
            if isinstance(body, list) and any(isinstance(statement, ast.Import) for statement in body):
                body[:] = [new for statement in body for new in _statements(statement, names)]
        if isinstance(parent, ast.ImportFrom) and not parent.level and parent.module:
            parent.module = names.get(parent.module, parent.module)
    return compile(tree, path, "exec", dont_inherit=True)


def _statements(statement: ast.stmt, names: Mapping[str, str]) -> Iterator[ast.stmt]:
    if not isinstance(statement, ast.Import) or not any(alias.name in names for alias in statement.names):
        yield statement
        return
    for alias in statement.names:
        for new in ast.parse(_source(alias, names)).body if alias.name in names else [ast.Import([alias])]:
            for node in ast.walk(new):
                ast.copy_location(node, statement)
            yield new


def _source(alias: ast.alias, names: Mapping[str, str]) -> str:
    """What does for another module what `import a.b` or `import a as b` does; the statement cannot say all names."""
    full_name = names[alias.name]
    leaf = f"__import__({full_name!r}, None, None, {_LEAF})"
    if alias.asname:
        return f"{alias.asname} = {leaf}"
    first, _, below = alias.name.partition(".")
    top = full_name.removesuffix(f".{below}") if below else full_name
    return f"{leaf}\n{first} = __import__({top!r}, None, None, {_LEAF})"


def sibling_names(full_name: str, text: bytes, path: str, project: Project, aliases: ModuleAliases) -> dict[str, str]:
    """What imports in a project's file mean in full, as far as only the file's place in the project explains them."""
    own: dict[str, str] = {}
    for dotted in imported_names(text):
        if dotted in sys.modules or (is_protected(dotted) and dotted in sys.stdlib_module_names) or aliases.has(dotted):
            continue
        package = _holder(dotted, text, list(_places(full_name, path, project)), project)
        # A file that imports its own name means a package that is not installed, or what is in its own folder.
        if package and (f"{package}.{dotted}" != full_name or _takes_modules(dotted, text, path, project)):
            own[dotted] = f"{package}.{dotted}"
    return own


def _holder(dotted: str, text: bytes, places: list[tuple[str, str]], project: Project) -> str | None:
    """The package that has the module which a file means; of several the first that has all that is taken from it."""
    leading = [place for place in places if leads(project, place[1], dotted.split("."))]
    if not leading or elsewhere(dotted, leading[0][1]):
        return None
    taken = taken_names(text, dotted) if len(leading) > 1 else set()
    for package, folder in leading:
        if all(_mentions(project, folder, dotted, name) for name in taken):
            return package
    return leading[0][0]


def _takes_modules(dotted: str, text: bytes, path: str, project: Project) -> bool:
    folder = os.path.dirname(path)
    return os.path.basename(path) == INIT and any(leads(project, folder, [n]) for n in taken_names(text, dotted))


def _mentions(project: Project, folder: str, dotted: str, name: str) -> bool:
    """Whether a module has a module of a name in it, or the name in its text."""
    if leads(project, folder, [*dotted.split("."), name]):
        return True
    found = find_below(project, folder, dotted.split("."))
    text = text_of(project, found.file) if found and found.file else b""
    return name.encode() in text or b"import *" in text


def _places(full_name: str, path: str, project: Project) -> Iterator[tuple[str, str]]:
    """The packages, and their folders, in which a bare name may mean a module: the root, src, then from the file up."""
    package, folder = full_name.partition(".")[0], str(project.root)
    sources = {".".join(filter(None, (package, name))): os.path.join(folder, name) for name in SOURCE_FOLDERS}
    yield from sources.items()
    package, folder = full_name, path
    if os.path.basename(path) != INIT:
        package = package.rpartition(".")[0]
    while package not in sources:
        folder = os.path.dirname(folder)
        yield package, folder
        package = package.rpartition(".")[0]
