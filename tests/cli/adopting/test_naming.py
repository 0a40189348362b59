import pytest

from lighter.cli.adopting.naming import Names, module_name
from lighter.cli.adopting.outlining import Import
from lighter.cli.adopting.reading import Here
from lighter.project.locating import locate

FILES = {
    "models/__init__.py": "from .net import *\nfrom .zoo import Lion as Cat\n",
    "models/net.py": "import torch.nn as nn\nBase = nn.Module\nclass Net(Base): ...\n",
    "models/zoo.py": "from torch.nn import Module\nclass Lion(Module): ...\n",
    "src/tools.py": "from torch import *\nclass Tool: ...\n",
    "train.py": "import models, models.net as m\nfrom models import Net, Cat, zoo\nfrom tools import Tool\n"
    "import torch\nfrom a.b import C\nimport shop.models.net\n",
    "round_a.py": "from round_b import x\n",
    "round_b.py": "from round_a import x\n",
    "inner/run.py": "from helper import help\nfrom lib import thing\n",
    "inner/helper.py": "def help(): ...\n",
    "inner/deep/far.py": "from helper import help\n",
    "torch/nn.py": "class Module: ...\n",
}


@pytest.fixture
def names(read):
    return Names(read("shop", FILES))


@pytest.mark.parametrize(
    ("file", "written", "meaning"),
    [
        ("models/net.py", "Net", Here("models/net.py", "Net")),
        ("models/net.py", "Base", "torch.nn.Module"),
        ("models/net.py", "nn.Linear", "torch.nn.Linear"),
        ("train.py", "Net", Here("models/net.py", "Net")),
        ("train.py", "Cat", Here("models/zoo.py", "Lion")),
        ("train.py", "models.Cat", Here("models/zoo.py", "Lion")),
        ("train.py", "models.net.Net", Here("models/net.py", "Net")),
        ("train.py", "m.Net", Here("models/net.py", "Net")),
        ("train.py", "zoo.Lion", Here("models/zoo.py", "Lion")),
        ("train.py", "zoo.Module", "torch.nn.Module"),
        ("train.py", "shop.models.net.Net", Here("models/net.py", "Net")),
        ("train.py", "Tool", Here("src/tools.py", "Tool")),
        ("train.py", "C", "a.b.C"),
        ("train.py", "torch.optim.SGD", "torch.optim.SGD"),  # never the project's own folder
        ("train.py", "print", None),
        ("train.py", "zoo.Nothing", None),
        ("src/tools.py", "nn.Module", "torch.nn.Module"),
        ("src/tools.py", "len", None),
        ("inner/run.py", "help", Here("inner/helper.py", "help")),
        ("round_a.py", "x", None),
    ],
)
def test_what_a_name_means(names, file, written, meaning):
    assert names.meaning(file, written) == meaning


def test_the_folder_that_an_import_starts_from(names):
    helper = Import("helper", 0, "help", 1)
    assert names.module("inner/deep/far.py", helper) is None
    assert names.root_for("inner/deep/far.py", helper) == "inner"
    assert names.root_for("inner/run.py", Import("lib", 0, "thing", 2)) is None
    assert names.module("models/net.py", Import("..zoo", 1, "", 1)) is None
    assert names.module("models/net.py", Import("", 9, "x", 1)) is None


@pytest.mark.parametrize(
    ("name", "file", "target"),
    [
        ("my-shop", "models/net.py", "my-shop.models.net.Net"),
        ("3d.shop", "src/deep-er/net.py", "3d.shop.deep-er.net.Net"),
        ("shop", "__init__.py", "shop.Net"),
        ("shop", "shop/__init__.py", "shop.shop.Net"),
        ("net", "Net/Net.py", "net.Net.Net.Net"),
        ("torch", "net.py", "project.net.Net"),
        ("my shop", "net.py", "project.net.Net"),
        ("$shop", "net.py", "project.net.Net"),
    ],
)
def test_a_target_leads_to_what_the_file_defines(read, name, file, target):
    repository = read(name, {file: "class Net: ...\n"})
    names = Names(repository)
    assert names.target(Here(file, "Net")) == target
    assert names.is_reachable(file)
    assert locate(target, repository.project).__name__ == "Net"


def test_src_is_written_where_the_root_has_the_next_name(read):
    names = Names(read("shop", {"src/data/sets.py": "", "data/a.txt": "", "src/net.py": "", "src/__init__.py": ""}))
    targets = [names.target(Here(f"src/{file}", "X")) for file in ("data/sets.py", "net.py", "__init__.py")]
    assert targets == ["shop.src.data.sets.X", "shop.net.X", "shop.src.X"]


def test_a_file_behind_a_package_of_its_name_is_not_reachable(read):
    names = Names(read("shop", {"net.py": "class A: ...", "net/__init__.py": "", "net/b.py": ""}))
    assert [names.is_reachable(file) for file in ("net.py", "net/__init__.py", "net/b.py")] == [False, True, True]


def test_the_module_of_a_file():
    assert [module_name(path) for path in ("a/b.py", "a/__init__.py", "__init__.py")] == ["a.b", "a", ""]
