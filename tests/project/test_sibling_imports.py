"""Imports by bare name from a file's own folder, or one above it."""

import importlib
import inspect
import sys
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from lighter.project.importable import make_importable
from lighter.project.locating import locate
from lighter.project.project import Project
from lighter.project.sibling_imports import imported_names, renamed, taken_names

Make = Callable[[str, dict[str, str | bytes]], Project]


def imported(make: Make, files: dict[str, str | bytes], name: str = "shop.models.net") -> object:
    """What `from layers import x` in a module of a project has found."""
    make_importable(
        make("shop", {"models/net.py": "from layers import x\n", "models/layers.py": "x = 'sibling'", **files})
    )
    return importlib.import_module(name).x


def test_a_sibling_is_the_last_resort(make: Make) -> None:
    assert imported(make, {}) == "sibling"
    assert "layers" not in sys.modules
    assert sys.modules["shop.models.layers"] is importlib.import_module("models.layers")


@pytest.mark.parametrize("file", ["layers.py", "layers/__init__.py", "src/layers.py", "src/layers/__init__.py"])
def test_after_the_root_and_src(make: Make, file: str) -> None:
    assert imported(make, {file: "x = 'root'"}) == "root"


def test_a_folder_of_data_is_not_meant(make: Make) -> None:
    assert imported(make, {"layers/raw/a.txt": ""}) == "sibling"


def test_after_what_is_installed_or_loaded(make: Make) -> None:
    site = make("site", {"layers.py": "x = 'site'"})
    sys.path.append(str(site.root))
    assert imported(make, {}) == "site"
    assert imported(make, {"models/other.py": "from layers import x"}, "shop.models.other") == "site"


