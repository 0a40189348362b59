"""A module in a folder, by the name that it is imported by."""

import os
from pathlib import Path

import pytest

from lighter.project.files import find_imported
from lighter.project.project import ImportedModule


@pytest.fixture
def lib(tmp_path: Path) -> Path:
    for name in ("lib/one.py", "lib/pack/__init__.py", "lib/pack/deep.py", "lib/bare/part.py", "outside.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "lib" / "link.py").symlink_to(tmp_path / "outside.py")
    (tmp_path / "lib" / "compiled.so").write_text("")
    return tmp_path / "lib"


@pytest.mark.parametrize(
    ("name", "file"), [("one", "one.py"), ("pack", "pack/__init__.py"), ("pack.deep", "pack/deep.py"), ("bare", None)]
)
def test_a_file_or_a_folder(lib: Path, name: str, file: str | None) -> None:
    found = find_imported(ImportedModule.of(lib, name))
    assert found is not None
    assert found.file == (file and str(lib / file))


@pytest.mark.parametrize("name", ["two", "pack.shallow", "one.deep", "link", "compiled", "../outside", "pack/deep", ""])
def test_what_is_not_there_or_leads_out(lib: Path, name: str) -> None:
    assert find_imported(ImportedModule.of(lib, name)) is None


def test_the_folder_is_the_real_one(lib: Path) -> None:
    (lib.parent / "linked").symlink_to(lib)
    assert ImportedModule.of(lib.parent / "linked", "pack.deep") == ImportedModule.of(os.fspath(lib), "pack.deep")
    assert ImportedModule.of(lib, "pack.deep").top == "pack"
