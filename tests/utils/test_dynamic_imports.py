"""From a dotted name to what it names."""

import importlib
import os
import pickle
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.utils import dynamic_imports
from lighter.utils.dynamic_imports import InvalidPath, NotPythonText, TargetNotFound, import_module_from_path, locate
from lighter.utils.project import Project
from lighter.utils.project_finder import serve

Make = Callable[[str, dict[str, str | bytes]], Project]

PACKAGE: dict[str, str | bytes] = {
    "__init__.py": "from .models import zoo\nLIMIT = 7\n",
    "models/my_model.py": "from ..parts import Part\n"
    "class MyModel(Part):\n    class Inner:\n        @staticmethod\n        def make(): return 'made'\n",
    "models/zoo.py": "class Lion: pass\n",
    "models/script.py": "raise SystemExit('a neighbour ran')\nclass Trainer: pass\n",
    "models/old.py": "print 'Python 2'\n",
    "parts/__init__.py": "from .part import *\n",
    "parts/part.py": "class Part: pass\ndef part(): return 'function'\n",
}


@pytest.fixture
def shop(make: Make) -> Project:
    """A project in package style."""
    return make("shop", PACKAGE)


def test_the_public_names_are_sorted_and_there() -> None:
    assert dynamic_imports.__all__ == sorted(dynamic_imports.__all__)
    assert all(hasattr(dynamic_imports, name) for name in dynamic_imports.__all__)


@pytest.mark.parametrize("start", ["shop", "project"])
def test_what_a_target_can_name(shop: Project, start: str) -> None:
    model = locate(f"{start}.models.MyModel", shop)
    assert isinstance(model, type)
    assert (model.__name__, model.__module__) == ("MyModel", "shop.models.my_model")
    assert locate(f"{start}.models.my_model.MyModel", shop) is model
    assert locate(f"{start}.models.MyModel.Inner", shop) is model.__dict__["Inner"]
    assert locate(f"{start}.models.MyModel.Inner.make", shop)() == "made"  # type: ignore[operator]
    assert locate(f"{start}.models.Lion", shop) is locate(f"{start}.models.zoo.Lion", shop)
    assert locate(f"{start}.LIMIT", shop) == 7
    assert locate(f"{start}.parts.Part", shop) is model.__mro__[1]
    assert locate(f"{start}.models", shop) is sys.modules["shop.models"]
    assert locate(start, shop) is sys.modules["shop"]
    assert pickle.loads(pickle.dumps(model)) is model


def test_a_function_comes_before_a_file_of_its_name(shop: Project) -> None:
    assert locate("shop.parts.part", shop)() == "function"  # type: ignore[operator]
    assert locate("shop.parts.part.Part", shop) is locate("shop.parts.Part", shop)


def test_project_package_and_class_of_one_name(make: Make) -> None:
    project = make("Net", {"Net/__init__.py": "", "Net/Net.py": "class Net: pass", "net.py": "class Other: pass"})
    net = locate("Net.Net.Net.Net", project)
    assert isinstance(net, type)
    assert locate("Net.Net.Net", project) is net
    assert locate("Net.net.Other", project) is not net


def test_installed_objects() -> None:
    import fractions
    import os.path

    assert locate("fractions.Fraction") is fractions.Fraction
    assert locate("fractions.Fraction.from_float") == fractions.Fraction.from_float
    assert locate("os.path.join") is os.path.join
    assert locate("builtins.len") is len
    assert locate("email.mime.text.MIMEText.__init__")
    assert locate("email.mime.text") is sys.modules["email.mime.text"]


def test_torch_and_its_neighbours(shop: Project) -> None:
    import torch

    assert locate("torch.optim.Adam", shop) is torch.optim.Adam
    assert locate("torch.nn.functional.relu") is torch.nn.functional.relu
    assert locate("torch.float16") is torch.float16
    assert locate("torch.utils.data.DataLoader", shop) is torch.utils.data.DataLoader


def test_what_is_installed_is_not_searched_by_class(make: Make) -> None:
    site = make("site", {"lib/__init__.py": "", "lib/net.py": "class Net: pass"})
    sys.path.append(str(site.root))
    with pytest.raises(TargetNotFound):
        locate("lib.Net")
    assert locate("lib.net.Net")


def test_a_file_beside_is_not_run_for_a_function_of_its_name(make: Make) -> None:
    site = make("site", {"lib/__init__.py": "def train(): ...", "lib/train.py": "1 / 0"})
    sys.path.append(str(site.root))
    assert callable(locate("lib.train"))


