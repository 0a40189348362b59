"""Modules of projects in Python's import system."""

import importlib
import importlib.resources
import inspect
import pickle
import py_compile
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from importlib.machinery import BuiltinImporter
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from lighter.project.finder import Finder
from lighter.project.importable import make_importable, unload
from lighter.project.project import Project

Make = Callable[[str, dict[str, str | bytes]], Project]

LIGHTER = Path(__file__).parents[2]
UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH
PACKAGE: dict[str, str | bytes] = {
    "__init__.py": "import collections\nloaded = []\n",
    "models/__init__.py": "from .net import Net\nfrom .. import loaded\nloaded.append(__name__)\n",
    "models/net.py": "import shop.parts.blocks as b\n\nclass Net(b.Block):\n    def two(self):\n        return 2\n",
    "parts/blocks.py": "from . import names\nfrom ..models import layers\n\nclass Block: pass\n",
    "parts/names.py": "",
    "models/layers.py": "",
    "parts/data.txt": "text",
}


def test_a_package_imports_itself_by_relative_and_absolute_names(make: Make) -> None:
    root = make("shop", PACKAGE).root
    assert make_importable(Project(root, "shop")) == "shop"
    import shop.models  # type: ignore[import-not-found]

    assert shop.models.Net().two() == 2
    assert shop.models.Net.__mro__[1].__module__ == "shop.parts.blocks"
    assert shop.loaded == ["shop.models"]


def test_modules_know_who_and_where_they_are(make: Make) -> None:
    root = str(make("shop", PACKAGE).root)
    make_importable(Project.open(root))
    package, module, folder = (importlib.import_module(f"shop{name}") for name in ("", ".models.net", ".parts"))
    assert (package.__name__, package.__package__, package.__path__) == ("shop", "shop", [root])
    assert package.__file__ == f"{root}/__init__.py"
    assert (module.__name__, module.__package__) == ("shop.models.net", "shop.models")
    assert module.__file__ == f"{root}/models/net.py"
    assert module.__spec__ is not None
    assert (module.__spec__.name, module.__spec__.origin) == ("shop.models.net", module.__file__)
    assert not hasattr(module, "__path__")
    assert (folder.__package__, folder.__path__) == ("shop.parts", [f"{root}/parts"])
    assert not hasattr(folder, "__file__")


def test_classes_can_be_inspected_and_pickled(make: Make) -> None:
    make_importable(make("shop", PACKAGE))
    net = importlib.import_module("shop.models").Net
    assert inspect.getsource(net).startswith("class Net(")
    assert inspect.getsourcelines(net.two)[1] == 4
    assert pickle.loads(pickle.dumps(net)) is net
    assert type(pickle.loads(pickle.dumps(net()))) is net
    assert importlib.resources.files("shop.parts").joinpath("data.txt").read_text() == "text"
    assert importlib.resources.files("shop").joinpath("parts/data.txt").read_text() == "text"


def test_a_module_can_be_reloaded(make: Make) -> None:
    project = make("shop", {"a.py": "value = 1"})
    make_importable(project)
    module = importlib.import_module("shop.a")
    (project.root / "a.py").write_text("value = 2")
    assert importlib.reload(module).value == 2


def test_the_users_traceback_holds_the_users_frames_alone(make: Make) -> None:
    project = make("shop", {"a.py": "import shop.b", "b.py": "import c", "c.py": "1 / 0"})
    make_importable(project)
    with pytest.raises(ZeroDivisionError) as raised:
        import shop.a  # type: ignore[import-not-found]  # noqa: F401
    frames = [Path(frame.filename).name for frame in traceback.extract_tb(raised.value.__traceback__)]
    assert frames == ["test_finder.py", "a.py", "b.py", "c.py"]
    text = "".join(traceback.format_exception(raised.value))
    assert "1 / 0" in text


def test_nothing_is_imported_twice_when_an_import_fails_and_is_tried_again(make: Make) -> None:
    project = make("shop", {"a.py": "import os\nimport b\n", "b.py": "raise ValueError('not yet')"})
    make_importable(project)
    for _ in range(2):
        with pytest.raises(ValueError, match="not yet"):
            importlib.import_module("shop.a")
    (project.root / "b.py").write_text("")
    assert importlib.import_module("shop.a").b is importlib.import_module("shop.b")


