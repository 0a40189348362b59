"""A module is run from the text of its file, and from nothing else."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from lighter.project.files import Found
from lighter.project.finder import TextLoader, text_spec
from lighter.project.project import Project

Make = Callable[[str, dict[str, str | bytes]], Project]


def as_it_is(name: str, text: bytes, path: str) -> dict[str, str]:
    return {}


def with_another(name: str, text: bytes, path: str) -> dict[str, str]:
    return {"layers": "decimal"}


@pytest.fixture
def files(make: Make) -> Project:
    return make(
        "lib",
        {
            "a.py": "x = 1\n",
            "b.py": "import layers\nx = layers.__name__",
            "package/__init__.py": "x = 3\n",
            "a.txt": "data",
        },
    )


def run(loader: TextLoader, found: Found) -> ModuleType:
    module = importlib.util.module_from_spec(text_spec(loader, found))
    loader.exec_module(module)
    return module


def test_imports_mean_what_the_loader_is_given(files: Project) -> None:
    found = Found(f"{files.root}/b.py", None)
    assert run(TextLoader("lib.b", found, files, with_another), found).x == "decimal"
    with pytest.raises(ModuleNotFoundError, match="layers"):
        run(TextLoader("lib.b", found, files, as_it_is), found)


def test_a_file_that_was_changed_is_not_current(files: Project) -> None:
    found = Found(f"{files.root}/a.py", None)
    loader = TextLoader("lib.a", found, files, as_it_is)
    run(loader, found)
    assert loader.is_current
    (files.root / "a.py").write_text("x = 12\n")
    assert not loader.is_current


def test_bytecode_is_neither_written_nor_read(files: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    found = Found(f"{files.root}/a.py", None)
    cached = Path(importlib.util.cache_from_source(f"{files.root}/a.py"))
    run(TextLoader("lib.a", found, files, as_it_is), found)
    assert not cached.parent.exists()
    with pytest.raises(OSError, match="is not cached"):
        TextLoader("lib.a", found, files, as_it_is).path_stats(f"{files.root}/a.py")


def test_data_beside_a_module_can_be_read(files: Project) -> None:
    assert (
        TextLoader("lib.a", Found(f"{files.root}/a.py", None), files, as_it_is).get_data(f"{files.root}/a.txt")
        == b"data"
    )


def test_a_folder_without_a_file_of_its_own_is_an_empty_package(files: Project) -> None:
    found = Found(None, str(files.root))
    module = run(TextLoader("lib", found, files, as_it_is), found)
    assert (module.__path__, hasattr(module, "x")) == ([str(files.root)], False)


def test_the_spec_tells_where_the_module_is(files: Project) -> None:
    found = Found(f"{files.root}/package/__init__.py", f"{files.root}/package")
    spec = text_spec(TextLoader("lib.package", found, files, as_it_is), found)
    assert (spec.origin, spec.has_location) == (found.file, True)
    assert spec.submodule_search_locations == [found.folder]
    assert text_spec(TextLoader("lib.a", Found("a.py", None), files, as_it_is), Found("a.py", None)).parent == "lib"
