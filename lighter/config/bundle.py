"""A MONAI bundle as MONAI reads it: files that replace what earlier ones hold, metadata beside them, its own code."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lighter.config.composing import read_part
from lighter.config.expressions import Imports, read_code
from lighter.config.imports import MODULE, PATH
from lighter.config.key_path import parse_path, text
from lighter.config.loading import load_mapping
from lighter.config.schema import IMPORTS
from lighter.config.tree import TARGET, Code, Entry, Macro, Mapping, Reference, Scalar, absent, find, walk
from lighter.config.tree import Sequence as Items
from lighter.errors import OVERRIDE, ConfigError, Problem, shown_path
from lighter.project.files import is_segment, leads
from lighter.project.libraries import is_protected
from lighter.project.project import ImportedModule

META = "_meta_"
_METADATA = "metadata.json"
_CONFIGS = "configs"


def bundle_sources(files: Sequence[Path], metadata: Sequence[Path] = ()) -> list[Mapping]:
    """The files of a bundle, their metadata and the modules beside them, as sources of a config.

    Without `metadata` it is the file of that name in the first one's folder, if it is there and referred to. Raises
    ConfigError.
    """
    beside = files[0].parent / _METADATA
    problems: list[Problem] = []
    trees = [*_read(files, problems)]
    if not metadata and beside.is_file() and any(map(_reads_metadata, trees)):
        metadata = [beside]
    metas = [*_read(metadata, problems)]
    if problems:
        raise ConfigError(problems)
    sources = [*map(_replacing, trees), *(_below(META, meta) for meta in metas)]
    root = root_of(files[0])
    if names := own_modules((name for tree in trees for name in _modules_of(tree)), root):
        imports = [{PATH: str(root), MODULE: name} for name in names]
        sources.append(load_mapping({f"+{IMPORTS}": imports}, shown_path(root)))
    return sources


def root_of(file: Path) -> Path:
    """The folder of the bundle that a config file belongs to, from which its own modules are imported."""
    folder = file.absolute().parent
    return folder.parent if folder.name == _CONFIGS else folder


def own_modules(names: Iterable[str], root: Path) -> list[str]:
    """Those of top-level names that are modules in a bundle's root, and none of Python's or of ours."""
    return sorted({name for name in names if _is_own(name, root)})


def misspelt_keys(tree: Mapping) -> list[Problem]:
    """The keys at the top that only overrides have set, without the `+` that says a new one is meant."""
    added = [
        (key, entry) for key, entry in tree.entries.items() if entry.position.source.is_override and not entry.history
    ]
    files = Mapping({key: entry for key, entry in tree.entries.items() if (key, entry) not in added}, tree.position)
    problems = []
    for key, entry in added:
        if not entry.position.source.name.removeprefix(OVERRIDE).startswith("+"):
            what, help = absent(files, (key,))
            help = f"{help}{' To' if help.endswith('?') else '; to'} add a new key write '+{key}=...'"
            problems.append(Problem(what, entry.position, help=help, code="override"))
    return problems


def steps_of(tree: Mapping) -> list[str]:
    """The ids at the top that are lists of expressions, to be evaluated one after the other."""
    lists = {key: entry.value for key, entry in tree.entries.items() if isinstance(entry.value, Items)}
    return [key for key, node in lists.items() if key != IMPORTS and any(isinstance(one, Code) for one in node.items)]


def expressions_at(tree: Mapping, id: str) -> list[str]:
    """The ids of what is evaluated one after the other where this one is: its items, or itself."""
    node = find(tree, place := parse_path(id))
    return [text((*place, str(at))) for at in range(len(node.items))] if isinstance(node, Items) else [id]


def _read(files: Sequence[Path], problems: list[Problem]) -> Iterator[Mapping]:
    for file in files:
        try:
            yield read_part(file)
        except ConfigError as error:
            problems.extend(error.problems)


def _reads_metadata(tree: Mapping) -> bool:
    return any(META in node.written for _, node in walk(tree) if isinstance(node, Reference | Code | Macro))


def _replacing(tree: Mapping) -> Mapping:
    """The file as MONAI lays it over others: a mapping replaces another, below `+` what is in it does."""
    return tree.with_entries({key: _marked(entry) for key, entry in tree.entries.items()})


def _marked(entry: Entry) -> Entry:
    if not isinstance(entry.value, Mapping):
        return entry
    if entry.mark != "+":
        return entry._replace(mark=entry.mark or "=")
    below = {
        key: one._replace(mark="=") if isinstance(one.value, Mapping) else one
        for key, one in entry.value.entries.items()
    }
    return entry._replace(value=entry.value.with_entries(below))


def _below(key: str, tree: Mapping) -> Mapping:
    return Mapping({key: Entry(key, tree, tree.position)}, tree.position)


def _modules_of(tree: Mapping) -> Iterator[str]:
    """The first part of every dotted name that is called or imported."""
    for _, node in walk(tree):
        target = node.get(TARGET) if isinstance(node, Mapping) else None
        if isinstance(target, Scalar) and isinstance(target.value, str) and "." in target.value:
            yield target.value.partition(".")[0]
        if isinstance(node, Code) and "import" in node.written:
            try:
                code = read_code(node.written)
            except SyntaxError:  # told when it is planned
                continue
            yield from (name.partition(".")[0] for name in code.loads) if isinstance(code, Imports) else ()


def _is_own(name: str, root: Path) -> bool:
    """Whether a bundle's root has a module of this name, which does not stand for one of Python's or of ours."""
    module = ImportedModule.of(root, name)
    return is_segment(name) and not is_protected(name) and leads(module.files, str(module.folder), [name])