def test_bytecode_is_neither_read_nor_written(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    project = make("shop", {"__init__.py": "", "a.py": "value = 'text'", "planted.py": "value = 'bad!'"})
    root = project.root
    py_compile.compile(str(root / "planted.py"), cache_from_source(root / "a.py"), invalidation_mode=UNCHECKED)
    py_compile.compile(str(root / "planted.py"), cache_from_source(root / "gone.py"))
    py_compile.compile(str(root / "planted.py"), str(root / "legacy.pyc"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    before = sorted(root.rglob("*"))
    make_importable(project)
    assert importlib.import_module("shop.a").value == "text"
    for name in ("gone", "legacy", "__pycache__.gone"):
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(f"shop.{name}")
    assert sorted(root.rglob("*")) == before


def test_import_statements_reach_nothing_outside(make: Make, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    outside = make("outside", {"x.py": f"open({str(marker)!r}, 'w')", "p/__init__.py": f"open({str(marker)!r}, 'w')"})
    project = make("shop", {"__init__.py": f"__path__.append({str(outside.root)!r})", "sub/__init__.py": ""})
    (project.root / "linked.py").symlink_to(outside.root / "x.py")
    (project.root / "folder").symlink_to(outside.root)
    (project.root / "sub" / "up").symlink_to("../..")
    (project.root / "x.pth").write_text(f"{outside.root}\n")
    make_importable(project)
    for name in (
        "linked",
        "folder",
        "folder.x",
        "x",
        "p",
        "sub.up.outside.x",
        f".{outside.root}/x",
        "sub/../../outside/x",
    ):
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(f"shop.{name}")
    sys.modules["shop.sub"].__path__[:] = [str(outside.root)]
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("shop.sub.x")
    assert not marker.exists()


def test_a_compiled_module_is_not_loaded_by_another_finder(make: Make) -> None:
    origin = importlib.import_module("_ctypes").__file__  # an extension module, as PathFinder loads them from anywhere
    assert origin is not None
    name = Path(origin).name
    project = make("shop", {"__init__.py": "", name: Path(origin).read_bytes()})
    make_importable(project)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(f"shop.{name.partition('.')[0]}")


def test_what_a_project_lacks_is_not_found_elsewhere(make: Make) -> None:
    make("site/shop", {"__init__.py": "", "extra.py": ""})
    project = make("shop", {"a.py": ""})
    sys.path.append(str(project.root.parent / "site"))
    with pytest.warns(UserWarning, match=r"'import shop' now means .*/shop, not the installed package 'shop'"):
        make_importable(project)
    with pytest.raises(ModuleNotFoundError, match=f"no module 'shop.extra' in the project {project.root}"):
        importlib.import_module("shop.extra")


def test_an_installed_package_keeps_its_name_once_it_is_loaded(make: Make) -> None:
    make("site/shop", {"__init__.py": "where = 'site'"})
    project = make("shop", {"a.py": "import shop\nwhere = shop.where"})
    sys.path.append(str(project.root.parent / "site"))
    assert importlib.import_module("shop").where == "site"
    assert make_importable(project) == "shop-project"
    assert importlib.import_module("shop-project.a").where == "site"
    net = importlib.import_module("shop-project.a")
    assert net.__name__ == "shop-project.a"


@pytest.mark.parametrize("name", ["torch", "numpy", "statistics"])
def test_a_protected_name_is_never_taken(make: Make, name: str) -> None:
    project = make(name, {"__init__.py": "", "a.py": f"import {name}\nclass Net: pass"})
    assert make_importable(project) == f"{name}-project"
    net = importlib.import_module(f"{name}-project.a").Net
    assert pickle.loads(pickle.dumps(net)) is net


def test_the_test_suite_of_python_is_not_missed(make: Make) -> None:
    assert make_importable(make("test", {"a.py": ""})) == "test"


def test_names_that_are_no_identifiers_work(make: Make) -> None:
    assert (
        make_importable(make("pytorch-cifar", {"a.py": "from .models import x", "models.py": "x = 1"}))
        == "pytorch-cifar"
    )
    assert importlib.import_module("pytorch-cifar.a").x == 1
    assert make_importable(make("densenet.pytorch", {"densenet.py": "x = 2"})) == "densenet-pytorch"
    assert importlib.import_module("densenet-pytorch.densenet").x == 2
    assert make_importable(make("3d", {"a-b.py": "x = 3"})) == "3d"
    assert importlib.import_module("3d.a-b").x == 3


def test_a_package_inside_keeps_the_projects_name(make: Make) -> None:
    project = make(
        "pygcn", {"train.py": "from pygcn.layers import x", "pygcn/__init__.py": "", "pygcn/layers.py": "x=1"}
    )
    assert make_importable(project) == "pygcn-project"
    assert importlib.import_module("pygcn-project.train").x == 1


def test_a_project_imported_before_by_ordinary_means_is_not_loaded_again(make: Make) -> None:
    project = make("shop", {"__init__.py": "", "a.py": "class Net: pass", "b.py": "import a"})
    sys.path.append(str(project.root.parent))
    net = importlib.import_module("shop.a").Net
    assert make_importable(project) == "shop"
    assert importlib.import_module("shop.a").Net is net
    assert importlib.import_module("shop.b").a.Net is net


def test_withdrawn_projects_leave_nothing_and_come_back_as_they_were(make: Make) -> None:
    before = set(sys.modules), sys.path[:], sys.meta_path[:]
    project = make("shop", {"a.py": "import b\nclass Net: pass", "b.py": ""})
    make_importable(project)
    net = importlib.import_module("shop.a").Net
    assert isinstance(sys.meta_path[0], Finder)
    assert sys.path == before[1]
    unload()
    assert (set(sys.modules), sys.path, sys.meta_path) == before
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("shop.a")
    make_importable(project)
    assert importlib.import_module("shop.a").Net is net


def test_the_finder_comes_first_again(make: Make) -> None:
    project = make("shop", {"a.py": ""})
    make_importable(project)
    sys.meta_path.insert(0, BuiltinImporter)
    make_importable(project)
    assert [isinstance(finder, Finder) for finder in sys.meta_path].index(True) == 0
    sys.meta_path.remove(BuiltinImporter)


def test_threads_that_import_at_once_get_one_module(make: Make) -> None:
    slow = "import time\ntime.sleep(0.05)\nimport shop.c\nclass Net: pass\n"
    project = make("shop", {"a.py": slow, "b.py": "import shop.a", "c.py": "import time\ntime.sleep(0.05)"})
    found: list[object] = []

    def load(name: str) -> None:
        make_importable(project)
        importlib.import_module(name)
        found.append(sys.modules["shop.a"].Net)

    threads = [threading.Thread(target=load, args=[name]) for name in ["shop.a", "shop.b"] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_importing_lighter_changes_nothing() -> None:
    code = """
import sys
before = sys.meta_path[:], sys.path[:], sys.path_hooks[:]
import lighter.project.locating
assert before == (sys.meta_path, sys.path, sys.path_hooks)
heavy = {"torch", "numpy", "yaml", "difflib", "pkgutil", "lightning", "pytorch_lightning"} & set(sys.modules)
print(sorted(heavy))
"""
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, cwd=LIGHTER, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")
