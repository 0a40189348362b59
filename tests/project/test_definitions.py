"""What files define, read without running them."""

from collections.abc import Callable

import pytest

from lighter.project.definitions import Whereabouts, defined_in, defining, in_text, names_in
from lighter.project.project import Project

TEXT = b"""
import os as system, torch.nn
from typing import Any
__all__ = ["Net", "Ghost"]
a = b = 1
c: int = 2
d: int

class Net:
    class Inner:
        def forward(self): ...

def build():
    class Made:
        part = 1
    def inner(): ...

async def later(): ...

try:
    import fast
except ImportError:
    def slow(): ...

with system as s:
    class Within: ...

for i in range(3):
    looped = i

if True:
    class Chosen: ...
else:
    class Other: ...

if __name__ == "__main__":
    class Late: ...
    def main():
        class Deep: ...
"""


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Net", Whereabouts("top", 9)),
        ("Inner", Whereabouts("class", 10, "Net")),
        ("forward", Whereabouts("class", 11, "Net.Inner")),
        ("Made", Whereabouts("function", 14, "build")),
        ("part", Whereabouts("function", 15, "build")),
        ("inner", Whereabouts("function", 16, "build")),
        ("later", Whereabouts("top", 18)),
        ("b", Whereabouts("top", 5)),
        ("c", Whereabouts("top", 6)),
        ("d", None),
        ("Any", Whereabouts("imported", 3)),
        ("system", Whereabouts("imported", 2)),
        ("os", None),
        ("slow", Whereabouts("top", 23)),
        ("Within", Whereabouts("top", 26)),
        ("looped", Whereabouts("top", 29)),
        ("Chosen", Whereabouts("top", 32)),
        ("Other", Whereabouts("top", 34)),
        ("Late", Whereabouts("main", 37)),
        ("Deep", Whereabouts("main", 39)),
        ("Ghost", Whereabouts("listed", 4)),
        ("nowhere", None),
    ],
)
def test_where_a_name_is(name, found):
    assert in_text(TEXT, name) == found


def test_the_most_reachable_place_comes_first():
    text = b"def f():\n    class A: ...\nif __name__ == '__main__':\n    class A: ...\nclass B:\n    class A: ...\n"
    assert in_text(text, "A") == Whereabouts("class", 6, "B")


@pytest.mark.parametrize("text", [b"class Net\n", b"print 'Net'", b"Net = '\0'"])
def test_what_is_no_python_has_no_names(text):
    assert in_text(text, "Net") is None
    assert names_in(text) == []


def test_the_names_at_top_level():
    names = ["Chosen", "Net", "Other", "Within", "a", "b", "build", "c", "later", "looped", "slow"]
    assert names_in(TEXT) == names


Make = Callable[[str, dict[str, str | bytes]], Project]
BAD: dict[str, str | bytes] = {
    "broken.py": "class MyModel(:",
    "python2.py": "class MyModel: pass\nprint 'hello'",
    "binary.py": b"class MyModel: pass\0",
    "foreign.py": b"class MyModel: pass # \xe4",
    "brackets.py": "_x = " + "(" * 5000 + ")" * 5000,
    "minus.py": "_x = " + "-" * 100_000 + "1",
    "sum.py": "_x = 1" + "+1" * 100_000,
}


@pytest.mark.parametrize(
    "text",
    [
        "class MyModel: pass",
        "def MyModel(): pass",
        "async def MyModel(): pass",
        "MyModel = OtherModel = int",
        "MyModel: type = int",
        "import sys\nif sys.platform == 'x':\n    pass\nelse:\n    class MyModel: pass",
        "try:\n    import nothing\nexcept ImportError:\n    class MyModel: pass",
    ],
)
def test_what_counts_as_a_definition(make: Make, text: str) -> None:
    project = make("net", {"a.py": text, "b.py": "x = 1"})
    assert defining(project, str(project.root), "MyModel") == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        "from b import MyModel",
        "# class MyModel",
        "class Outer:\n    class MyModel: pass",
        "def f():\n    class MyModel: pass",
        "if __name__ == '__main__':\n    class MyModel: pass",
        "MyModel: type",
        "x.MyModel = int",
        "class MyModel2: pass",
    ],
)
def test_what_does_not(make: Make, text: str) -> None:
    project = make("net", {"a.py": text})
    assert defining(project, str(project.root), "MyModel") == []


def test_the_file_named_after_it_comes_first(make: Make) -> None:
    text = "class ResNet50: pass\nclass MyUNet: pass\nclass HTTPNet: pass\n"
    project = make("net", {"other.py": text, "res_net50.py": text, "myunet.py": text, "http_net.py": text})
    root = str(project.root)
    assert defining(project, root, "ResNet50") == ["res_net50"]
    assert defining(project, root, "MyUNet") == ["myunet"]
    assert defining(project, root, "HTTPNet") == ["http_net"]
    (project.root / "MyUNet.py").write_text("")
    assert defining(project, root, "MyUNet") == ["myunet"]


def test_the_file_named_after_it_must_define_it(make: Make) -> None:
    project = make("net", {"my_model.py": "", "zoo.py": "class MyModel: pass"})
    assert defining(project, str(project.root), "MyModel") == ["zoo"]


def test_several_files_are_all_told(make: Make) -> None:
    project = make("net", {"b.py": "class MyModel: pass", "a.py": "class MyModel: pass", "c/x.py": "class MyModel: 1"})
    assert defining(project, str(project.root), "MyModel") == ["a", "b"]


def test_only_files_directly_in_the_folder_count(make: Make) -> None:
    project = make("net", {"__init__.py": "class A: 1", "sub/a.py": "class A: 1", "a/__init__.py": "class A: 1"})
    assert defining(project, str(project.root), "A") == []


def test_neighbours_that_are_no_python_are_passed_over(make: Make) -> None:
    project = make("net", {**BAD, "good.py": "class MyModel: pass"})
    assert defining(project, str(project.root), "MyModel") == ["good"]
    assert defined_in(project, str(project.root)) == ["MyModel"]


def test_neighbours_are_not_run_and_do_not_warn(make: Make) -> None:
    project = make("net", {"a.py": "raise SystemExit\nclass A: 1", "b.py": "'\\d'\nclass B: 1\n_C = 2"})
    assert defining(project, str(project.root), "B") == ["b"]
    assert defined_in(project, str(project.root)) == ["A", "B"]
