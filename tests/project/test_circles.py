"""Circles of imports, entered from any side."""

import importlib
import sys
from collections.abc import Callable

import pytest

from lighter.project.importable import make_importable
from lighter.project.locating import import_from_any_side, locate
from lighter.project.project import Project

Make = Callable[[str, dict[str, str | bytes]], Project]

CIRCLE: dict[str, str | bytes] = {
    "main.py": "from parts.head import Head\nfrom parts import tail\nclass Main(Head): pass\n",
    "parts/head.py": "import main\nimport kept\nclass Head: pass\n",
    "parts/tail.py": "from main import Head\nclass Tail(Head): pass\n",
    "kept.py": "import parts.head as head\n",
}


@pytest.mark.parametrize("first", ["main", "parts.head", "parts.tail", "kept"])
def test_it_is_entered_from_the_side_that_works(make: Make, first: str) -> None:
    make_importable(make("shop", CIRCLE))
    assert import_from_any_side(f"shop.{first}").__name__ == f"shop.{first}"
    for name in ("main", "parts.head", "parts.tail", "kept"):
        assert importlib.import_module(name) is importlib.import_module(f"shop.{name}")
    main, head, tail = (importlib.import_module(f"shop.{name}") for name in ("main", "parts.head", "parts.tail"))
    assert main.Main.__mro__[1] is tail.Tail.__mro__[1] is head.Head
    assert sys.modules["shop.kept"].head is head
    assert head.main is main
    assert main.tail is tail is sys.modules["parts"].tail


def test_an_attribute_may_be_what_is_not_there_yet(make: Make) -> None:
    files = {"a.py": "import b\nX = 1\n", "b.py": "import a\nclass Net:\n    x = a.X\n"}
    make_importable(make("shop", dict(files)))
    with pytest.raises(AttributeError, match="circular import"):
        importlib.import_module("shop.a")
    assert import_from_any_side("shop.a").X == importlib.import_module("b").Net.x == 1


def test_a_circle_that_works_from_no_side_is_told_as_from_the_first(make: Make) -> None:
    project = make("shop", {"a.py": "from b import B\nA = 1\n", "b.py": "from a import A\nB = 1\n"})
    with pytest.raises(ImportError, match="cannot import name 'A' from partially initialized module"):
        locate("shop.a.A", project)
    with pytest.raises(ImportError, match="cannot import name 'B' from partially initialized module"):
        locate("shop.b.B", project)
    assert not {"a", "b", "shop.a", "shop.b"} & set(sys.modules)


def test_other_faults_are_not_tried_again(make: Make) -> None:
    project = make("shop", {"a.py": "import count\ncount.runs.append(1)\nimport b\n", "b.py": "import nothing_at_all"})
    (project.root / "count.py").write_text("runs = []")
    make_importable(project)
    count = importlib.import_module("count")
    with pytest.raises(ModuleNotFoundError, match="nothing_at_all"):
        import_from_any_side("shop.a")
    assert count.runs == [1]
