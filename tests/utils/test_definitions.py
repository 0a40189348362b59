"""What files define, read without running them."""

from collections.abc import Callable

import pytest

from lighter.utils.definitions import defined_in, defining
from lighter.utils.project import Project

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
