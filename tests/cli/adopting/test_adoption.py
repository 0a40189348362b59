import os
import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.cli.adopting.adoption import adoption, found_text, obstacles_text
from lighter.cli.adopting.obstacles import Obstacles
from lighter.config import Config
from lighter.errors import UsageError
from lighter.project.locating import locate
from lighter.project.project import Project


@pytest.mark.parametrize("name", ["tiny-cifar", "shapes", "lit", "vae.pytorch"])
def test_the_targets_lead_to_what_was_found(make, repositories, tmp_path, monkeypatch, name):
    make(name, repositories[name])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "configs").mkdir()
    found = adoption(name, tmp_path / "configs" / "a.yaml")
    path = tmp_path / "configs" / "a.yaml"
    path.write_text(found.config.text)
    assert Config.load(path)["project"] == f"../{name}"
    project = Project.open(tmp_path / "configs" / ".." / name)
    for one in found.config.chosen:
        assert getattr(locate(one.target, project), "__name__", None) == one.here.name


def test_the_project_may_be_the_folder_itself_or_lie_behind_a_link(make, tmp_path, monkeypatch):
    make("real", {"net.py": "import torch\nclass Net(torch.nn.Module): ...\n"})
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path / "real")
    found = {repo: adoption(repo, tmp_path / "real" / "a.yaml").config.text for repo in (".", "../link")}
    assert "project: .\n" in found["."]
    assert "_target_: project.net.Net  #" in found["."]  # right in a copy of the folder under any name
    assert "project: ../link\n" in found["../link"]
    assert "link.net.Net" in found["../link"]


def test_a_config_behind_a_link_names_the_project_whole(make, tmp_path):
    repo = make("shop", {"net.py": "import torch\nclass Net(torch.nn.Module): ...\n"})
    (tmp_path / "deep" / "down").mkdir(parents=True)
    (tmp_path / "configs").symlink_to(tmp_path / "deep" / "down")
    found = adoption(str(repo), tmp_path / "configs" / "a.yaml")
    assert f"project: {repo.resolve()}\n" in found.config.text


def test_what_is_left_is_said(make, tmp_path):
    net = "import torch\nclass Net(torch.nn.Module):\n  def __init__(self, width, depth): ...\n"
    path = tmp_path / "a.yaml"
    assert adoption(str(make("a", {"net.py": net})), path).left == (
        f"3 places in it are left to fill in: 'lighter check {path}' tells which\n"
        f"a check sees no batch: try one with 'lighter fit {path} trainer::fast_dev_run=true'"
    )
    text = "import pytorch_lightning as pl\nclass Net(pl.LightningModule):\n  def train_dataloader(self): ...\n"
    assert adoption(str(make("b", {"net.py": text})), path).left == (
        f"nothing in it is left open: 'lighter check {path}' tells whether it is valid\n"
        f"a check sees no batch: try one with 'lighter fit {path} trainer::fast_dev_run=true'"
    )
    net = "import torch\nclass Net(torch.nn.Module):\n  def forward(self, x, y): ...\n"
    assert (
        "a check sees no batch, and the adapters are a comment: try one with "
        in adoption(str(make("c", {"net.py": net})), path).left
    )


@pytest.mark.parametrize(
    ("repo", "told"),
    [
        ("shop", "'shop' holds nothing that a config could name (1 Python file read, 1 passed over; Python 2, line 1)"),
        ("shopp", "there is no folder 'shopp'; did you mean 'shop'?"),
        ("shop/a.py", "'shop/a.py' is no folder: name the folder of a repository: lighter adopt shop"),
        ("no/such/shop", "there is no folder 'no/such/shop'"),
        ("a\0b", "there is no folder 'a\0b'"),
    ],
)
def test_where_there_is_nothing(make, tmp_path, monkeypatch, repo, told):
    make("shop", {"a.py": "x = 1\n", "b.py": "print 'x'\n"})
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        adoption(repo, tmp_path / "a.yaml")
    assert str(caught.value).startswith(told)
    if repo == "shop":
        assert "looked for: classes of torch.nn.Module" in str(caught.value)


