import os

import pytest

from lighter.cli.adopting.recognising import Kind
from lighter.cli.converting.hydra_code import Code
from lighter.cli.converting.reading import parts_of
from lighter.errors import Source

LIT = "import pytorch_lightning as pl\n\n\nclass Lit(pl.LightningModule):\n    def __init__(self, net, lr=1): ...\n"
FILES = {
    "pkg/__init__.py": "",
    "pkg/models/__init__.py": "from pkg.models.lit import Lit\n",
    "pkg/models/lit.py": LIT,
    "pkg/conf/config.yaml": "",
    "pkg/conf/pkg/a.yaml": "",  # a group of the package's name holds no code
}


def code(folder, target):
    return Code.of(parts_of(Source("x.yaml", f"a: {{b: {{_target_: {target}}}}}\n")), folder)


def test_the_project_is_the_nearest_folder_with_the_modules(tmp_path, written):
    found = code(written(tmp_path, FILES) / "pkg/conf", "pkg.models.lit.Lit")
    assert (found.root, found.tops) == (tmp_path, {"pkg"})
    assert found.target("pkg.models.lit.Lit") == "project.pkg.models.lit.Lit"
    assert found.target("torch.nn.ReLU") == "torch.nn.ReLU"


@pytest.mark.parametrize("target", ["pkg.models.lit.Lit", "pkg.models.Lit"])
def test_what_a_class_is_without_running_it(tmp_path, written, target):
    found = code(written(tmp_path, FILES) / "pkg/conf", target)
    assert found.kind(target) is Kind.LIGHTNING_MODULE
    assert [one.name for one in found.parameters(target)] == ["net", "lr"]
    assert found.text(target).startswith("class Lit(")
    assert found.kind("torch.nn.ReLU") is None


def test_a_config_that_names_nothing_of_a_project(tmp_path, written):
    found = code(written(tmp_path, FILES) / "pkg/conf", "torch.nn.ReLU")
    assert (found.root, found.kind("pkg.models.Lit"), found.text("a.B"), found.parameters("a.B")) == (
        None,
        None,
        "",
        (),
    )


def test_the_variable_that_rootutils_sets(tmp_path, written, monkeypatch):
    monkeypatch.delenv("PROJECT_ROOT", raising=False)
    folder = written(tmp_path, FILES) / "pkg/conf"
    assert code(folder, "pkg.models.Lit").variables == {}
    (tmp_path / ".project-root").touch()
    assert code(folder, "pkg.models.Lit").variables == {"PROJECT_ROOT": "."}
    monkeypatch.setenv("PROJECT_ROOT", os.fspath(tmp_path))
    assert code(folder, "pkg.models.Lit").variables == {}