def test_a_projects_name_is_looked_up_nowhere_else(make: Make) -> None:
    site = make("site", {"shop/__init__.py": "", "shop/extra.py": "", "project.py": "extra = 1"})
    project = make("shop", {"__init__.py": ""})
    sys.path.append(str(site.root))
    with pytest.warns(UserWarning, match="not the installed package 'shop'"):
        serve(project)
    for dotted in ("shop.extra", "project.extra"):
        with pytest.raises(TargetNotFound):
            locate(dotted, project)


def test_a_project_called_torch_hides_nothing(make: Make) -> None:
    import torch

    project = make(
        "torch", {"__init__.py": "import torch\n", "optim.py": "class Mine: pass", "net.py": "class Net: ..."}
    )
    assert isinstance(locate("torch.net.Net", project), type)
    assert isinstance(locate("torch.optim.Mine", project), type)
    assert locate("torch.nn.Linear", project) is torch.nn.Linear
    assert locate("project", project) is not torch
    with pytest.raises(TargetNotFound, match=r"^'torch' has no 'Nett'; did you mean 'Net'\?$"):
        locate("torch.Nett", project)
    with pytest.raises(TargetNotFound):
        locate("project.nn.Linear", project)


def test_what_may_be_left_out_of_a_name(make: Make) -> None:
    project = make(
        "vit", {"src/models/net.py": "class Net: 1", "vit/__init__.py": "X = 1", "vit/core.py": "class Core: 1"}
    )
    assert locate("vit.models.Net", project) is locate("vit.src.models.net.Net", project)
    assert locate("vit.core.Core", project) is locate("vit.vit.core.Core", project)
    assert locate("vit.Core", project) is locate("vit.vit.Core", project)
    assert locate("vit.X", project) == 1
    inner = make("net", {"src/net/core.py": "class Core: 1"})
    assert locate("net.core.Core", inner) is locate("net.src.net.core.Core", inner)


# Module absent, module raised, attribute absent: three different outcomes.


def test_a_missing_package_inside_a_module_is_told_as_it_is(make: Make) -> None:
    project = make(
        "shop", {"a/__init__.py": "import nothing.at_all", "b/c.py": "import shop.b.d", "e.py": "import shop.f"}
    )
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'nothing'$") as raised:
        locate("shop.a.Net", project)
    assert not isinstance(raised.value, TargetNotFound)
    assert traceback.extract_tb(raised.value.__traceback__)[-1].filename == f"{project.root}/a/__init__.py"
    for dotted, missing in (("shop.b.c.Net", "shop.b.d"), ("shop.e.Net", "shop.f")):
        with pytest.raises(ModuleNotFoundError, match=f"no module '{missing}' in the project") as raised:
            locate(dotted, project)
        assert not isinstance(raised.value, TargetNotFound)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1 / 0", ZeroDivisionError),
        ("raise ImportError('mine', name='shop.a')", ImportError),
        ("raise SystemExit(3)", SystemExit),
        ("raise KeyboardInterrupt", KeyboardInterrupt),
        ("class Net(:", SyntaxError),
        ("print 'Python 2'", SyntaxError),
    ],
)
def test_what_a_module_raises_comes_through(make: Make, text: str, kind: type[BaseException]) -> None:
    project = make("shop", {"a.py": f"x = 1\n{text}\n"})
    for start in ("shop", "project"):
        with pytest.raises(kind) as raised:
            locate(f"{start}.a.Net", project)
        assert type(raised.value) is kind
        assert raised.value.__cause__ is None
        if isinstance(raised.value, SyntaxError):
            assert (raised.value.filename, raised.value.lineno) == (f"{project.root}/a.py", 2)
        else:
            last = traceback.extract_tb(raised.value.__traceback__)[-1]
            assert (last.filename, last.lineno, last.line) == (f"{project.root}/a.py", 2, text)


def test_an_installed_module_that_raises_comes_through(make: Make) -> None:
    site = make("site", {"lib/__init__.py": "", "lib/a.py": "import nothing_at_all"})
    sys.path.append(str(site.root))
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'nothing_at_all'$"):
        locate("lib.a.Net")


# Refused before any code runs.

NO_NAME = r"is not a dotted name: .*; write it as 'package\.module\.Name'"
BAD_NAMES = ["..", "a..b", ".a", "a.", "a.../b", "a/b", "/etc/passwd", "a\\b", "C:\\x", "a.b\0", "a\n", "../outside/x"]


@pytest.mark.parametrize("rest", BAD_NAMES)
def test_names_that_are_paths_are_refused(shop: Project, rest: str) -> None:
    for dotted, project in ((f"shop.{rest}", shop), (f"project.{rest}", shop), (rest, shop), (f"os.{rest}", None)):
        with pytest.raises(InvalidPath, match=NO_NAME):
            locate(dotted, project)
    for path in (f"shop.{rest}", f"project.{rest}", rest):
        with pytest.raises(InvalidPath, match=NO_NAME):
            import_module_from_path(path, str(shop.root))
    assert "shop" not in sys.modules