RUN = "open(__import__('os').environ['ADOPTING_RAN'], 'w')\n"
PIECES = st.sampled_from(
    [
        "import torch\nfrom torch import nn\n",
        "from torch.utils.data import *\n",
        "from other import *\nfrom . import other as o\n",
        "class Net(nn.Module):\n    def __init__(self, a, b='%x', *c, d={'_target_': 1}, e=nn.ReLU, **f): ...\n",
        "class Data(Dataset):\n    def __init__(self, path: 'x: y # z', n=-1e400, _mode_=3, yes=None): ...\n",
        "class Two(o.Net, Data): ...\n",
        "def my_loss(a, b, c='@x::y'): ...\n",
        "def get_model(n='a\\n# b'):\n    return Net(n, b='$x')\n",
        "net = Net('a: b', \"é\\u2028\", d=[1, {'k': '~'}])\nmy_loss(1, 2, '\\ud800')\n",
        "class É(nn.Module):\n    def __init__(self, ñ, null, on=0o7): ...\n",
        "opt = torch.optim.SGD(p, lr=1_0, momentum=float('nan'))\n",
        "if __name__ == '__main__':\n    Net(1)\n",
        "class Net(Net): ...\nNet = Net\n",
        "import pytorch_lightning as pl\nclass Lit(pl.LightningModule):\n    def __init__(self, model, args): args.x\n",
    ]
)
FILES = st.dictionaries(
    st.sampled_from(["net.py", "other.py", "a b/c-d.py", "src/é.py", "pkg/__init__.py", "x.y.py", "train.py"]),
    st.lists(PIECES, max_size=5).map("".join) | st.text(max_size=60) | st.binary(max_size=60),
    min_size=1,
    max_size=4,
)
NAMES = st.sampled_from(
    ["shop", "3d-shop", "a.b", "$x", "@y", "%z", "my shop", "torch", "é", "#a", "a: b", "~", "null"]
)


@given(FILES, NAMES)
def test_whatever_it_reads_nothing_runs_and_the_config_composes(tmp_path_factory, files, name):
    folder = tmp_path_factory.mktemp("adopt")
    for path, text in files.items():
        file = folder / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
        file.write_bytes(RUN.encode() + data)
    before, ran = set(sys.modules), folder / "ran"
    os.environ["ADOPTING_RAN"] = str(ran)
    out = folder / "config.yaml"
    found = None
    with suppress(UsageError):  # there may be nothing to be found
        found = adoption(str(folder / name), out)
    assert not ran.exists()
    assert {module for module in set(sys.modules) - before if not module.startswith("lighter")} == set()
    if found is None:
        return
    out.write_text(found.config.text, encoding="utf-8")
    config = Config.load(out)
    assert config["project"] == name
    targets = {one.target for one in found.config.chosen}
    assert targets <= {config.get(f"{place}::_target_") for place in _calls(config)}
    assert found.printed.isprintable() or all(line.isprintable() for line in found.printed.split("\n"))


def _calls(config, place=""):
    """The places of all mappings below a place."""
    node = config[place] if place else {key: config[key] for key in config.tree.entries}
    for key, below in node.items():
        if isinstance(below, dict):
            yield (inner := f"{place}::{key}" if place else key)
            yield from _calls(config, inner)


def test_what_was_found_by_kind(choice):
    assert (
        found_text(choice("tiny-cifar"))
        == """\
tiny-cifar: 5 Python files read, none of them run

models
  tiny-cifar.models.resnet.ResNet18(num_classes=10)                   models/resnet.py:26
  tiny-cifar.models.vgg.VGG(vgg_name)                                 models/vgg.py:3
  tiny-cifar.models.resnet.ResNet(block, num_blocks, num_classes=10)  models/resnet.py:14
  (and 1 part of models: BasicBlock)

passed over: 1 file, Python 2 (old.py)
"""
    )


def test_every_kind_has_its_place(choice):
    lines = found_text(choice("lit")).splitlines()
    assert [line for line in lines[1:] if line and not line.startswith(" ")] == [
        "LightningModules",
        "LightningDataModules",
        "models",
    ]
    assert "  lit.lit.module.LitNet(model: nn.Module, lr=0.01)  lit/module.py:6" in lines


def test_a_long_list_and_a_long_signature_are_cut(choice):
    text = "import torch, o\n" + "".join(f"class N{i}(torch.nn.Module): ...\n" for i in range(13))
    text += (
        "class Wide(torch.nn.Module):\n  def __init__(self, "
        + ", ".join(f"argument_{i}" for i in range(20))
        + "): ...\n"
    )
    text += "class Other(o.PreTrainedModel): ...\n"
    told = found_text(choice("a", {"net.py": text, "b.ipynb": "{}", "bad.py": "(", "worse.py": ")"}))
    assert "  and 5 more: N8, N9, " in told or "  and 5 more: " in told
    assert max(map(len, told.splitlines())) < 130
    assert "passed over: 2 files, a syntax error (bad.py, ...)" in told
    assert told.endswith("not read: 1 notebook\n")


def test_a_folder_that_no_dotted_name_can_say_is_to_be_adopted_itself(choice, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    net = "import torch\nclass Net(torch.nn.Module): ...\n"
    told = found_text(choice("a", {"net.py": net, "1. GAN/net.py": net, "my.net.py": net}))
    assert (
        "passed over: 2 files, a path that no dotted name can say (my.net.py, ...); for those: lighter adopt " in told
    )
    assert told.rstrip().endswith("1. GAN'")


def test_what_stands_in_the_way():
    assert obstacles_text(Obstacles()) == ""
    found = Obstacles(lines=[f"line {n}" for n in range(17)], missing_elsewhere=["a", "b"])
    told = obstacles_text(found).splitlines()
    assert told[:2] == ["in the way", "  line 0"]
    assert told[-2:] == ["  and 2 more of the kind", "  not installed, and wanted by other files only: a, b"]
