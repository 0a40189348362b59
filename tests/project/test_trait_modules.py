"""What the modules and objects of a repository go through after they are loaded: as if Python had imported them."""

import copy
import importlib
import importlib.util
import inspect
import linecache
import pickle
import subprocess
import sys
import typing
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from lighter.project import libraries
from lighter.project.importable import make_importable
from lighter.project.locating import locate
from lighter.project.project import Project

Make = Callable[[str, dict[str, str | bytes]], Project]

# A repository whose name is no identifier, and whose files import their siblings.
FILES: dict[str, str | bytes] = {
    "nets/net.py": """from __future__ import annotations
import dataclasses
import enum
import torch
from layers import Layer, scale

class Kind(enum.Enum):
    A = 1

@dataclasses.dataclass
class Settings:
    layer: Layer
    kind: Kind = Kind.A

def twice(x: torch.Tensor) -> torch.Tensor:
    return scale(x) + x

scripted = torch.jit.script(twice)

class Net(Layer):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(2, 2)

    def forward(self, x):
        return super().forward(twice(self.linear(x)))
""",
    "nets/layers.py": """import torch

def scale(x: torch.Tensor) -> torch.Tensor:
    return x * 2

class Layer(torch.nn.Module):
    def forward(self, x):
        return scale(x)
""",
}


without_jit_warning = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")


@pytest.fixture
def net(make: Make) -> object:
    """The module of the model."""
    make_importable(make("my-nets.2", FILES))
    return importlib.import_module("my-nets-2.nets.net")


@without_jit_warning
def test_instances_are_copied_and_pickled(net) -> None:
    settings = net.Settings(net.Layer())
    assert settings.layer.__class__.__module__ == "my-nets-2.nets.layers"
    for again in (copy.deepcopy(settings), pickle.loads(pickle.dumps(settings))):
        assert (type(again), type(again.layer), again.kind) == (net.Settings, net.Layer, net.Kind.A)
    assert pickle.loads(pickle.dumps(net.twice)) is net.twice


@without_jit_warning
def test_annotations_are_read(net) -> None:
    assert typing.get_type_hints(net.Settings) == {"layer": net.Layer, "kind": net.Kind}
    assert typing.get_type_hints(net.twice)["x"] is sys.modules["torch"].Tensor


@without_jit_warning
def test_torch_compiles_the_functions(net) -> None:
    import torch

    x = torch.ones(3, 2)
    assert torch.equal(net.scripted(x), 3 * x)
    scripted = torch.jit.script(net.Layer())
    assert torch.equal(scripted(x), 2 * x)
    model = net.Net()
    assert torch.allclose(torch.compile(model, backend="eager")(x), model(x))
    assert torch.equal(torch.jit.trace(model, x)(x), model(x))


@without_jit_warning
def test_the_source_is_the_file(net) -> None:
    assert inspect.getsource(net.twice) == "def twice(x: torch.Tensor) -> torch.Tensor:\n    return scale(x) + x\n"
    assert inspect.getsourcefile(net.Net) == net.__file__ == net.twice.__code__.co_filename
    assert Path(net.__file__).is_file()
    assert linecache.getline(net.__file__, net.twice.__code__.co_firstlineno).startswith("def twice")
    assert inspect.getmodule(net.Net) is net
    assert inspect.signature(vars(net)["Settings"]).parameters.keys() == {"layer", "kind"}


@without_jit_warning
def test_a_reloaded_class_finds_its_base(net) -> None:
    importlib.reload(net)
    assert net.Net().linear.in_features == 2