def test_but_not_after_a_plain_folder_that_python_would_find(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = make("elsewhere", {"layers/a.txt": ""})
    monkeypatch.chdir(elsewhere.root)
    sys.path.append("")
    assert imported(make, {}) == "sibling"


def test_what_is_installed_must_have_what_is_asked_for(make: Make) -> None:
    site = make("site", {"datasets/__init__.py": "", "datasets/load.py": "x = 'site'"})
    sys.path.append(str(site.root))
    files: dict[str, str | bytes] = {
        "lib/datasets/factory.py": "x = 'own'",
        "lib/datasets/load.py": "x = 'own'",
        "lib/train.py": "from datasets.factory import x\nimport datasets.load as load\n",
    }
    assert imported(make, files, "shop.lib.train") == "own"
    assert sys.modules["shop.lib.train"].load.x == "site"


def test_a_folder_named_like_a_module_of_python_is_found_by_what_is_in_it(make: Make) -> None:
    files: dict[str, str | bytes] = {
        "code/model.py": "from code.parts import x\nimport code\nhas = hasattr(code, 'InteractiveConsole')",
        "code/parts.py": "x = 'own'",
        "lightning/module.py": "x = 'own'",
        "net.py": "from lightning.module import x",
    }
    assert imported(make, files, "shop.code.model") == "own"
    assert sys.modules["shop.code.model"].has
    assert "shop" not in sys.modules["code"].__name__


@pytest.mark.parametrize("first", ["torch", "numpy", "logging"])
def test_a_sibling_never_stands_in_for_what_lighter_or_python_needs(make: Make, first: str) -> None:
    real = importlib.import_module(first)
    files: dict[str, str | bytes] = {
        f"models/{first}/__init__.py": "1 / 0",
        f"models/{first}/nn.py": "1 / 0",
        "models/user.py": f"import {first}\nx = {first}",
    }
    assert imported(make, files, "shop.models.user") is real


def test_a_missing_package_is_not_the_file_that_asks_for_it(make: Make) -> None:
    files: dict[str, str | bytes] = {
        "models/rare_lib.py": "import rare_lib",
        "models/rare_pack/__init__.py": "from rare_pack import x",
        "models/user.py": "import rare_lib.models",
    }
    for name, missing in (("rare_lib", "rare_lib"), ("rare_pack", "rare_pack"), ("user", "rare_lib")):
        with pytest.raises(ModuleNotFoundError, match=f"^No module named '{missing}'$"):
            imported(make, files, f"shop.models.{name}")


def test_of_two_above_the_one_that_has_what_is_taken_from_it(make: Make) -> None:
    files: dict[str, str | bytes] = {
        "code/models/net.py": "from utils import x\nfrom utils import log\nfrom data import y\nimport data",
        "code/models/utils.py": "z = 'near'",
        "code/utils/__init__.py": "from .more import *",
        "code/utils/more.py": "x = 'far'",
        "code/utils/log.py": "",
        "code/models/data.py": "y = 'near'",
        "code/data.py": "y = 'far'",
    }
    assert imported(make, files, "shop.code.models.net") == "far"
    net = sys.modules["shop.code.models.net"]
    assert net.log is sys.modules["shop.code.utils.log"]
    assert (net.y, net.data.__name__) == ("near", "shop.code.models.data")


def test_a_package_below_may_import_itself(make: Make) -> None:
    files: dict[str, str | bytes] = {
        "code/utils/__init__.py": "from utils import log\nimport utils.log\nfrom utils.log import x\nme = utils\n",
        "code/utils/log.py": "import utils\nx = utils.__name__",
    }
    assert imported(make, files, "shop.code.utils") == "shop.code.utils"
    assert sys.modules["shop.code.utils"].me is sys.modules["shop.code.utils"]


def test_each_folder_has_its_own_and_each_file_is_one_module(make: Make) -> None:
    text = (
        "import utils\nfrom utils import Tool\n"
        "def later():\n    import utils as u\n    from utils import Tool\n    return u.Tool, Tool\n"
    )
    files = {"a/net.py": text, "b/net.py": text, "a/utils.py": "class Tool: pass", "b/utils.py": "class Tool: pass"}
    make_importable(make("shop", dict(files)))
    for folder in ("a", "b"):
        net = importlib.import_module(f"shop.{folder}.net")
        tool = importlib.import_module(f"shop.{folder}.utils").Tool
        assert {net.Tool, net.utils.Tool, *net.later()} == {tool}
        assert tool.__module__ == f"shop.{folder}.utils"


def test_the_source_and_the_traceback_are_the_users(make: Make) -> None:
    project = make("shop", {"a/net.py": "import os\n\nimport bad\n\nclass Net: pass\n", "a/bad.py": "\n1 / 0"})
    make_importable(project)
    with pytest.raises(ZeroDivisionError) as raised:
        import shop.a.net  # type: ignore[import-not-found]  # noqa: F401
    frames = traceback.extract_tb(raised.value.__traceback__)
    assert [(frame.filename.rpartition("/")[2], frame.lineno, frame.line) for frame in frames[1:]] == [
        ("net.py", 3, "import bad"),
        ("bad.py", 2, "1 / 0"),
    ]
    (project.root / "a" / "bad.py").write_text("")
    net = importlib.import_module("shop.a.net").Net
    assert inspect.getsource(net) == "class Net: pass\n"
    assert inspect.getsource(sys.modules["shop.a.net"]).startswith("import os\n\nimport bad\n")


def test_a_syntax_error_beside_an_import_is_told_by_python(make: Make) -> None:
    project = make("shop", {"a/net.py": "import bad\nclass Net(:\n", "a/bad.py": "1 / 0"})
    with pytest.raises(SyntaxError) as raised:
        locate("shop.a.net.Net", project)
    assert (raised.value.filename, raised.value.lineno) == (f"{project.root}/a/net.py", 2)
    frames = [frame.filename for frame in traceback.extract_tb(raised.value.__traceback__)]
    assert not [
        frame for frame in frames if "lighter/utils/project_finder" in frame or "lighter/utils/import_st" in frame
    ]


def test_a_module_is_reloaded_as_it_is_now(make: Make) -> None:
    project = make("shop", {"a/net.py": "from part import x", "a/part.py": "x = 1"})
    make_importable(project)
    net = importlib.import_module("shop.a.net")
    (project.root / "a" / "net.py").write_text("x = 2")
    assert importlib.reload(net).x == 2
    (project.root / "a" / "net.py").write_text("import part\nx = part.x + 2")
    assert importlib.reload(net).x == 3
    (project.root / "a" / "net.py").write_text("x = 4")
    spec: Any = net.__spec__
    spec.loader.exec_module(net)
    assert net.x == 4


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import a", {"a"}),
        ("import a, b.c as d ,e", {"a", "b.c", "e"}),
        ("from a.b import c, d", {"a.b"}),
        ("import a; from b import c; x = 1", {"a", "b"}),
        ("if x: import a\nelse: from b import *", {"a", "b"}),
        ("def f():\n\timport a\n    from b import (\n        c,\n    )", {"a", "b"}),
        ("import a, \\\n    b\nimport c  # import d", {"a", "b", "c"}),
        ("try:\r\n    import a\r\nexcept ImportError:\r\n    import b\r\n", {"a", "b"}),
        ("import größe\nfrom größe.x import y", {"größe", "größe.x"}),
        ("from . import a\nfrom .a import b\nfrom ..c import d\nimport2 = from_ = 1", set()),
        ("x = 'import'\nfrom_a = reimport\nyield_from b", set()),
        ("import", set()),
        ("from 3d import x\nimport a-b", set()),
        ("", set()),
    ],
)
def test_what_a_text_imports(text: str, names: set[str]) -> None:
    assert imported_names(text.encode()) == names


