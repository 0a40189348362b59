"""A module is run from the text of its file, and from nothing else."""

import importlib.util
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from lighter.project.files import Found
from lighter.project.finder import TextLoader, text_spec
from lighter.project.project import Project

Make = Callable[[str, dict[str, str | bytes]], Project]


class AsItStands(TextLoader):
    def compiled(self, text: bytes) -> CodeType | None:
        return None


class Doubled(TextLoader):
    def compiled(self, text: bytes) -> CodeType | None:
        return compile(text + text, self.path, "exec")


@pytest.fixture
def files(make: Make) -> Project:
    return make("lib", {"a.py": "x = globals().get('x', 0) + 1\n", "package/__init__.py": "x = 3\n", "a.txt": "data"})


def run(loader: TextLoader, found: Found) -> ModuleType:
    module = importlib.util.module_from_spec(text_spec(loader, found))
    loader.exec_module(module)
    return module


@pytest.mark.parametrize(("kind", "x"), [(AsItStands, 1), (Doubled, 2)])
def test_the_code_is_what_the_kind_makes_of_the_text(files: Project, kind: type[TextLoader], x: int) -> None:
    found = Found(f"{files.root}/a.py", None)
    assert run(kind("lib.a", found, files), found).x == x


def test_bytecode_is_neither_written_nor_read(files: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    found = Found(f"{files.root}/a.py", None)
    cached = Path(importlib.util.cache_from_source(f"{files.root}/a.py"))
    run(AsItStands("lib.a", found, files), found)
    assert not cached.parent.exists()
    with pytest.raises(OSError, match="is not cached"):
        AsItStands("lib.a", found, files).path_stats(f"{files.root}/a.py")


def test_data_beside_a_module_can_be_read(files: Project) -> None:
    assert AsItStands("lib.a", Found(f"{files.root}/a.py", None), files).get_data(f"{files.root}/a.txt") == b"data"


def test_a_folder_without_a_file_of_its_own_is_an_empty_package(files: Project) -> None:
    found = Found(None, str(files.root))
    module = run(AsItStands("lib", found, files), found)
    assert (module.__path__, hasattr(module, "x")) == ([str(files.root)], False)


def test_the_spec_tells_where_the_module_is(files: Project) -> None:
    class Own(ModuleSpec):
        pass

    found = Found(f"{files.root}/package/__init__.py", f"{files.root}/package")
    spec = text_spec(AsItStands("lib.package", found, files), found, Own)
    assert isinstance(spec, Own)
    assert (spec.origin, spec.has_location) == (found.file, True)
    assert spec.submodule_search_locations == [found.folder]
    assert text_spec(AsItStands("lib.a", Found("a.py", None), files), Found("a.py", None)).parent == "lib"
