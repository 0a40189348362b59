import ast

import pytest

from lighter.cli.adopting.naming import Names
from lighter.cli.adopting.parameters import lineage, method_of, parameters_of, plain_value, shown
from lighter.cli.adopting.reading import Here

FILES = {
    "a.py": """
import torch
from dataclasses import dataclass, field
from typing import ClassVar
from outside import Thing

class Base(torch.nn.Module):
    def __init__(self, width: int, *rest, depth=2, act=torch.nn.ReLU, **others): ...
    def forward(self, x): ...

class Plain(torch.nn.Module): ...
class Outer(Thing): ...
class Nothing: ...
class Round(Round): ...

@dataclass
class Settings:
    kind: ClassVar[str] = "a"
    width: int
    sizes: list = field(default_factory=list)
    depth: int = 3

@dataclass
class More(Settings):
    width: int = 4

def build(a, b=(1, 2), /, *, c): ...
""",
    "b.py": "from a import Base\nclass Own(Base):\n    def __init__(self, own): ...\nclass Inherits(Base): ...\n"
    "class HandsOn(Base):\n    def __init__(self, *args, **kwargs): ...\n",
}


@pytest.fixture
def asked(read):
    repository = read("shop", FILES)
    return lambda file, name, question=parameters_of, *more: question(Here(file, name), *more, Names(repository))


@pytest.mark.parametrize(
    ("file", "name", "taken"),
    [
        ("a.py", "Base", "width: int depth=2 act=torch.nn.ReLU"),
        ("b.py", "Inherits", "width: int depth=2 act=torch.nn.ReLU"),
        ("b.py", "HandsOn", "width: int depth=2 act=torch.nn.ReLU"),
        ("b.py", "Own", "own"),
        ("a.py", "Plain", ""),
        ("a.py", "Nothing", ""),
        ("a.py", "Round", ""),
        ("a.py", "Settings", "width: int sizes: list=list depth: int=3"),
        ("a.py", "More", "width: int=4 sizes: list=list depth: int=3"),
        ("a.py", "build", "a b=(1, 2) c"),
    ],
)
def test_what_a_class_or_function_takes(asked, file, name, taken):
    told = [
        p.name + (f": {p.annotation}" if p.annotation else "") + ("" if p.is_required else f"={shown(p.default)}")
        for p in asked(file, name)
    ]
    assert " ".join(told) == taken


def test_what_a_class_from_outside_takes_is_not_known(asked):
    assert asked("a.py", "Outer") is None


def test_arguments_by_position_only(asked):
    assert [p.by_position_only for p in asked("a.py", "build")] == [True, True, False]


def test_a_method_may_be_inherited(read):
    names = Names(read("shop", FILES))
    assert [p.name for p in method_of(Here("b.py", "Own"), "forward", names)] == ["x"]
    assert method_of(Here("a.py", "Plain"), "forward", names) is None
    assert lineage(Here("b.py", "Own"), names) == [
        Here("b.py", "Own"),
        Here("a.py", "Base"),
        "torch.nn.Module",
    ]


@pytest.mark.parametrize("text", ["3", "-1.5", "'a'", "None", "True", "[1, 'b']", "(1, 2)", "{'a': 1}"])
def test_plain_values(text):
    node = ast.parse(text, mode="eval").body
    assert plain_value(node) == (True, ast.literal_eval(text))


@pytest.mark.parametrize(
    "text", ["x", "f()", "b'a'", "{1}", "{1: 2}", "{'_target_': 'a'}", "1j", "10**99", "9" * 19, "'a\\n'", "'a' * 2"]
)
def test_other_values(text):
    assert not plain_value(ast.parse(text, mode="eval").body)[0]


def test_a_long_expression_is_shortened():
    assert shown(ast.parse("[" + "1, " * 100 + "]", mode="eval").body).endswith("...")
    assert len(shown(ast.parse("'" + "a" * 100 + "'", mode="eval").body)) == 60
    assert shown(ast.parse("0x" + "f" * 5000, mode="eval").body) == "..."
    assert shown(None) == ""
