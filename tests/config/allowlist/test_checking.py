"""What a limited config may not have, told before anything is built, each at its place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lighter import Config
from lighter.errors import Problem

Write = Callable[[str, str | bytes], Path]

FILE = """\
imports:
  - $import sys
  - $import math
a:
  _target_: torch.os.system
  _args_: [touch done]
b:
  _target_: torch.nn.Linear
  _mode_: debug
  in_features: "$open('done').read()"
  out_features: 1
c: "$torch.os.system('touch done')"
d:
  _target_: torch.load
  f: x.pt
e:
  _target_: torch.load
  f: x.pt
  weights_only: true
f:
  g: {allow_pickle: true}
  h: pred::__class__
i:
  _target_: torch.nn.Linaer
  in_features: 1
j:
  _target_: os.system
  _disabled_: true
k: "%a"
l: {_target_: torch.nn.Linear, in_features: 1, out_features: 1, biass: 1}
run: {dir: elsewhere}
"""


def told(problems: list[Problem]) -> list[tuple[str, int]]:
    return sorted((problem.place, problem.position.line if problem.position else 0) for problem in problems)


def test_all_is_told_with_place_and_line(write: Write) -> None:
    write("config.yaml", FILE)
    problems = Config("config.yaml").check(allow=["torch"])
    assert told(problems) == [
        ("a::_target_", 5),
        ("b::_mode_", 9),
        ("b::in_features", 10),
        ("c", 12),
        ("d::_target_", 14),
        ("f::g::allow_pickle", 21),
        ("f::h", 22),
        ("i::_target_", 24),
        ("imports::0", 2),
        ("l::biass", 30),
        ("run::dir", 31),
    ]
    copied = next(problem for problem in problems if problem.place == "a::_target_")
    assert copied.again == ("k::_target_",)
    assert not Path("done").exists()


def test_without_a_list_nothing_of_it_is_told(write: Write) -> None:
    write("config.yaml", FILE.replace("run: {dir: elsewhere}", ""))
    assert [problem.place for problem in Config("config.yaml").check()] == ["i::_target_", "l::biass"]


@pytest.mark.parametrize(
    ("written", "what", "help"),
    [
        (
            {"_target_": "scipy.ndimage.zoom"},
            "'scipy.ndimage.zoom' is under no package that --allow lists (torch)",
            "add 'scipy' to --allow, if you trust it",
        ),
        (
            {"_target_": "torch.nn.Linaer"},
            "'torch.nn.Linaer' is not on the list of what limited configs may use",
            "did you mean 'torch.nn.Linear'?",
        ),
        ({"_target_": "torch.load", "f": "x"}, "'weights_only' of 'torch.load' may not be this", "weights_only: true"),
        ({"_target_": "DiceLoss"}, "looked up in MONAI, which --allow does not list", "add 'monai' to --allow"),
        ({"_target_": "dict"}, "'dict' without dots is looked up in MONAI", "write 'builtins.dict'"),
        ({"_target_": "lighter.runs.folder.open_run", "name": "x", "run_dir": None}, "is not on the list", "write a"),
        ("../data", "'../data' lies outside of this config's folders", "--allow-files"),
        ("$torch.nn", "the module 'torch.nn' is handed on", "name what it is for: 'torch.nn....'"),
        ("$print(1)", "no limited expression may hold a call of 'print'", "it may hold abs, bool"),
        ("$[].append", "no limited expression may hold the attribute 'append'", "write a function"),
    ],
)
def test_a_refusal_tells_what_and_what_to_write(written: object, what: str, help: str) -> None:
    (problem,) = Config({"a": written}).check(allow=["torch"])
    assert what in problem.what
    assert help in problem.help


def test_a_part_of_a_package_may_be_listed() -> None:
    config = Config({"a": {"_target_": "torch.nn.Linear", "_args_": [1, 1]}})
    assert config.check(allow="torch.nn") == []
    assert config.check(allow="torch.optim")[0].help == "add 'torch' to --allow, if you trust it"
    # What the list has nothing of is trusted whole.
    config = Config({"a": {"_target_": "torch.overrides.get_ignored_functions"}})
    assert config.check(allow="torch.overrides") == []
    assert config.check(allow="torch") != []


def test_what_is_refused_elsewhere_hinders_no_other_place() -> None:
    config = Config({"a": {"_target_": "os.system"}, "b": {"c": {"_target_": "torch.nn.ReLU"}}})
    assert type(config.resolve("b::c", allow=["torch"])).__name__ == "ReLU"


def test_a_list_has_objects_of_its_own() -> None:
    config = Config({"a": {"_target_": "torch.nn.ReLU"}})
    assert config.resolve("a", allow=["torch"]) is config.resolve("a", allow="torch")
    assert config.resolve("a", allow=["torch"]) is not config.resolve("a")
    assert config.limited(["torch"]).is_limited
    assert config.limited(None) is config


@pytest.mark.parametrize("name", ["torch", "scipy"])
def test_a_project_with_the_name_of_a_package_is_not_taken_for_it(write: Write, name: str) -> None:
    write(f"work/{name}/optim.py", "import os\nos.system('touch done')\ndef double(x): return 2 * x\n")
    write(f"work/{name}/stats.py", "def double(x): return 2 * x\n")
    own = Config({"project": f"work/{name}", "a": {"_target_": "project.stats.double", "_args_": [2]}})
    assert own.check(allow=[name]) != []
    assert own.resolve("a", allow=["project"]) == 4
    assert not Path("done").exists()
