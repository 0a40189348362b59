"""A `_target_` without dots: MONAI's component of that name, a builtin, or a mistake that is told with a cure."""

import importlib
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from lighter import Config
from lighter.config import component_lookup
from lighter.config.component_lookup import UnknownShortName, locate_target, within
from lighter.project.locating import InvalidPath
from lighter.project.project import Project
from lighter.project.registry import Registry, using


class Sized:
    def __init__(self, width: int = 1) -> None:
        self.width = width


class Size(BaseModel):
    width: int


NAMES = ("Compose", "LoadImaged", "LoadImageD", "UNet", "DiceCELoss", "SlidingWindowInferer", "DataLoader", "sum")


@pytest.fixture
def nothing_said() -> Iterator[None]:
    """As in a process that has not said anything of a name yet."""
    component_lookup._monai_module.cache_clear()
    yield
    component_lookup._monai_module.cache_clear()


@pytest.mark.parametrize("name", NAMES)
def test_it_finds_what_monai_finds(name: str) -> None:
    from monai.bundle import ConfigComponent

    whole = ConfigComponent({"_target_": name}).resolve_module_name()
    assert locate_target(name) is locate_target(whole)
    assert whole.startswith("monai.")


def test_a_builtin_comes_after_monai() -> None:
    assert locate_target("dict") is dict
    assert locate_target("sum") is not sum
    assert Config({"a": {"_target_": "slice", "_args_": [1, 2]}}).resolve("a") == slice(1, 2)


@pytest.mark.usefixtures("nothing_said")
def test_of_several_the_first_is_taken_as_by_monai_and_that_is_said_once() -> None:
    with pytest.warns(UserWarning, match=r"'Decoder' means 'monai\.\S+\.Decoder', the first of several") as said:
        found = locate_target("Decoder")
    whole = str(said[0].message).split("'")[3]
    assert found is locate_target(whole)
    with warnings.catch_warnings(action="error"):
        assert locate_target("Decoder") is found


def test_a_name_with_dots_or_of_the_project_is_no_short_one(tmp_path: Path) -> None:
    (tmp_path / "Compose").mkdir()
    (tmp_path / "Compose" / "__init__.py").write_text("from os.path import join as build", encoding="utf-8")
    project = Project.open(tmp_path / "Compose")
    assert locate_target("Compose", project) is not locate_target("Compose")
    assert locate_target("os.path.join") is locate_target("Compose.build", project)
    for name in ("", "a.", "a-b.c d"):
        with pytest.raises((InvalidPath, ModuleNotFoundError)):
            locate_target(name)


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        (
            "LoadImagd",
            "did you mean 'LoadImaged'? Otherwise write the whole name, such as 'my_project.models.LoadImagd'",
        ),
        ("Adam", "write 'torch.optim.Adam'"),
        ("CrossEntropyLoss", "write 'torch.nn.CrossEntropyLoss'"),
        ("StepLR", "write 'torch.optim.lr_scheduler.StepLR'"),
        ("EarlyStopping", "write 'pytorch_lightning.callbacks.EarlyStopping'"),
        ("System", "write 'lighter.System'"),
        ("adam", "write 'torch.optim.Adam'"),
        ("cross_entropy", "write 'torch.nn.CrossEntropyLoss'"),
        ("mse", "write 'torch.nn.MSELoss'"),
        ("relu", "write 'torch.nn.ReLU'"),
        ("steplr", "write 'torch.optim.lr_scheduler.StepLR'"),
        ("pd", "it is short for 'pandas': name what is in it"),
        ("torch", "it is a package: name what is in it, 'torch.nn.Name'"),
        ("numpy", "it is a package: name what is in it, 'numpy.Name'"),
        ("pytorch_lightning", "it is a package: name what is in it, 'pytorch_lightning.Name'"),
        ("typing", "it is a module: name what is in it, 'typing.Name'"),
        ("Zyzzogeton", "write the whole name, such as 'my_project.models.Zyzzogeton'"),
    ],
)
def test_a_name_that_nobody_knows_is_told_with_a_cure(name: str, cure: str) -> None:
    with pytest.raises(UnknownShortName) as raised:
        locate_target(name)
    assert str(raised.value).endswith(f"; {cure}")
    (problem,) = Config({"a": {"_target_": name}}).check()
    what = f"a name without dots is a component of MONAI or a builtin, and '{name}' is neither"
    assert (problem.what, problem.help, problem.place) == (what, cure, "a::_target_")


def test_what_the_project_has_is_told_with_its_whole_name(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "net.py").write_text("class Zyzzogeton: ...\n", encoding="utf-8")
    with pytest.raises(UnknownShortName, match=r"the project has it: write 'shop\.net\.Zyzzogeton'"):
        locate_target("Zyzzogeton", Project.open(tmp_path / "shop"))


