"""What a limited config may not have, told before anything is built, each at its place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lighter import Config
from lighter.config.allowlist.checking import refused
from lighter.config.allowlist.policy import Allowed
from lighter.config.plan import Plan
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
c: "$torch.os.system('touch done') + scipy_like"
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
"""


def told(problems: list[Problem]) -> list[tuple[str, int]]:
    return sorted((problem.place, problem.position.line if problem.position else 0) for problem in problems)


def test_all_is_told_with_place_and_line(write: Write) -> None:
    write("config.yaml", FILE.replace(" + scipy_like", ""))
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
        ("k::_target_", 5),
    ]
    copied = next(problem for problem in problems if problem.place == "k::_target_")
    assert [said for said, _ in copied.also] == ["copied here"]
    assert not Path("done").exists()


def test_what_is_wrong_in_another_way_is_told_too(write: Write) -> None:
    write("config.yaml", FILE)
    (problem,) = Config("config.yaml").check(allow=["torch"])
    assert "scipy_like" in problem.what
    linear = next(p for p in Config("config.yaml", "c=1").check(allow=["torch"]) if p.place == "i::_target_")
    assert linear.help == "did you mean 'Linear'?"


def test_without_a_list_nothing_of_it_is_told(write: Write) -> None:
    write("config.yaml", FILE.replace(" + scipy_like", ""))
    assert [problem.place for problem in Config("config.yaml").check()] == ["i::_target_"]


def test_a_call_that_is_refused_is_not_asked_for_its_arguments() -> None:
    (problem,) = Config({"a": {"_target_": "scipy.ndimage.zoom", "no_such": 1}}).check(allow=[])
    assert problem.place == "a::_target_"


@pytest.mark.parametrize(
    ("expression", "what"),
    [
        ("np.zeros(1)", "'numpy' is under no package"),
        ("torch.serialization.os.getcwd()", "'torch.serialization' reads pickled objects"),
        ("torch.load", "may be called, not handed on"),
        ("torch.nn", "the module 'torch.nn' is handed on"),
        ("memoryview(b'')", "is not among the builtins that a limited config may use"),
        ("[f(x) for f in [eval] for x in '1']", "'eval' is builtins.eval, which runs code"),
        ("lambda x: exec(x)", "'exec' is builtins.exec, which runs code"),
        ("torch.nn.Linear.mro()", "'torch.nn.Linear.mro' is builtins.type.mro, which reaches into"),
    ],
)
def test_expressions_are_followed_as_far_as_modules_and_classes_lead(expression: str, what: str) -> None:
    problems = Config({"a": f"${expression}"}).check(allow=["torch"])
    assert any(what in problem.what for problem in problems)
    assert all(problem.place == "a" for problem in problems)


def test_what_only_the_run_can_tell_is_not_claimed() -> None:
    limited = Config({"x": {"_target_": "torch.nn.Linear", "_args_": [1, 1]}, "a": "$@x.no_such.thing"})
    assert limited.check(allow=["torch"]) == []


def test_steps_at_some_places_alone_may_be_asked_about() -> None:
    config = Config({"a": {"_target_": "os.system"}, "b": {"_target_": "os.popen"}})
    plan: Plan = config.plan()
    allowed = Allowed.of((), None)
    assert list(refused(plan, config.tree, allowed, {("b",)})) == [("b",)]
    assert set(refused(plan, config.tree, allowed)) == {("a",), ("b",)}
