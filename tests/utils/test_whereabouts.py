"""Where a file has a name that importing it does not give."""

import pytest

from lighter.utils.whereabouts import Whereabouts, in_text, names_in

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
    assert names_in(TEXT) == ["Net", "build", "later"]