@pytest.mark.parametrize("dotted", ["", ".", "shop.", "project."])
def test_empty_names_are_refused(shop: Project, dotted: str) -> None:
    with pytest.raises(InvalidPath, match=NO_NAME):
        locate(dotted, shop)
    with pytest.raises(InvalidPath, match=NO_NAME):
        import_module_from_path(dotted, str(shop.root))


@given(st.text(alphabet="ab./\\\0:~ *", max_size=12))
def test_no_text_reaches_a_file_outside(dotted: str) -> None:
    project = Project(Path(__file__).parent / "nowhere", "nowhere")
    with pytest.raises((ValueError, TargetNotFound)):
        locate(f"nowhere.{dotted}", project)


def test_nothing_outside_is_run(make: Make, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    run = f"open({str(marker)!r}, 'w').close()\nclass Net: pass\n"
    outside = make("outside", {"net.py": run, "pack/__init__.py": run, "pack/net.py": run}).root
    project = make("shop", {"__init__.py": "", "inner/real.py": "class Real: pass", "half/net.py": ""})
    root = project.root
    (root / "net.py").symlink_to(outside / "net.py")
    (root / "pack").symlink_to(outside / "pack")
    (root / "inner" / "up").symlink_to("../..")
    (root / "half" / "__init__.py").symlink_to(outside / "net.py")
    (root / "chain.py").symlink_to("net.py")
    (root / "good.py").symlink_to("inner/real.py")
    os.mkfifo(root / "pipe.py")
    (root / "folder.py").mkdir()
    (root / "archive.zip").write_bytes(b"PK")
    names = ["net.Net", "Net", "pack.Net", "pack.net.Net", "inner.up.outside.net.Net", "half.Net", "half.net.Net"]
    for name in [*names, "chain.Net", "pipe.Net", "folder.Net", "archive.Net", "net", "pack"]:
        with pytest.raises(TargetNotFound):
            locate(f"shop.{name}", project)
        with pytest.raises(ModuleNotFoundError):
            import_module_from_path(f"shop.{name}", str(root))
    assert not marker.exists()
    assert isinstance(locate("shop.good.Real", project), type)


def test_the_message_says_why_a_link_is_refused(make: Make) -> None:
    outside = make("outside", {"net.py": ""}).root
    project = make("shop", {"__init__.py": ""})
    (project.root / "net.py").symlink_to(outside / "net.py")
    with pytest.raises(TargetNotFound) as raised:
        locate("shop.net.Net", project)
    assert str(raised.value) == (
        f"'shop' has no module 'net'; {project.root}/net.py leads out of the project, to {outside}/net.py"
    )


def test_a_root_whose_init_leads_out_is_refused(make: Make, tmp_path: Path) -> None:
    outside = make("outside", {"init.py": f"open({str(tmp_path / 'ran')!r}, 'w')"}).root
    project = make("shop", {"net.py": "class Net: pass"})
    (project.root / "__init__.py").symlink_to(outside / "init.py")
    for dotted in ("shop.net.Net", "shop"):
        with pytest.raises(TargetNotFound, match="leads out of the project, to"):
            locate(dotted, project)
    assert not (tmp_path / "ran").exists()


def test_a_project_behind_a_link_is_allowed(make: Make, tmp_path: Path) -> None:
    real = make("real", PACKAGE).root
    (tmp_path / "link").symlink_to(real)
    model = locate("link.models.MyModel", Project.open(tmp_path / "link"))
    assert isinstance(model, type)
    assert model.__module__ == "link.models.my_model"
    assert sys.modules[model.__module__].__file__ == f"{real}/models/my_model.py"
    assert import_module_from_path("link.models.MyModel", f"{tmp_path}/link") is sys.modules[model.__module__]


@pytest.mark.parametrize("data", [b"\x7fELF\0", b"class Net: pass\n\0", b"class Net: '\xe4'"])
def test_files_that_are_no_text_are_refused(make: Make, data: bytes) -> None:
    project = make("shop", {"a.py": data, "b.py": "import shop.a"})
    for name in ("a.Net", "a", "b"):
        with pytest.raises(NotPythonText, match=r"a\.py is not Python text"):
            locate(f"shop.{name}", project)
    with pytest.raises(NotPythonText):
        import_module_from_path("shop.a", str(project.root))


# Modules by their paths.


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
        "scripts", {"my-net.py": "from helper import x\nfrom .helper import x as same", "helper.py": "x = 1"}
    )
    module = import_module_from_path(f"{project.root}/my-net.py")
    assert (module.__name__, module.x, module.same) == ("scripts.my-net", 1, 1)
    assert importlib.import_module("scripts.my-net") is module


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
