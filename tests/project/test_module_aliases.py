"""Files of a project that import one another as if run from its root."""

import importlib
import pickle
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from lighter.project.importable import make_importable, means_project
from lighter.project.module_aliases import ModuleAliases
from lighter.project.project import Project

Make = Callable[[str, dict[str, str | bytes]], Project]

SCRIPTS: dict[str, str | bytes] = {
    "train.py": "import utils\nimport models.net as net\nfrom models.layers import Block\nfrom models import layers\n",
    "utils.py": "runs = []\nimport models.net\n",
    "models/net.py": "from models.layers import Block\nfrom .layers import Block as Same\nfrom ..utils import runs\n"
    "import utils\nruns.append(__name__)\nclass Net(Block): pass\n",
    "models/layers.py": "class Block: pass\n",
}


SHADOWED = (
    "'import datasets' now means {root}/datasets, not the installed package 'datasets': "
    "a project's own files come first, as when its scripts run"
)


@pytest.mark.parametrize("first", ["shop.models.net", "models.net", "shop.train", "train", "shop.utils", "utils"])
def test_short_and_long_names_are_one_module(make: Make, first: str) -> None:
    make_importable(make("shop", SCRIPTS))
    importlib.import_module(first)
    train = importlib.import_module("train")
    for name in ("train", "utils", "models", "models.net", "models.layers"):
        module = importlib.import_module(name)
        assert module is importlib.import_module(f"shop.{name}") is sys.modules[name]
        assert module.__name__ == f"shop.{name}"
        assert module.__spec__ is not None
        assert module.__spec__.name == f"shop.{name}"
    assert train.utils.runs == ["shop.models.net"]
    assert train.net.Same is train.Block
    assert importlib.import_module("shop").models.net is train.net
    assert train.net.Net.__module__ == "shop.models.net"


def test_code_below_src_is_found_from_there(make: Make) -> None:
    project = make(
        "shop",
        {
            "src/main.py": "import tools\nfrom parts.a import x\nfrom src.parts.a import x as y\nfrom .parts import a",
            "src/parts/a.py": "x = object()",
            "tools.py": "here = 'root'",
            "src/tools.py": "here = 'src'",
        },
    )
    make_importable(project)
    main = importlib.import_module("shop.src.main")
    assert main.x is main.y is main.a.x
    assert main.tools.here == "root"
    assert sys.modules["parts.a"] is sys.modules["src.parts.a"] is sys.modules["shop.src.parts.a"]
    assert sys.modules["tools"] is not importlib.import_module("shop.src.tools")


def test_checkpoints_of_the_repositorys_own_scripts_can_be_read(make: Make) -> None:
    make_importable(make("shop", SCRIPTS))
    assert pickle.loads(b"cmodels.layers\nBlock\n.") is importlib.import_module("shop.models.layers").Block


def test_scripts_come_before_installed_packages_which_is_said_once(make: Make) -> None:
    make("site", {"datasets/__init__.py": "where = 'site'", "unused/__init__.py": ""})
    project = make("shop", {"datasets/a.py": "", "main.py": "import datasets.a", "also.py": "import datasets"})
    sys.path.append(str(project.root.parent / "site"))
    make_importable(project)
    with pytest.warns(UserWarning, match="datasets") as warned:
        importlib.import_module("shop.main")
    importlib.import_module("shop.also")
    assert [str(warning.message) for warning in warned] == [SHADOWED.format(root=project.root)]
    assert sys.modules["datasets"] is sys.modules["shop.datasets"]


def test_a_folder_of_data_hides_nothing(make: Make) -> None:
    make("site", {"wanda/__init__.py": "where = 'site'"})
    files: dict[str, str | bytes] = {
        "wanda/run-1/files/x.py": "",
        "data/raw/a.txt": "",
        "src/data/sets.py": "",
        "models/weights.txt": "",
        "src/models/__init__.py": "where = 'src'",
        "nets/a.py": "",
        "src/nets.py": "where = 'src'",
        "main.py": "import wanda, data.sets, models, nets",
    }
    project = make("shop", files)
    sys.path.append(str(project.root.parent / "site"))
    make_importable(project)
    main = importlib.import_module("shop.main")
    assert main.wanda.where == "site"
    assert importlib.import_module("data") is main.data is sys.modules["shop.src.data"]
    assert main.models.where == main.nets.where == "src"


def test_whether_the_root_or_src_serves_a_name(make: Make) -> None:
    files = {"a.py": "", "b/c.py": "", "data/x.txt": "", "src/d/e.py": "", "pack/__init__.py": "", "logging/x.py": ""}
    names = ModuleAliases(make("shop", dict(files)), "shop")
    for dotted in ("a", "b", "b.c", "pack"):
        assert names.full_name(dotted) == f"shop.{dotted}"
    for dotted in ("a.x", "pack.x"):  # which are not there
        assert names.full_name(dotted) == dotted
    for dotted in ("d", "d.e"):
        assert names.full_name(dotted) == f"shop.src.{dotted}"
    for dotted in ("b.d", "data", "data.x", "d.f", "logging", "logging.x", "nothing", "e", "shop.a"):
        assert names.full_name(dotted) is None
    numbered = ModuleAliases(make("shop", {}), "shop-2")
    assert [numbered.full_name(name) for name in ("shop.a", "shop", "b.c")] == ["shop-2.a", "shop-2", "shop-2.b.c"]