@pytest.mark.parametrize(
    ("dotted", "told"), [("torch.optim.adam", "write 'torch.optim.adam.Adam'"), ("torch.nn", ""), ("json", "")]
)
def test_a_module_in_place_of_its_class(dotted: str, told: str) -> None:
    assert within(dotted, importlib.import_module(dotted)) == told


def test_the_arguments_of_a_short_name_are_checked() -> None:
    (problem,) = Config({"a": {"_target_": "ScaleIntensityd", "keys": "image", "mniv": 0.0}}).check()
    assert (problem.place, problem.help) == ("a::mniv", "did you mean 'minv'?")


def test_an_import_statement_is_never_short() -> None:
    assert Config({"a": "$import glob", "b": "$glob.escape('x')"}).check() == []
    (problem,) = Config({"a": "$import LoadImaged"}).check()
    assert problem.what == "there is no module 'LoadImaged'"


@pytest.mark.parametrize(("target", "loaded"), [("types.SimpleNamespace", False), ("dict", True)])
def test_only_a_short_name_imports_monai(target: str, loaded: bool) -> None:
    code = f"""import sys
from lighter import Config
config = Config({{"a": {{"_target_": "{target}"}}}})
config.check(), config.resolve()
sys.exit(("monai" in sys.modules) is not {loaded})"""
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False).returncode == 0


def test_a_config_as_bundles_write_it(tmp_path: Path) -> None:
    first, later = tmp_path / "train.json", tmp_path / "evaluate.json"
    first.write_text(
        """{
        "imports": ["$import torch"],
        "size": 4,
        "network_def": {"_target_": "UNet", "spatial_dims": 2, "in_channels": 1, "out_channels": 2,
                        "channels": [4, 8], "strides": [2]},
        "network": "$@network_def.to(torch.device('cpu'))",
        "loss": {"_target_": "DiceCELoss", "softmax": true},
        "train": {
            "transforms": [{"_target_": "EnsureTyped", "keys": ["image"]}, {"_target_": "Lambdad", "keys": "image",
                            "func": "$lambda x: x * @size"}],
            "preprocessing": {"_target_": "Compose", "transforms": "$@train#transforms"}
        },
        "optimizer": {"_target_": "torch.optim.Adam", "params": "$@network.parameters()", "lr": 0.001}
    }""",
        encoding="utf-8",
    )
    later.write_text('{"train#transforms#1#func": "$lambda x: x + @size", "size": 5}', encoding="utf-8")
    config = Config(first, later)
    assert config.check() == []
    assert config.resolve("train#preprocessing")({"image": [1.0]})["image"].tolist() == [6.0]
    network = config.resolve("network")
    assert config.resolve("optimizer").param_groups[0]["params"][0] is next(network.parameters())


def registered(tmp_path: Path) -> dict[str, object]:
    """A config that imports a module with a component, and one with a model of its arguments."""
    (tmp_path / "mine_lib.py").write_text(
        "from lighter.project.registry import register\nfrom pydantic import BaseModel\n"
        "class Size(BaseModel): width: int\n"
        "@register('net', 'plain')\n@register('net', 'sized', config=Size)\n"
        "class Net:\n    def __init__(self, width=1): self.width = width\n"
    )
    return {"imports": {"a": {"path": str(tmp_path), "module_name": "mine_lib"}}}


def test_a_component_is_a_callable_as_any_other(tmp_path: Path) -> None:
    values = {
        "itself": {"_target_": "net/plain", "_mode_": "callable"},
        "bound": {"_target_": "net/sized", "_mode_": "callable", "width": "3"},
        "of_a_reference": {"_target_": "@vars::itself", "width": 4},
        "in_an_expression": "$@vars::bound().width",
        "by_position": {"_target_": "net/plain", "_args_": [5]},
    }
    made = Config(registered(tmp_path), {"vars": values}).resolve("vars")
    assert made["itself"].__name__ == "Net"
    assert (made["of_a_reference"].width, made["in_an_expression"], made["by_position"].width) == (4, 3, 5)


@pytest.mark.parametrize("name", ["plain", "sized"])
def test_a_limited_config_may_build_a_component_of_a_listed_module_alone(tmp_path: Path, name: str) -> None:
    own = Registry()
    config = Config({"vars": {"net": {"_target_": f"net/{name}", "width": 2}}})
    with using(own):
        own.add("net", name, Sized, Size if name == "sized" else None)
        (problem,) = config.check(allow="torch")
        assert problem.what.startswith(f"'net/{name}' is {__name__}.Sized, which is not on the list")
        assert config.resolve("vars::net", allow=__name__).width == 2
        own.add("net", "shell", os.system)
        (problem,) = Config({"vars": {"a": {"_target_": "net/shell", "_args_": ["touch ran"]}}}).check(allow="os,posix")
        assert "system" in problem.what