def test_bytes_of_another_encoding_do_no_harm() -> None:
    assert imported_names(b"# coding: latin-1\nimport a\nimport \xe4\nx = '\xff'") >= {"a"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("from a.b import c", {"c"}),
        ("    from a.b import c as d, e  # f", {"c", "e"}),
        ("from a.b import (  # x\n    c,  # y\n    d as e,\n)\nfrom a.b import f", {"c", "d", "f"}),
        ("from a.b import c, \\\n    d; g = 1", {"c", "d"}),
        ("from a.b import *", set()),
        ("from a import c\nfrom a.bc import d\nfrom .a.b import e\nimport a.b", set()),
    ],
)
def test_what_a_text_takes_from_a_module(text: str, names: set[str]) -> None:
    assert taken_names(text.encode(), "a.b") == names


@pytest.fixture
def other() -> dict[str, str]:
    """Modules to be had by other names."""
    modules = {name: ModuleType(name) for name in ("x-y", "x-y.a", "x-y.a.b")}
    for name, module in modules.items():
        vars(module).update(value=name, __path__=[], a=modules["x-y.a"], b=modules["x-y.a.b"])
    sys.modules.update(modules)
    return {"a": "x-y.a", "a.b": "x-y.a.b"}


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("import a", {"a": "x-y.a"}),
        ("import a as c, sys", {"c": "x-y.a", "sys": "sys"}),
        ("import a.b", {"a": "x-y.a"}),
        ("import a.low as c", {}),
        ("import a.b as c", {"c": "x-y.a.b"}),
        ("from a import b", {"b": "x-y.a.b"}),
        ("from a.b import value as a", {"a": "'x-y.a.b'"}),
        ("if True:\n    try:\n        import a\n    finally:\n        import a as d", {"a": "x-y.a", "d": "x-y.a"}),
        ("def f():\n    global a\n    import a\nf()", {"a": "x-y.a"}),
        ("class C:\n    import a\na = C.a", {"a": "x-y.a"}),
        ("match 1:\n    case 1:\n        import a", {"a": "x-y.a"}),
        ("for _ in [1]: import a; import sys", {"a": "x-y.a", "sys": "sys"}),
    ],
)
def test_a_renamed_import_binds_the_same_names(other: dict[str, str], text: str, bound: dict[str, str]) -> None:
    found: dict[str, object] = {"__name__": "m"}
    if not bound:
        with pytest.raises(ModuleNotFoundError, match=r"No module named 'a'"):
            exec(renamed(text.encode(), "m.py", other), found)
        return
    exec(renamed(text.encode(), "m.py", other), found)
    for name, module in bound.items():
        assert getattr(found[name], "__name__", repr(found[name])) == module
    assert not {"__import__", "x-y"} & set(found) - {"__builtins__"}


def test_lines_and_the_rest_stay_as_they_are(other: dict[str, str]) -> None:
    text = b'"""Doc."""\nfrom __future__ import annotations\nimport a, nothing_at_all\nx: Unknown = 1\n'
    found: dict[str, object] = {}
    with pytest.raises(ModuleNotFoundError) as raised:
        exec(renamed(text, "m.py", other), found)
    assert raised.tb.tb_lineno if hasattr(raised, "tb") else raised.traceback[-1].lineno == 2
    assert (found["__doc__"], found["a"]) == ("Doc.", sys.modules["x-y.a"])


def test_relative_imports_keep_their_meaning() -> None:
    code = renamed(b"from .a import x\nfrom . import a", "m.py", {"a": "x-y.a"})
    assert "x-y.a" not in code.co_names
    with pytest.raises(ImportError, match="no known parent package"):
        exec(code, {"__name__": "m", "__package__": ""})


def test_what_is_no_python_is_told_by_python() -> None:
    with pytest.raises(SyntaxError):
        renamed(b"import a\nclass Net(:", "m.py", {"a": "x.a"})
