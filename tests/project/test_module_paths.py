"""Modules by a dotted path in a folder, or by the absolute path of a file."""

import importlib
import os
import sys
from collections.abc import Callable

import pytest

from lighter.project.files import NotPythonText
from lighter.project.locating import InvalidPath, locate
from lighter.project.project import Project
from lighter.project.target_not_found import TargetNotFound
from lighter.utils.dynamic_imports import import_module_from_path

Make = Callable[[str, dict[str, str | bytes]], Project]


def test_it_returns_the_module_that_has_what_is_named(shop: Project) -> None:
    root = str(shop.root)
    module = import_module_from_path("shop.models.MyModel", root)
    assert module.__name__ == "shop.models.my_model"
    assert module is import_module_from_path("shop.models.my_model", root)
    assert module is import_module_from_path("project.models.my_model.MyModel.Inner", root)
    assert module is import_module_from_path("models.MyModel", root)
    assert import_module_from_path("shop.parts.Part", root).__name__ == "shop.parts"
    assert import_module_from_path("shop.models", root).__name__ == "shop.models"
    assert import_module_from_path("shop", root) is import_module_from_path("project", root) is sys.modules["shop"]


@pytest.mark.parametrize("path", ["shop.models.MyModle", "shop.modles", "shop.models.my_model.x", "torch", "os.path"])
def test_what_is_not_there_is_told(shop: Project, path: str) -> None:
    with pytest.raises(TargetNotFound):
        import_module_from_path(path, str(shop.root))


def test_a_folder_that_is_not_there_is_told(shop: Project) -> None:
    with pytest.raises(ModuleNotFoundError, match="did you mean 'shop'"):
        import_module_from_path("shop.models", f"{shop.root.parent}/shpo")


def test_an_absolute_path_is_loaded_in_its_package(shop: Project) -> None:
    module = import_module_from_path(f"{shop.root}/parts/part.py")
    assert module.__name__ == "shop.parts.part"
    assert module is sys.modules["shop.parts.part"]
    assert import_module_from_path(f"{shop.root}/__init__.py") is sys.modules["shop"]


def test_an_absolute_path_without_a_package_is_loaded_in_its_folder(make: Make) -> None:
    project = make(
        "lone_files", {"my-net.py": "from helper import x\nfrom .helper import x as same", "helper.py": "x = 1"}
    )
    module = import_module_from_path(f"{project.root}/my-net.py")
    assert (module.__name__, module.x, module.same) == ("lone_files.my-net", 1, 1)
    assert importlib.import_module("lone_files.my-net") is module


def test_an_absolute_path_leaves_the_project_in_use_as_it_is(make: Make) -> None:
    project = make(
        "shop", {"main.py": "def late():\n    import helper\n    return helper.x", "helper.py": "x = 'shop'"}
    )
    other = make("other", {"tool.py": "import helper\nx = helper.x", "helper.py": "x = 'other'"})
    late = locate("shop.main.late", project)
    assert import_module_from_path(f"{other.root}/tool.py").x == "other"
    assert late() == "shop"  # type: ignore[operator]


@pytest.mark.parametrize(
    ("path", "kind", "message"),
    [
        ("shop.models.MyModel", InvalidPath, "is not an absolute path"),
        ("models/net.py", InvalidPath, "is not an absolute path"),
        ("", InvalidPath, "is not an absolute path"),
        ("{root}/models/../net.py", InvalidPath, "is not an absolute path"),
        ("{root}/a\0.py", InvalidPath, "is not an absolute path"),
        ("{root}/models", InvalidPath, "is not a .py file"),
        ("{root}/lib.so", InvalidPath, "is not a .py file"),
        ("{root}/lib.pyc", InvalidPath, "is not a .py file"),
        ("{root}/lib.py", InvalidPath, "is not a .py file"),
        ("{root}/a.b.py", InvalidPath, "'a.b' cannot be a module's name; rename it"),
        ("{root}/modles.py", ModuleNotFoundError, "; did you mean 'models.py'?"),
        ("{root}/nowhere/net.py", ModuleNotFoundError, "there is no file '{root}/nowhere/net.py'"),
        ("{root}/folder.py", ModuleNotFoundError, "there is no file"),
        ("{root}/pipe.py", ModuleNotFoundError, "there is no file"),
        ("{root}/text.py", NotPythonText, "is not Python text"),
    ],
)
def test_what_is_no_absolute_path_of_a_file_is_refused(
    make: Make, path: str, kind: type[Exception], message: str
) -> None:
    files: dict[str, str | bytes] = {
        "models.py": "",
        "lib.so": b"\0",
        "lib.pyc": b"\0",
        "a.b.py": "",
        "folder.py/x": "",
        "text.py": b"\0",
    }
    root = make("shop", dict(files)).root
    (root / "lib.py").symlink_to("lib.so")
    os.mkfifo(root / "pipe.py")
    assert issubclass(kind, ValueError | ModuleNotFoundError)
    with pytest.raises(kind) as raised:
        import_module_from_path(path.replace("{root}", str(root)))
    assert type(raised.value) is kind
    assert message.replace("{root}", str(root)) in str(raised.value)
