"""From a dotted name to what it names."""

import pickle
import sys
import traceback
from collections.abc import Callable

import pytest

from lighter.project.importable import make_importable
from lighter.project.locating import locate
from lighter.project.project import Project
from lighter.project.target_not_found import TargetNotFound

Make = Callable[[str, dict[str, str | bytes]], Project]


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
        make_importable(project)
    for dotted in ("shop.extra", "project.extra"):
        with pytest.raises(TargetNotFound):
            locate(dotted, project)


def test_not_even_under_the_name_of_a_loaded_package(make: Make) -> None:
    site = make("site", {"shop/__init__.py": "extra = 1"})
    project = make("shop", {"a.py": "x = 1"})
    sys.path.append(str(site.root))
    assert locate("shop.extra") == 1
    assert locate("shop.a.x", project) == 1
    with pytest.raises(TargetNotFound):
        locate("shop.extra", project)


def test_a_target_never_means_a_short_name(make: Make) -> None:
    project = make("shop", {"models/net.py": "", "main.py": "import models.net"})
    for _ in range(2):
        with pytest.raises(TargetNotFound, match=r"the project has it: write 'shop\.models\.net'"):
            locate("models.net", project)
        assert locate("shop.main", project)


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
    (project.root / "vit" / "root.py").write_text("class Root: 'inner'")
    assert locate("vit.Root", project) is locate("vit.vit.root.Root", project)
    (project.root / "root.py").write_text("class Root: 'outer'")
    assert locate("vit.Root", project) is locate("project.root.Root", project) is not locate("vit.vit.Root", project)
    package = make("pack", {"__init__.py": "X = 1", "pack/__init__.py": "X = 2"})
    assert (locate("pack.X", package), locate("pack.pack.X", package)) == (1, 2)
    data = make("gcn", {"data/raw.txt": "", "gcn/__init__.py": "", "gcn/data.py": "class Set: 1"})
    assert locate("gcn.data.Set", data) is locate("gcn.gcn.data.Set", data)
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
