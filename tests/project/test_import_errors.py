"""Why a module cannot be imported, by what its import raised."""

import sys
from pathlib import Path

import pytest
import torch

from lighter.config import Config
from lighter.config.failures import Failed, located
from lighter.errors import Position, Source
from lighter.project.project import Project

PARTS = """
import argparse


def read(options):
    return options.width


def size():
    return depth


def missing():
    return nowhere


if __name__ == "__main__":
    depth = 3
"""


@pytest.fixture(autouse=True)
def _parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hint_parts.py").write_text(PARTS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("hint_parts", None)


@pytest.mark.parametrize(
    ("call", "kind", "told"),
    [
        ({"_target_": "hint_parts.read", "options": {"width": 1}}, AttributeError, "'_target_: argparse.Namespace'"),
        ({"_target_": "hint_parts.size"}, NameError, "'depth' is set in line 18 of hint_parts.py, below 'if __name__"),
    ],
)
def test_what_can_be_done_is_noted(call: object, kind: type[Exception], told: str) -> None:
    with pytest.raises(kind) as caught:
        Config({"vars": {"a": call}}).resolve("vars::a")
    where, cure = caught.value.__notes__
    assert where.startswith("while building 'vars::a'")
    assert cure.startswith("help: ")
    assert told in cure


@pytest.mark.parametrize(
    "call",
    [
        {"_target_": "hint_parts.read", "options": {"with": 1}},
        {"_target_": "hint_parts.read", "options": 3},
        {"_target_": "hint_parts.missing"},
    ],
)
def test_what_is_not_known_is_not_guessed(call: object) -> None:
    with pytest.raises((AttributeError, NameError)) as caught:
        Config({"vars": {"a": call}}).resolve("vars::a")
    assert len(caught.value.__notes__) == 1


def test_the_namespace_that_is_told_serves() -> None:
    options = {"_target_": "argparse.Namespace", "width": 1}
    assert Config({"vars": {"a": {"_target_": "hint_parts.read", "options": options}}}).resolve("vars::a") == 1


PYTHON = f"Python {sys.version_info.major}.{sys.version_info.minor}"
CONVERT = "take a copy for Python 3, or convert it: '2to3 -w FILE' does most of it (it comes with Python up to 3.12)"
GUARD = "guard that part with 'if __name__ == \"__main__\":', or name a target in a file that only defines"


def told(write, files, dotted="cats.net.Net"):
    for name, text in files.items():
        write(f"cats/{name}", text)
    found = located(dotted, Project.open("cats"))
    assert isinstance(found, Failed)
    problem = found.problem(Position(Source("here")), "x")
    return problem.what.removeprefix(f"importing '{dotted}' "), problem.help


def test_a_library_without_a_module_or_name(write):
    version = torch.__version__.partition("+")[0]
    what, help = told(write, {"net.py": "from torch._six import string_classes\n"})
    assert what == f"needs 'torch._six', which torch {version} does not have"
    assert help.startswith("PyTorch 2.0 dropped it")
    what, help = told(write, {"other.py": "from torch.nn import Linaer\n"}, "cats.other.Net")
    assert what == f"needs 'Linaer' from 'torch.nn', which torch {version} does not have"
    assert help == "did you mean 'torch.nn.Linear'? Otherwise the code may be of another version of 'torch'"


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("import math\nmath.pii\n", f"did you mean 'pi'? {PYTHON} is installed; the code may be of another version"),
        ("import math\nmath.zzz\n", f"{PYTHON} is installed; the code may be of another version"),
        ("import collections\ncollections.Mapping\n", "Python 3.10 has it only in 'collections.abc'; "),
        ("import numpy\nnumpy.float\n", "NumPy 1.24 dropped it for 'float'; numpy "),
        ("import cats.models as m\nm.zzz\n", ""),
        ("x = 1\nx.zzz\n", ""),
    ],
)
def test_an_attribute_that_a_module_lacks(write, text, help):
    what, found = told(write, {"net.py": text, "models.py": ""})
    assert what.startswith("raised AttributeError: ")
    assert found.startswith(help)
    assert bool(found) == bool(help)


