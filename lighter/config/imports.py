"""The `imports` of a config: modules of any folder, known by their own names before anything else is looked at."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lighter.config import expressions
from lighter.config.key_path import KeyPath, text
from lighter.config.paths import from_source
from lighter.config.schema import IMPORTS
from lighter.config.tree import Code, Mapping, Node, Scalar, Sequence, children, is_nothing
from lighter.errors import Position, Problem, nearest, respelt, shown_path, suggestion
from lighter.project.files import find_imported, is_segment, modules, refusal
from lighter.project.libraries import is_protected
from lighter.project.project import ImportedModule

PATH, MODULE = KEYS = ("path", "module_name")
FORM = "write '{path: path/to/folder, module_name: my_module}'"


class Import(NamedTuple):
    """A module to import, and where that is written."""

    module: ImportedModule
    position: Position
    place: str


def is_import(node: Node) -> bool:
    """Whether a value below `imports` names a module in a folder; MONAI has import statements there."""
    return isinstance(node, Mapping) and not node.is_call and any(key in node.entries for key in KEYS)


def written_imports(tree: Mapping) -> Iterator[Import]:
    """The imports in the order in which they are written."""
    for place, node in _all(tree):
        if isinstance(node, Mapping) and is_import(node):
            path, module = node.get(PATH), node.get(MODULE)
            assert isinstance(path, Scalar)
            assert isinstance(module, Scalar)
            imported = ImportedModule.of(from_source(path.position.source, str(path.value)), str(module.value))
            yield Import(imported, module.position, text((*place, MODULE)))


def import_problems(tree: Mapping, is_run: bool = False) -> list[Problem]:
    """What is wrong with the imports, found without importing; of a plain mapping only what is meant as one."""
    node = tree.get(IMPORTS)
    if is_run and node is not None and not is_nothing(node) and not isinstance(node, (Mapping, Sequence)):
        help = f"below 'imports: my_name:' {FORM}"
        return [Problem(f"'{IMPORTS}' takes a mapping of names", node.position, IMPORTS, help)]
    problems: list[Problem] = []
    names: dict[str, tuple[ImportedModule, Position]] = {}
    for place, below in _all(tree):
        if is_import(below):
            assert isinstance(below, Mapping)
            problems += _of_import(below, place, names)
        elif is_run and not _is_statement(below):
            problems.append(Problem(f"'{text(place)}' is no import", below.position, text(place), FORM))
    return problems


def _all(tree: Mapping) -> Iterator[tuple[KeyPath, Node]]:
    node = tree.get(IMPORTS)
    if isinstance(node, Sequence) or (isinstance(node, Mapping) and not node.is_call):
        yield from (((IMPORTS, key), below) for key, below in children(node))


def _is_statement(node: Node) -> bool:
    if not isinstance(node, Code):
        return False
    try:
        return isinstance(expressions.read_code(node.written), expressions.Imports)
    except SyntaxError:  # reported by the plan, with its place
        return True


def _of_import(node: Mapping, place: KeyPath, names: dict[str, tuple[ImportedModule, Position]]) -> Iterator[Problem]:
    for key, entry in node.entries.items():
        if key not in KEYS:
            help, edit = suggestion(key, KEYS, "it takes"), respelt(key, KEYS, entry.position, node.entries)
            what = f"an import takes no '{key}'"
            yield Problem(what, entry.position, text((*place, key)), help, code="key", edit=edit)
    for key in KEYS:
        if key not in node.entries:
            yield Problem(f"'{text(place)}' lacks '{key}'", node.position, text(place), FORM, code="missing")
    path, module, at = node.get(PATH), node.get(MODULE), (*place, MODULE)
    problem = None if path is None else folder_problem(path, (*place, PATH), "the module")
    if problem is None and module is not None:
        problem = _of_name(module, at)
    if problem is None and isinstance(path, Scalar) and isinstance(module, Scalar):
        imported = ImportedModule.of(from_source(path.position.source, str(path.value)), str(module.value))
        problem = _absent(imported, str(path.value), module, at) or _twice(imported, module, at, names)
    if problem is not None:
        yield problem


def _of_name(module: Node, at: KeyPath) -> Problem | None:
    value = module.value if isinstance(module, Scalar) else None
    if not isinstance(value, str) or not value or not all(map(is_segment, value.split("."))):
        help = "write the name of a file without '.py', or of a folder: 'module_name: my_module'"
        return Problem(f"'{text(at)}' takes the name of a module", module.position, text(at), help)
    top = value.partition(".")[0]
    if is_protected(top):
        whose = "of Python's own library" if top in sys.stdlib_module_names else "that Lighter depends on"
        return Problem(f"'{top}' is a package {whose}", module.position, text(at), "rename your module")
    return None


def _absent(imported: ImportedModule, written: str, module: Node, at: KeyPath) -> Problem | None:
    if find_imported(imported) is not None:
        return None
    help = refusal(imported.files, str(imported.folder), imported.top)
    help = help or suggestion(imported.name, _there(imported), "it has")
    what = f"the folder '{written}' has no module '{imported.name}'"
    return Problem(what, module.position, text(at), help or "it has no modules: name the folder that holds it")


def _there(imported: ImportedModule) -> list[str]:
    """The names of the modules beside the one that is not there."""
    package = imported.name.rpartition(".")[0]
    found = find_imported(ImportedModule(imported.folder, package)) if package else None
    if found is None or found.folder is None:
        return list(modules(imported.files, str(imported.folder)))
    return [f"{package}.{name}" for name in modules(imported.files, found.folder)]


def _twice(
    imported: ImportedModule, module: Node, at: KeyPath, names: dict[str, tuple[ImportedModule, Position]]
) -> Problem | None:
    other, position = names.setdefault(imported.top, (imported, module.position))
    if other.folder == imported.folder:
        return None
    what = f"two folders give a module '{imported.top}'"
    return Problem(what, module.position, text(at), "rename one of them", (("the other is here", position),))


def folder_problem(node: Node, place: KeyPath, holds: str) -> Problem | None:
    """The mistake, if there is one; `holds` says in a word or two what is in such a folder."""
    named = text(place)
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return Problem(
            f"'{named}' takes the path of a folder", node.position, named, f"write '{place[-1]}: path/to/folder'"
        )
    path = from_source(node.position.source, node.value)
    if os.path.isdir(path):  # noqa: PTH112  # False for what no path can be; Path raises
        return None
    if os.path.exists(path):  # noqa: PTH110  # as above
        return Problem(f"'{node.value}' is no folder", node.position, named, f"name the folder that holds {holds}")
    help = _from_here(node) or _nearest_folder(path.parent, node.value)
    return Problem(f"there is no folder '{node.value}'", node.position, named, help)


def _from_here(node: Scalar) -> str:
    """The path from its file of a folder that is there as seen from the working folder."""
    folder = node.position.source.folder
    if not os.path.isdir(str(node.value)):  # noqa: PTH112  # as above
        return ""
    return f"did you mean '{os.path.relpath(str(node.value), folder)}'? A path starts from the folder of its file"


def _nearest_folder(parent: Path, written: str) -> str:
    above, name = os.path.split(written)
    try:
        folders = sorted(path.name for path in parent.iterdir() if path.is_dir())
    except (OSError, ValueError):
        return f"there is no '{shown_path(parent)}' either; the path starts from the folder of its file"
    if near := nearest(name, folders):
        return f"did you mean '{os.path.join(above, near)}'?"  # noqa: PTH118  # as it is written, '..' and all
    return suggestion(name, folders, f"'{shown_path(parent)}' holds") or f"'{shown_path(parent)}' holds no folder"
