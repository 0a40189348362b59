"""Projects one after the other, or side by side, in one process."""

import importlib
import sys
from collections.abc import Callable

import pytest

from lighter.project.importable import active_project, make_importable
from lighter.project.project import Project

Make = Callable[[str, dict[str, str | bytes]], Project]


def test_projects_of_one_name_do_not_see_each_other(make: Make) -> None:
    files: dict[str, str | bytes] = {"a.py": "class Net: pass", "main.py": "import a, shop.a"}
    first, second = make("one/shop", {**files, "extra.py": ""}), make("two/shop", files)
    make_importable(first)
    importlib.import_module("shop.extra")
    net = importlib.import_module("shop.main").a.Net
    make_importable(second)
    assert importlib.import_module("shop.main").a.Net is not net
    assert importlib.import_module("shop.main").a.__file__ == f"{second.root}/a.py"
    for name in ("shop.extra", "extra"):
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(name)
    make_importable(first)
    assert importlib.import_module("shop.a").Net is net
    assert sys.modules["a"] is sys.modules["shop.a"]


def test_projects_of_different_names_stand_side_by_side(make: Make) -> None:
    first, second = make("one", {"a.py": "", "only.py": ""}), make("two", {"a.py": ""})
    make_importable(first)
    importlib.import_module("one.a")
    importlib.import_module("one.only")
    make_importable(second)
    importlib.import_module("two.a")
    assert sys.modules["a"] is sys.modules["two.a"] is not sys.modules["one.a"]
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("only")
    assert active_project() == second


def test_a_project_named_like_a_module_of_another(make: Make) -> None:
    first = make("first", {"main.py": "from models.net import x", "models/net.py": "x = 1"})
    second = make("models", {"net.py": "x = 2"})
    make_importable(first)
    assert importlib.import_module("first.main").x == 1
    assert make_importable(second) == "models"
    assert importlib.import_module("models.net").x == 2
    make_importable(first)
    assert importlib.import_module("models.net").x == 1
    assert importlib.import_module("models.net").__name__ == "first.models.net"
