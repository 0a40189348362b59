import ast

import pytest

from lighter.cli.adopting.outlining import Import, asks_for_main, dotted, outline

TEXT = """
import a.b
import a.b as c
from .. import d
from .e import f as g, h
from star import *
alias = a.b.C
number = 3

class Net(a.Base, Generic[T], make(), metaclass=Meta):
    size: int = 3
    @abstractmethod
    def forward(self, x): ...
    if a:
        def other(self): ...

@decorated.dataclass(frozen=True)
class Settings: ...

async def load(): ...
def build(x, /, y, *, z=1):
    import within

try:
    import maybe
except (ImportError, OSError):
    from instead import maybe
if typing.TYPE_CHECKING:
    from types_only import T
if __name__ == "__main__":
    import script
    class Script: ...
else:
    import library
with a:
    import quiet
"""


@pytest.fixture(scope="module")
def found():
    return outline(ast.parse(TEXT))


def test_names_that_a_file_binds(found):
    assert list(found.classes) == ["Net", "Settings"]
    assert list(found.functions) == ["load", "build"]
    assert found.aliases == {"alias": "a.b.C"}
    assert {name: (i.module, i.level, i.name) for name, i in found.bound.items()} == {
        "a": ("a", 0, ""),
        "c": ("a.b", 0, ""),
        "d": ("", 2, "d"),
        "g": ("e", 1, "f"),
        "h": ("e", 1, "h"),
        "maybe": ("maybe", 0, ""),
        "T": ("types_only", 0, "T"),
        "library": ("library", 0, ""),
        "quiet": ("quiet", 0, ""),
    }
    assert [star.module for star in found.stars] == ["star"]


def test_imports_that_run_and_those_that_may_fail(found):
    asked = {imported.module: imported.optional for imported in found.imports}
    assert "within" not in asked
    assert "script" not in asked
    assert {name for name, optional in asked.items() if optional} == {"maybe", "instead", "types_only"}
    assert Import("star", 0, "*", 6) in found.imports


def test_a_class_is_told_whole(found):
    net = found.classes["Net"]
    assert (net.line, net.last_line) == (10, 15)
    assert net.bases == ("a.Base", "Generic", "")
    assert list(net.methods) == ["forward", "other"]
    assert net.is_abstract
    assert [ast.unparse(field) for field in net.fields] == ["size: int = 3"]
    assert found.classes["Settings"].decorators == ("decorated.dataclass",)
    assert not found.classes["Settings"].is_abstract


@pytest.mark.parametrize(("text", "name"), [("a.b.C", "a.b.C"), ("a", "a"), ("a().b", ""), ("a[0]", ""), ("3", "")])
def test_a_dotted_name(text, name):
    assert dotted(ast.parse(text, mode="eval").body) == name


def test_the_test_for_main():
    for text, answer in {"__name__ == '__main__'": True, "'__main__' == __name__": True, "name == 'x'": False}.items():
        assert asks_for_main(ast.parse(text, mode="eval").body) is answer
