"""Imports of a project's modules in its files, compiled with the modules' names in full.

Which file is meant is settled when the importing file is compiled, for `sys.modules` has one place for a name: each of
two folders may have a `utils.py`, and so may each of two projects, whose models import it when they are called.
`from layers import Block` in models/net.py works in a repository whose script puts `models/` on `sys.path`. That is the
last resort: the root, `src/` and all that is installed come before. In the same way `from code.model import Net` finds
`code/model.py` though Python itself has a module `code`, which has no `model`.
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


def renamed(text: bytes, path: str, names: Mapping[str, str], plain: str = "") -> CodeType:
    """The code of a file, in which its absolute imports mean other modules: `{"layers": "shop.models.layers"}`.

    It binds the same names, on the same lines. `plain` is a package without `__init__.py`, whose attributes are its
    modules. Raises what `compile` raises.
    """
    tree = ast.parse(text, path)
    for parent in ast.walk(tree):
        for _, body in ast.iter_fields(parent):
            if isinstance(body, list) and any(isinstance(statement, ast.Import) for statement in body):
                body[:] = [new for statement in body for new in _statements(statement, names, plain)]
        if isinstance(parent, ast.ImportFrom) and not parent.level and parent.module:
            parent.module = names.get(parent.module, parent.module)
    return compile(tree, path, "exec", dont_inherit=True)


def _statements(statement: ast.stmt, names: Mapping[str, str], plain: str) -> Iterator[ast.stmt]:
    if not isinstance(statement, ast.Import) or not any(alias.name in names for alias in statement.names):
        yield statement
        return
    for alias in statement.names:
        for new in _full(alias, names, plain) if alias.name in names else [ast.Import([alias])]:
            for node in ast.walk(new):
                ast.copy_location(node, statement)
            yield new


def _full(alias: ast.alias, names: Mapping[str, str], plain: str) -> list[ast.stmt]:
    """What does for another module what `import a.b` or `import a as b` does."""
    full_name = names[alias.name]
    first, _, below = alias.name.partition(".")
    bound, top = alias.asname or first, full_name
    if below and not alias.asname:  # it loads one and binds the other
        top = full_name.removesuffix(f".{below}")
    if top.rpartition(".")[0] == plain:  # a statement, for nothing compiles a call of `__import__` to a graph
        return [ast.Import([ast.alias(name, bound)]) for name in dict.fromkeys((full_name, top))]
    loads = "".join(f"__import__({name!r}, None, None, {_LEAF})\n" for name in [full_name] if name != top)
    return ast.parse(f"{loads}{bound} = __import__({top!r}, None, None, {_LEAF})").body


def own_names(full_name: str, text: bytes, path: str, project: Project, aliases: ModuleAliases) -> dict[str, str]:
    """What imports of the project's modules in one of its files mean in full: by the root, or by the file's place."""
    own: dict[str, str] = {}
    for dotted in imported_names(text):
        if meaning := aliases.full_name(dotted):
            own.update({dotted: meaning} if meaning != dotted else {})
            continue
        if dotted in sys.modules or (is_protected(dotted) and dotted in sys.stdlib_module_names):
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
