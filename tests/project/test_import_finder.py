"""How modules that a config imports by name are found, and their neighbours for them alone."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lighter.project.finder import FINDER
from lighter.project.importable import make_importable, unload
from lighter.project.project import ImportedModule, Project

Make = Callable[[str, dict[str, str | bytes]], Project]

FILES: dict[str, str | bytes] = {
    "my_lib/__init__.py": "",
    "my_lib/models.py": "from . import parts\nimport aid, aids.deep\nfrom aid import double as twice\n"
    "class Net: parts, value, deep = parts, aid.double(2) + twice(1), aids.deep.x\n",
    "my_lib/parts.py": "",
    "aid.py": "from aids.deep import x\ndef double(x): return 2 * x\n",
    "aids/deep.py": "x = 7\n",
    "other.py": "import aid\n",
}


@pytest.fixture
def lib(make: Make) -> Path:
    return make("lib", FILES).root


def test_a_module_has_the_name_that_is_given(lib: Path) -> None:
    make_importable(ImportedModule.of(lib, "my_lib"))
    net = importlib.import_module("my_lib.models").Net
    assert (net.__module__, net.value, net.deep) == ("my_lib.models", 6, 7)
    assert net.parts is sys.modules["my_lib.parts"]
    assert str(lib) not in sys.path
    assert not list(lib.rglob("*.pyc"))


def test_neighbours_are_for_the_folders_own_files(lib: Path) -> None:
    make_importable(ImportedModule.of(lib, "my_lib"))
    models = importlib.import_module("my_lib.models")
    assert models.aid.__name__ == "my_lib-beside.aid"
    assert "aid" not in sys.modules
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("aid")


def test_two_modules_of_a_folder_share_their_neighbours(lib: Path) -> None:
    make_importable(ImportedModule.of(lib, "my_lib"))
    make_importable(ImportedModule.of(lib, "other"))
    assert importlib.import_module("other").aid is importlib.import_module("my_lib.models").aid
    FINDER.set_aside(ImportedModule.of(lib, "other"))
    assert "my_lib-beside.aid" in sys.modules
    FINDER.set_aside(ImportedModule.of(lib, "my_lib"))
    assert not {"my_lib", "other", "my_lib-beside.aid"} & sys.modules.keys()


def test_a_module_runs_once_also_when_it_is_served_again(lib: Path) -> None:
    imported = ImportedModule.of(lib, "my_lib")
    make_importable(imported)
    module = importlib.import_module("my_lib")
    unload()
    assert "my_lib" not in sys.modules
    make_importable(imported)
    assert importlib.import_module("my_lib") is module


def test_two_folders_with_neighbours_of_one_name(lib: Path, make: Make) -> None:
    files: dict[str, str | bytes] = {"second.py": "import aid", "aid.py": "own = True"}
    make_importable(ImportedModule.of(lib, "my_lib"))
    make_importable(ImportedModule.of(make("more", files).root, "second"))
    assert importlib.import_module("second").aid.own
    assert importlib.import_module("my_lib.models").aid.double(1) == 2


def test_of_two_folders_the_one_served_last_has_the_name(lib: Path, make: Make) -> None:
    other = make("more", {"my_lib.py": "x = 1"}).root
    make_importable(ImportedModule.of(lib, "my_lib"))
    module = importlib.import_module("my_lib.models")
    make_importable(ImportedModule.of(other, "my_lib"))
    assert importlib.import_module("my_lib").x == 1
    assert "my_lib.models" not in sys.modules
    make_importable(ImportedModule.of(lib, "my_lib"))
    assert importlib.import_module("my_lib.models") is module


def test_what_is_installed_comes_before_a_neighbour(make: Make) -> None:
    files: dict[str, str | bytes] = {"mine.py": "import packaging, json", "packaging.py": "", "json.py": ""}
    root = make("lib", files).root
    make_importable(ImportedModule.of(root, "mine"))
    mine = importlib.import_module("mine")
    assert str(root) not in mine.packaging.__file__
    assert str(root) not in mine.json.__file__


def test_a_projects_files_do_not_stand_in_for_neighbours(lib: Path, make: Make) -> None:
    make_importable(make("shop", {"aid.py": "", "main.py": "import aid, my_lib.models"}))
    make_importable(ImportedModule.of(lib, "my_lib"))
    main = importlib.import_module("shop.main")
    assert main.aid.__name__ == "shop.aid"
    assert main.my_lib.models.aid.double(1) == 2


def test_nothing_outside_is_loaded(lib: Path) -> None:
    (lib.parent / "outside.py").write_text("raise SystemExit")
    (lib / "my_lib" / "link.py").symlink_to(lib.parent / "outside.py")
    (lib / "my_lib" / "fast.so").write_text("")
    make_importable(ImportedModule.of(lib, "my_lib"))
    for name in ("my_lib.link", "my_lib.fast", "my_lib.nowhere"):
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(name)


def test_a_module_that_others_have_loaded_is_left_alone(lib: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "my_lib", sys)
    imported = ImportedModule.of(lib, "my_lib")
    make_importable(imported)
    FINDER.set_aside(imported)
    assert sys.modules["my_lib"] is sys


def test_a_traceback_shows_the_users_lines(lib: Path) -> None:
    (lib / "my_lib" / "wrong.py").write_text("import aid\n1 / 0\n")
    make_importable(ImportedModule.of(lib, "my_lib"))
    with pytest.raises(ZeroDivisionError) as caught:
        importlib.import_module("my_lib.wrong")
    assert [
        (Path(str(entry.path)).name, entry.lineno) for entry in caught.traceback if str(lib) in str(entry.path)
    ] == [("wrong.py", 1)]