def test_in_a_package_an_absolute_import_means_what_is_installed(make: Make) -> None:
    make("site", {"datasets/__init__.py": "where = 'site'"})
    files: dict[str, str | bytes] = {
        "__init__.py": "",
        "datasets.py": "where = 'own'",
        "helpers.py": "",
        "main.py": "import datasets, helpers\nfrom . import datasets as own",
    }
    project = make("shop", files)
    sys.path.append(str(project.root.parent / "site"))
    make_importable(project)
    main = importlib.import_module("shop.main")
    assert (main.datasets.where, main.own.where) == ("site", "own")
    assert main.helpers is importlib.import_module("shop.helpers")


def test_loaded_and_protected_modules_keep_their_names(make: Make) -> None:
    make("site", {"loaded.py": "where = 'site'"})
    files = {"main.py": "import loaded, logging, numpy", "loaded.py": "", "logging/x.py": "", "src/numpy.py": "1 / 0"}
    project = make("shop", dict(files))
    sys.path.append(str(project.root.parent / "site"))
    loaded = importlib.import_module("loaded")
    make_importable(project)
    main = importlib.import_module("shop.main")
    assert main.loaded is loaded
    assert importlib.import_module("shop.loaded") is not loaded
    assert sys.modules["loaded"] is loaded
    assert main.logging.getLogger
    assert main.numpy.ndarray
    assert not means_project("loaded")
    assert not means_project("logging")
    assert means_project("main")


def test_what_is_in_a_package_whose_name_is_taken_gets_no_short_name(make: Make) -> None:
    make("site", {"loaded/__init__.py": ""})
    project = make("shop", {"loaded/part.py": ""})
    sys.path.append(str(project.root.parent / "site"))
    importlib.import_module("loaded")
    make_importable(project)
    importlib.import_module("shop.loaded.part")
    assert "loaded.part" not in sys.modules
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("loaded.part")


def test_a_module_may_put_another_object_in_its_place(make: Make) -> None:
    text = "import sys\nclass Lazy:\n    x = 1\nsys.modules[__name__] = Lazy\n"
    make_importable(make("shop", {"a.py": text, "b.py": "import a\nfrom a import x\n"}))
    assert importlib.import_module("shop.b").a is importlib.import_module("shop.a") is sys.modules["a"]


def test_a_module_whose_code_raised_is_tried_again(make: Make) -> None:
    project = make(
        "shop", {"main.py": "try:\n    import b\nexcept ValueError:\n    import c\n    import b", "c.py": ""}
    )
    (project.root / "b.py").write_text("import os, c, d\nif not d.tried:\n    d.tried = True\n    raise ValueError")
    (project.root / "d.py").write_text("tried = False")
    make_importable(project)
    assert importlib.import_module("shop.main").b.d.tried
    assert "shop.b" in sys.modules


def test_a_circle_of_short_names_works_as_in_scripts(make: Make) -> None:
    project = make("shop", {"a.py": "import b\nx = 1\n", "b.py": "import a\ndef get():\n    return a.x\n"})
    make_importable(project)
    assert importlib.import_module("shop.a").b.get() == 1


def test_a_module_taken_out_by_hand_is_loaded_anew_under_both_names(make: Make) -> None:
    make_importable(make("shop", {"a.py": ""}))
    old = importlib.import_module("shop.a")
    del sys.modules["shop.a"]
    assert importlib.import_module("shop.a") is importlib.import_module("a") is not old


def test_what_the_project_puts_under_a_short_name_is_left_alone(make: Make) -> None:
    first, second = make("shop", {"a.py": ""}), make("other", {"a.py": ""})
    make_importable(first)
    importlib.import_module("shop.a")
    sys.modules["a"] = replaced = ModuleType("a")
    make_importable(second)
    assert sys.modules["a"] is replaced
    assert not means_project("a")
    make_importable(first)
    assert sys.modules["a"] is replaced
    del sys.modules["a"]
    assert means_project("a")


def test_a_file_written_later_is_found(make: Make) -> None:
    project = make("shop", {"a.py": ""})
    make_importable(project)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("later")
    (project.root / "later.py").touch()
    assert importlib.import_module("later").__name__ == "shop.later"


def test_threads_that_use_short_names_get_one_module(make: Make) -> None:
    slow = "import time\ntime.sleep(0.05)\nclass Net: pass\n"
    make_importable(make("shop", {"a.py": slow, "b.py": "import a"}))
    found: list[object] = []

    def load(name: str) -> None:
        importlib.import_module(name)
        found.append(importlib.import_module("a").Net)

    threads = [threading.Thread(target=load, args=[name]) for name in ["a", "b"] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_a_relative_folder_that_a_script_puts_on_the_path_counts_from_the_projects_folder(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = make("outside", {"linked.py": "raise SystemExit"}).root
    text = "import sys\nsys.path.append('core')\nsys.path.append('..')\nfrom raft import Raft\n"
    project = make("flow", {"train.py": text, "asks.py": "import linked", "core/raft.py": "class Raft: pass"})
    (project.root / "core" / "linked.py").symlink_to(outside / "linked.py")
    monkeypatch.chdir(tmp_path)
    make_importable(project)
    assert importlib.import_module("flow.train").Raft is importlib.import_module("flow.core.raft").Raft
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("flow.asks")