def test_a_debugger_stops_at_the_line_of_the_file(make: Make) -> None:
    project = make(
        "shop", {"nets/net.py": "from part import x\n\ndef f():\n    y = x\n    return y\n", "nets/part.py": "x = 1"}
    )
    code = f"""
import bdb
from lighter.project.locating import locate
from lighter.project.project import Project
f = locate("shop.nets.net.f", Project.open({str(project.root)!r}))
class Debugger(bdb.Bdb):
    def user_line(self, frame):
        if self.break_here(frame):
            print(frame.f_code.co_filename, frame.f_lineno, frame.f_globals["__name__"])
            self.set_continue()
debugger = Debugger()
print(debugger.set_break({f"{project.root}/nets/net.py"!r}, 4))
print(debugger.runcall(f))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == f"None\n{project.root}/nets/net.py 4 shop.nets.net\n1\n", done.stderr


@pytest.mark.parametrize("first", ["", "import part\n"])
def test_warnings_of_a_file_are_told_once_as_python_tells_them(make: Make, first: str) -> None:
    text = f"{first}x = '\\d'\ny = 1 is 1\nimport warnings\nwarnings.warn('old', DeprecationWarning)\n"
    project = make("shop", {"nets/net.py": text, "nets/part.py": ""})
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        with pytest.MonkeyPatch.context() as patch:
            patch.syspath_prepend(project.root / "nets")
            importlib.import_module("net")
        of_python = [(warning.category, str(warning.message), warning.lineno) for warning in told]
    for name in ("net", "part"):
        sys.modules.pop(name, None)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        locate("shop.nets.net.x", project)
    assert [(warning.category, str(warning.message), warning.lineno) for warning in told] == of_python
    assert len(of_python) == 3


def test_the_path_a_file_adds_leads_to_modules_under_their_own_names(make: Make) -> None:
    files: dict[str, str | bytes] = {
        "nets/net.py": "import os, sys\nhere = os.path.dirname(os.path.abspath(__file__))\n"
        "sys.path.insert(0, os.path.join(here, '..', 'lib'))\nsys.path.insert(0, here)\n"
        "import torch, tools.deep.tool as tool\nimport part, runs\nfrom tools import deep\nimport importlib\n"
        "same = importlib.import_module('part')\n",
        "nets/part.py": "class Part: pass\n",
        "nets/torch/__init__.py": "1 / 0\n",
        "nets/lightning_fabric.py": "1 / 0\n",
        "nets/fire.py": "1 / 0\n",
        "lib/tools/deep/tool.py": "import part\nclass Tool(part.Part): pass\n",
        "lib/tools/__init__.py": "",
        "lib/runs.py": "from part import Part\n",
    }
    before = sys.path[:]
    project = make("shop", files)
    make_importable(project)
    net = importlib.import_module("shop.nets.net")
    assert net.torch.nn
    assert net.tool is sys.modules["shop.lib.tools.deep.tool"] is sys.modules["tools.deep.tool"]
    assert net.part is net.same is sys.modules["shop.nets.part"] is net.tool.part
    assert net.runs.Part is net.part.Part
    assert net.deep.tool is net.tool
    for name in ("fire", "lightning_fabric"):
        assert "site-packages" in str(getattr(importlib.util.find_spec(name), "origin", None))
    importlib.import_module("shop.nets.part")
    loaded = {
        module.__name__ for module in sys.modules.values() if str(project.root) in str(getattr(module, "__file__", ""))
    }
    assert loaded == {
        f"shop.{name}" for name in ("nets.net", "nets.part", "lib.tools", "lib.tools.deep.tool", "lib.runs")
    }
    sys.path[:] = before


def test_what_lighter_stands_on_is_not_found_in_the_project_where_it_is_not_installed(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "FOUNDATION", libraries.FOUNDATION | {"rare_vision"})
    files: dict[str, str | bytes] = {
        "nets/rare_vision/__init__.py": "",
        "nets/rare_vision/ops.py": "own = 1\n",
        "nets/user.py": "from rare_vision.ops import own\n",
    }
    project = make("shop", files)
    sys.path.append(f"{project.root}/nets")
    make_importable(project)
    assert importlib.import_module("shop.nets.user").own == 1
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'rare_vision'$"):
        importlib.import_module("rare_vision.ops")
    assert "shop.nets.rare_vision.ops" in sys.modules


@pytest.mark.parametrize("where", ["env/lib/python3/site-packages", "env/lib"])
def test_an_environment_in_the_projects_folder_is_not_the_project(
    make: Make, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    files: dict[str, str | bytes] = {
        "env/pyvenv.cfg" if where != "env/lib" else "env/notes.txt": "",
        f"{where}/tabnanny.py": "",
        f"{where}/rare_lib.py": "",
        f"{where}/rare_vision.py": "",
    }
    project = make("shop", {**files, "net.py": "import rare_lib, rare_vision\n"})
    monkeypatch.setattr(libraries, "FOUNDATION", libraries.FOUNDATION | {"rare_vision"})
    if where == "env/lib":  # what is Python's own in an environment of conda
        monkeypatch.setattr(sys, "prefix", f"{project.root}/env")
    monkeypatch.delitem(sys.modules, "tabnanny", raising=False)
    sys.path.insert(0, f"{project.root}/{where}")
    make_importable(project)
    net = importlib.import_module("shop.net")
    assert (net.rare_lib.__name__, net.rare_vision.__name__) == ("rare_lib", "rare_vision")
    assert str(importlib.import_module("tabnanny").__file__).startswith(str(project.root))


def test_a_module_found_on_the_path_after_it_was_loaded_is_not_loaded_again(make: Make) -> None:
    project = make("shop", {"nets/part.py": "class Part: pass\n", "main.py": "import nets.part\n"})
    make_importable(project)
    part = importlib.import_module("shop.main").nets.part
    spec = part.__spec__
    sys.path.append(f"{project.root}/nets")
    assert importlib.import_module("part") is part
    assert part.__spec__ is spec
    assert part.__name__ == "shop.nets.part"


def test_a_package_below_src_that_imports_the_module_it_is_imported_for(make: Make) -> None:
    files: dict[str, str | bytes] = {
        "src/__init__.py": "import tool\n",
        "src/tool.py": "import count\ncount.runs.append(1)\n",
    }
    make_importable(make("shop", {**files, "count.py": "runs = []\n"}))
    assert importlib.import_module("tool") is importlib.import_module("shop.src.tool")
    assert importlib.import_module("count").runs == [1]


def test_a_folder_of_data_hides_no_installed_package(make: Make) -> None:
    site = make("site", {"wanda/__init__.py": "where = 'site'", "datasets/__init__.py": "where = 'site'"})
    sys.path.append(str(site.root))
    project = make("shop", {"wanda/run-1/files/x.py": "", "datasets/raw.txt": "", "a.py": "import wanda, datasets"})
    a = importlib.import_module("shop.a") if make_importable(project) == "shop" else None
    assert a is not None
    assert (a.wanda.where, a.datasets.where) == ("site", "site")
