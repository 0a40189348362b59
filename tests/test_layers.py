"""Every import points down: the layers of the package, and that none is crossed."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "lighter"

# What stands right in the package may import what stands in the rows above it, never what stands beside or below it.
# Files of one folder import each other freely, but never in a circle.
LAYERS = (
    ("errors",),
    ("project", "training"),
    ("callbacks", "utils"),
    ("config",),
    ("plugins",),
    ("runs",),
    ("launchers", "results"),
    ("cli",),
    ("__main__",),
)
# Of these only parts, which load no torch: what a stage needs, what it logs, and Lightning's names.
ONLY = {
    ("config", "training"): {"lighter.training.lightnings", "lighter.training.logged_name", "lighter.training.stages"}
}

# What `import lighter` offers is imported from its own home; only this is read from the top.
FROM_THE_TOP = {"__version__"}

Imports = Mapping[str, Mapping[str, int]]  # importing module -> imported module -> line


def test_every_file_has_a_layer() -> None:
    here = {component(name) for name in modules(ROOT / PACKAGE)} - {""}
    listed = {name for row in LAYERS for name in row}
    told = [
        f"lighter/{name} is in no layer: add it to LAYERS in tests/test_layers.py" for name in sorted(here - listed)
    ]
    told += [
        f"LAYERS in tests/test_layers.py names lighter/{name}, which is not there" for name in sorted(listed - here)
    ]
    tell(told)


def test_imports_point_down() -> None:
    tell(upward(imports(ROOT / PACKAGE)))


def test_imports_make_no_circle() -> None:
    tell(circle(imports(ROOT / PACKAGE)))


@pytest.mark.parametrize(
    ("file", "text", "imported"),
    [
        ("errors.py", "import lighter.runs.runner", "lighter.runs.runner"),
        ("errors.py", "def late():\n    from lighter.training.system import System", "lighter.training.system"),
        ("errors.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import lighter.cli", "lighter.cli"),
        ("errors.py", "from importlib import import_module\nimport_module('lighter.cli')", "lighter.cli"),
        ("training/system.py", "from lighter.project import finder", "lighter.project.finder"),
        ("training/system.py", "from ..project import finder", "lighter.project.finder"),
        ("project/finder.py", "from lighter.training.stages import Stage", "lighter.training.stages"),
        ("training/system.py", "from lighter.config import tree", "lighter.config.tree"),
        ("config/tree.py", "from lighter.training.system import System", "lighter.training.system"),
        ("runs/runner.py", "from lighter import results", "lighter.results"),
        ("runs/runner.py", "from lighter import System", "lighter"),
    ],
)
def test_an_import_that_points_up_is_told(tmp_path: Path, file: str, text: str, imported: str) -> None:
    found = upward(imports(package(tmp_path, {file: text})))
    assert [message.split(":")[0] for message in found] == [f"lighter/{file}"]
    assert f" imports {imported}," in found[0]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("config/tree.py", "from lighter.config.a import Path\nfrom lighter import errors"),
        ("config/tree.py", "from lighter.training.stages import Stage"),
        ("runs/runner.py", "from lighter.training.system import System"),
        ("cli/__init__.py", "from lighter import __version__"),
        ("__init__.py", "from lighter.runs.runner import Runner"),
        ("training/system.py", "import torch\nimport lightering\nfrom lighter.errors import Problem"),
    ],
)
def test_an_import_that_points_down_is_not(tmp_path: Path, file: str, text: str) -> None:
    assert upward(imports(package(tmp_path, {file: text}))) == []


def test_a_circle_is_told_as_a_chain(tmp_path: Path) -> None:
    texts = {"config/a.py": "def f():\n    import lighter.config.b", "config/b.py": "from lighter.config import a"}
    assert circle(imports(package(tmp_path, texts))) == ["lighter.config.a -> lighter.config.b -> lighter.config.a"]


def upward(found: Imports) -> list[str]:
    """The imports that a layer forbids, as messages."""
    return [
        f"{file(importer, found)}:{line}: {importer} imports {imported}, {reason}"
        for importer, targets in found.items()
        if importer != PACKAGE
        for imported, line in targets.items()
        if (reason := forbidden(importer, imported))
    ]


def forbidden(importer: str, imported: str) -> str:
    """Why a module must not import another; nothing where it may."""
    own, other = component(importer), component(imported)
    if not other:
        return "which offers names for users only: import from the module that defines them"
    if own == other:
        return ""
    if layer(other) >= layer(own):
        return "which stands beside it" if layer(other) == layer(own) else "which stands above it"
    only = ONLY.get((own, other), {imported})
    return "" if imported in only else f"of which it may know {', '.join(sorted(only))} alone"


def layer(name: str) -> int:
    """The row of a component; what has none yet (and is told elsewhere) is above all."""
    return next((at for at, row in enumerate(LAYERS) if name in row), len(LAYERS))


def circle(found: Imports) -> list[str]:
    """The first circle of imports, as a chain."""
    done: set[str] = set()

    def visit(name: str, chain: tuple[str, ...]) -> list[str]:
        if name in chain:
            return [" -> ".join([*chain[chain.index(name) :], name])]
        if name in done:
            return []
        done.add(name)
        return next((told for target in found.get(name, {}) if (told := visit(target, (*chain, name)))), [])

    return next((told for name in found if name != PACKAGE and (told := visit(name, ()))), [])


def imports(folder: Path) -> dict[str, dict[str, int]]:
    """What each module imports of the package, wherever in its text."""
    known = modules(folder)
    return {
        name: {resolved: line for asked, line in imported(name, path) if (resolved := resolve(asked, known))}
        for name, path in known.items()
    }


def imported(name: str, path: Path) -> Iterator[tuple[str, int]]:
    """The dotted names that a module imports, with their lines; `a.b.C` for `from a.b import C`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        match node:
            case ast.Import(names=names):
                yield from ((alias.name, node.lineno) for alias in names)
            case ast.ImportFrom(names=names):
                start = absolute(name, path, node)
                yield from ((f"{start}.{alias.name}", node.lineno) for alias in names)
            case ast.Call(
                func=ast.Name("import_module") | ast.Attribute(attr="import_module"), args=[ast.Constant(str(asked))]
            ):
                yield asked, node.lineno