@pytest.mark.parametrize(
    ("text", "what", "help"),
    [
        (
            "print 'x'\n",
            "meets Python 2 code: Missing parentheses in call to 'print'. Did you mean print(...)?",
            CONVERT,
        ),
        ("def f():\n    raise ValueError, 'no'\n", "meets Python 2 code: ", CONVERT),
        ("if 1 <> 2: pass\n", "meets Python 2 code: ", CONVERT),
        ("x = 0777\n", "meets Python 2 code: ", CONVERT),
        ("x = 10L\n", "meets Python 2 code: ", CONVERT),
        ("if 1:\n        x = 1\n\ty = 2\n", "meets Python 2 code: ", CONVERT),
        ("xrange(3)\n", "meets Python 2 code: name 'xrange' is not defined", f"Python 3 calls it 'range'; {CONVERT}"),
        ("undefined(3)\n", "raised NameError: name 'undefined' is not defined", ""),
        (
            "x.cuda(async=True)\n",
            "raised SyntaxError: ",
            "'async' is a keyword since Python 3.7; PyTorch calls that argument",
        ),
        ("x = = 1\n", "raised SyntaxError: invalid syntax", ""),
        ("x = 3\n  y = 4\n", "raised IndentationError: unexpected indent", ""),
    ],
)
def test_code_of_another_python(write, text, what, help):
    found = told(write, {"net.py": text})
    assert found[0].startswith(what)
    assert found[1].startswith(help)
    assert bool(found[1]) == bool(help)


@pytest.mark.parametrize(
    ("text", "what", "help"),
    [
        (
            "import argparse\nargparse.ArgumentParser().parse_args(['x'])\n",
            "ends the process: the module parses the command line when it is imported",
            GUARD,
        ),
        ("import sys\nsys.exit()\n", "ends the process (SystemExit): the module is a script", GUARD),
        ("exit('done')\n", "ends the process with 'done' (SystemExit): the module is a script", GUARD),
        ("raise EOFError\n", "reads the terminal, and nobody types", GUARD),
        ("raise ValueError('mine')\n", "raised ValueError: mine", ""),
        ("raise ImportError('mine')\n", "raised ImportError: mine", ""),
        ("raise ModuleNotFoundError('mine')\n", "raised ModuleNotFoundError: mine", ""),
        (
            "open('names.txt')\n",
            "raised FileNotFoundError: [Errno 2] No such file or directory: 'names.txt'",
            "the project has that file: start from the project's own folder, cats",
        ),
        ("open('nothing.txt')\n", "raised FileNotFoundError: [Errno 2] No such file or directory: 'nothing.txt'", ""),
    ],
)
def test_a_module_that_is_a_script(write, text, what, help):
    assert told(write, {"net.py": text, "names.txt": "cat"}) == (what, help)


def test_imports_in_a_circle(write):
    what, help = told(write, {"net.py": "from cats.a import x\nclass Net: ...\n", "a.py": "from cats.net import Net\n"})
    assert what == "is circular, cats/net.py -> cats/a.py -> cats/net.py: 'cats.net' has no 'Net' yet"
    assert help == "it fails whichever file is first: move one of the imports into the function that needs it"


def test_attributes_in_a_circle(write):
    files = {"net.py": "import cats.b as b\nb.Base\nclass Net: ...\n", "b.py": "import cats.net\ncats.net.Net\n"}
    what, _ = told(write, files)
    assert what == "is circular, cats/net.py -> cats/b.py -> cats/net.py: 'cats' has no 'net' yet"


def test_a_name_that_would_never_be_there_is_no_circle(write):
    what, help = told(write, {"net.py": "import cats.c\nclass Net: ...\n", "c.py": "from cats.net import Nte\n"})
    assert what == "needs 'Nte' from 'cats.net', which does not define it"
    assert help == "did you mean 'Net'?"


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("if __name__ == '__main__':\n    class Late: ...\n", "it runs as a script"),
        ("def build():\n    class Late: ...\n", "'build' is called"),
    ],
)
def test_a_name_out_of_reach_is_no_circle(write, text, when):
    what, help = told(write, {"net.py": "from cats.late import Late\n", "late.py": text})
    assert what == "needs 'Late' from 'cats.late', which does not define it"
    assert help == f"'late.py' has it in line 2, but only where {when}"


def test_an_import_from_above_the_project(write):
    what, help = told(write, {"net.py": "from ..layers import Layer\n"})
    assert what == "raised ImportError: attempted relative import beyond top-level package"
    assert help.endswith("and '_target_: project.cats.net.Net'")
