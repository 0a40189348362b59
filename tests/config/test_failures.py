"""What is told when a target cannot be had: three different things."""

import pytest

from lighter.config.failures import Failed, located
from lighter.source import Position, Source

HERE = Position(Source("here"))


def told(dotted, project=None):
    found = located(dotted, project)
    assert isinstance(found, Failed)
    return found.problem(HERE, "x::_target_")


@pytest.mark.parametrize(
    ("dotted", "what", "help"),
    [
        ("no_such_package.X", "there is no module 'no_such_package'", ""),
        ("toch.nn.Linear", "there is no module 'toch'", "did you mean 'torch'?"),
        ("collections.abcd.X", "'collections' has no module 'abcd'", "did you mean 'abc'?"),
        ("collections.OrderedDic", "'collections' has no 'OrderedDic'", "did you mean 'OrderedDict'?"),
        ("collections.OrderedDict.itms", "'collections.OrderedDict' has no 'itms'", "did you mean 'items'?"),
    ],
)
def test_what_is_absent(dotted, what, help):
    problem = told(dotted)
    assert (problem.what, problem.help, problem.also) == (what, help, ())


@pytest.mark.parametrize("dotted", ["", "a..b", ".a", "a.", "../a.B", "a/b"])
def test_what_is_no_dotted_name(dotted):
    assert "is not a dotted name" in told(dotted).what


def where(problem):
    return [(said, position.source.name, position.line, position.column) for said, position in problem.also]


def test_what_a_module_raises_is_told_with_its_line(write):
    write("raises_a.py", "import os\n\nvalue = [\n    os.no_such]\n")
    problem = told("raises_a.X")
    assert problem.what == "importing 'raises_a.X' raised AttributeError: module 'os' has no attribute 'no_such'"
    assert where(problem) == [("raised here", "raises_a.py", 4, 5)]


def test_what_led_there_is_told_as_well(write):
    write("raises_b.py", "def f():\n    raise ValueError('two\\nlines')\n")
    write("raises_c.py", "x = 1\n\x0c\nfrom raises_b import f; f()\n")
    problem = told("raises_c.X")
    assert where(problem) == [("imported here", "raises_c.py", 3, 25), ("raised here", "raises_b.py", 2, 5)]
    assert "ValueError: two lines" in str(problem)


def test_a_module_that_another_needs_is_not_there(write):
    write("needs_more.py", "import no_such_package\n")
    problem = told("needs_more.X")
    assert problem.what == "importing 'needs_more.X' raised ModuleNotFoundError: No module named 'no_such_package'"
    assert problem.help == "install the package that brings 'no_such_package', or correct the import"
    assert where(problem) == [("raised here", "needs_more.py", 1, 1)]


def test_a_module_that_is_no_python(write):
    write("no_python.py", "x = 1\ny = = 2\n")
    problem = told("no_python.X")
    assert problem.what.startswith("importing 'no_python.X' raised SyntaxError: invalid syntax")
    assert where(problem) == [("raised here", "no_python.py", 2, 5)]


def test_a_script_that_ends_the_process(write):
    write("a_script.py", "import sys\nsys.exit(3)\n")
    problem = told("a_script.main")
    assert problem.what == "importing 'a_script.main' raised SystemExit: 3"
    assert "__main__" in problem.help


def test_ctrl_c_is_not_told(write):
    write("interrupted.py", "raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        located("interrupted.X", None)


def test_a_module_may_lie_where_the_names_are_ours(write):
    write("highlighter/__init__.py", "")
    write("highlighter/utils/__init__.py", "")
    write("highlighter/utils/importlib_extra.py", "raise ValueError('mine')\n")
    problem = told("highlighter.utils.importlib_extra.X")
    assert where(problem)[-1][1] == "highlighter/utils/importlib_extra.py"


def test_what_is_there_is_found():
    assert located("collections.OrderedDict", None).__name__ == "OrderedDict"