def absolute(name: str, path: Path, node: ast.ImportFrom) -> str:
    """The module a `from ... import` names, without its dots."""
    parts = name.split(".")
    inside = parts if path.name == "__init__.py" else parts[:-1]
    return ".".join(
        [*inside[: len(inside) - node.level + 1], *filter(None, [node.module])] if node.level else [node.module or ""]
    )


def resolve(asked: str, known: Mapping[str, Path]) -> str | None:
    """The module of the package that a dotted name lies in, if it is of the package."""
    if asked in {f"{PACKAGE}.{name}" for name in FROM_THE_TOP}:
        return None
    while asked and asked not in known:
        asked = asked.rpartition(".")[0]
    return asked or None


def modules(folder: Path) -> dict[str, Path]:
    """The modules of the package by dotted name."""
    paths = sorted(path for path in folder.rglob("*.py") if "template" not in path.parts)  # a user's project, not ours
    found = {path: path.relative_to(folder.parent).with_suffix("").parts for path in paths}
    return {".".join(parts[:-1] if parts[-1] == "__init__" else parts): path for path, parts in found.items()}


def component(name: str) -> str:
    """The file or folder right in the package that a module belongs to; nothing for the package itself."""
    return name.split(".")[1] if "." in name else ""


def file(name: str, found: Imports) -> str:
    """The path of a module, as a reader looks for it."""
    is_folder = any(other.startswith(f"{name}.") for other in found)
    return name.replace(".", "/") + ("/__init__.py" if is_folder else ".py")


def package(folder: Path, texts: Mapping[str, str]) -> Path:
    """A package with the files that the cases above import, and these texts in some of them."""
    folders = ("", "cli/", "config/", "project/", "results/", "runs/", "training/")
    names = (*(f"{name}__init__" for name in folders), "errors", "project/finder", "runs/runner")
    names = (*names, "training/stages", "training/system", "config/tree", "config/a", "config/b")
    files = {f"{name}.py": "" for name in names}
    for name, text in {**files, **texts}.items():
        path = folder / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / PACKAGE


def tell(problems: list[str]) -> None:
    """Fails with all problems, a line each."""
    if problems:
        pytest.fail("\n".join(["", *problems]), pytrace=False)
