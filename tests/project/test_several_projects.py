"""Projects one after the other, or side by side, in one process."""

import gc
import importlib
import pickle
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from torch.utils.data import DataLoader

from lighter.config import Config
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


# Alive at once: what the code of each imports later is its own.

LATE: dict[str, str | bytes] = {
    "net.py": "class Net:\n"
    "    def by_name(self):\n        from utils import NAME\n        return NAME\n"
    "    def whole(self):\n        import utils\n        return utils.NAME\n"
    "    def renamed(self):\n        import parts.deep as p\n        return p.NAME\n"
    "    def dotted(self):\n        import parts.deep\n        return parts.deep.NAME\n"
    "    def relative(self):\n        from .utils import NAME\n        return NAME\n"
    "    def beside(self):\n        from parts.other import name\n        return name()\n"
    "    def first(self):\n        import fresh\n        return fresh.NAME\n"
    "    def __len__(self):\n        return 4\n"
    "    def __getitem__(self, index):\n        import seen\n        return seen.NAME\n",
    "parts/other.py": "def name():\n    import deep\n    return deep.NAME\n",
    "parts/deep.py": "NAME = {!r}\n",
}
WAYS = ["by_name", "whole", "renamed", "dotted", "relative", "beside", "first"]


def late(make: Make, folder: str) -> Project:
    files = {name: str(text).replace("{!r}", repr(folder)) for name, text in LATE.items()}
    named = dict.fromkeys(("utils.py", "fresh.py", "seen.py"), f"NAME = {folder!r}\n")
    return make(folder, {**files, **named})


def net_of(project: Project) -> Any:
    return Config({"project": str(project.root), "net": {"_target_": "project.net.Net"}}).resolve("net")


@pytest.mark.parametrize("names", [("one", "two"), ("one/shop", "two/shop"), ("one/utils", "two/net")])
@pytest.mark.parametrize("way", WAYS)
def test_code_of_each_imports_its_own_modules_later(make: Make, names: tuple[str, str], way: str) -> None:
    projects = [late(make, name) for name in names]
    first, second = map(net_of, projects)
    third = net_of(projects[0])
    found = [getattr(net, way)() for net in (first, second, first, third, second)]
    assert found == [names[0], names[1], names[0], names[0], names[1]]
    assert type(third) is type(first)


def test_a_project_keeps_its_name_where_nothing_alive_has_it(make: Make) -> None:
    one, two = late(make, "one/shop"), late(make, "two/shop")
    first = net_of(one)
    assert type(first).__module__ == "shop.net"
    second = net_of(two)
    assert type(second).__module__ == "shop-2.net"
    assert type(pickle.loads(pickle.dumps(second))) is type(second)
    del first, second
    gc.collect()
    third = net_of(late(make, "three/shop"))
    assert (type(third).__module__, third.whole()) == ("shop.net", "three/shop")


def test_a_package_that_imports_itself_by_its_name_is_itself_also_as_the_second(make: Make) -> None:
    files: dict[str, str | bytes] = {
        "__init__.py": "from shop.utils import NAME\n",
        "net.py": "import shop.utils\nclass Net:\n    def whole(self):\n        import shop.utils\n"
        "        return shop.utils.NAME, shop.NAME\n",
    }
    nets = [
        net_of(make(f"{folder}/shop", {**files, "utils.py": f"NAME = {folder!r}"})) for folder in ("one", "two", "six")
    ]
    assert [net.whole() for net in nets] == [("one", "one"), ("two", "two"), ("six", "six")]


def test_threads_that_load_and_use_projects_at_once(make: Make) -> None:
    names = [f"{number}/{name}" for number in range(4) for name in ("shop", f"own{number}")]
    projects = [late(make, name) for name in names]
    start, found = threading.Barrier(len(names)), dict[str, set[str]]()

    def use(name: str, project: Project) -> None:
        start.wait()
        for _ in range(3):
            net = net_of(project)
            found.setdefault(name, set()).update(getattr(net, way)() for way in WAYS)

    threads = [threading.Thread(target=use, args=one) for one in zip(names, projects, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {name: {name} for name in names}


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_workers_of_loaders_of_both(make: Make, start: str) -> None:
    nets = [net_of(late(make, name)) for name in ("one/shop", "two/shop")]
    loaders = [DataLoader(net, batch_size=2, num_workers=1, multiprocessing_context=start) for net in nets]
    assert [[*loader] for loader in loaders] == [[["one/shop"] * 2] * 2, [["two/shop"] * 2] * 2]
