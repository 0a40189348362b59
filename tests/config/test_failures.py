"""What is told when a target cannot be had: three different things."""

import pytest

from lighter.config.failures import Failed, importing, located
from lighter.errors import ConfigError, Position, Source
from lighter.project.locating import locate
from lighter.project.project import Project
from lighter.project.target_not_found import TargetNotFound

HERE = Position(Source("here"))


def told(dotted, project=None):
    found = located(dotted, project)
    assert isinstance(found, Failed)
    return found.problem(HERE, "x::_target_")


@pytest.mark.parametrize(
    ("dotted", "what", "help"),
    [
        (
            "no_such_package.X",
            "there is no module 'no_such_package'",
            "install it as its own documentation says; for code of your own write 'project: path/to/its/folder'",
        ),
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
    assert problem.what == "importing 'needs_more.X' needs the package 'no_such_package', which is not installed"
    assert problem.help.startswith("install it as its own documentation says; for code of your own write ")
    assert where(problem) == [("raised here", "needs_more.py", 1, 1)]


def test_a_module_that_is_no_python(write):
    write("no_python.py", "x = 1\ny = = 2\n")
    problem = told("no_python.X")
    assert problem.what.startswith("importing 'no_python.X' raised SyntaxError: invalid syntax")
    assert where(problem) == [("raised here", "no_python.py", 2, 5)]


def test_a_script_that_ends_the_process(write):
    write("a_script.py", "import sys\nsys.exit(3)\n")
    problem = told("a_script.main")
    assert problem.what == "importing 'a_script.main' ends the process with 3 (SystemExit): the module is a script"
    assert "__main__" in problem.help


@pytest.mark.parametrize(("raised", "told_as"), [("Stop('no')", "Stop: no"), ("GeneratorExit", "GeneratorExit: ")])
def test_what_is_no_exception_is_told_as_well(write, raised, told_as):
    write("stops.py", f"class Stop(BaseException): ...\nraise {raised}\n")
    assert told("stops.X").what == f"importing 'stops.X' raised {told_as}"
    with pytest.raises(ConfigError, match="raised"):
        importing_it("stops.X")


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


def test_only_the_lines_of_the_project_are_told(write):
    write("shop/net.py", "import decimal\n\n\ndef f():\n    decimal.Decimal([])\nf()\n")
    unknown = told("no_such_package.X", Project.open("shop"))
    assert unknown.help.endswith("; targets of the project begin with 'shop' or 'project'")
    problem = told("shop.net.X", Project.open("shop"))
    assert where(problem) == [("raised here", "shop/net.py", 5, 5)]


def test_a_name_out_of_reach_is_shown_where_it_stands(write):
    write("shop/net.py", "if __name__ == '__main__':\n    class Late: ...\n")
    assert where(told("shop.net.Late", Project.open("shop"))) == [("written here", "shop/net.py", 2, 11)]


def importing_it(dotted):
    with importing(dotted, None, HERE, "x::_target_"):
        locate(dotted)


def test_what_an_import_raises_gets_a_word_of_help(write):
    write("needs_einops.py", "import ignite.engine\n")
    with pytest.raises(ModuleNotFoundError) as raised:
        importing_it("needs_einops.X")
    assert raised.value.__notes__ == ["help: run 'pip install pytorch-ignite'"]


def test_what_needs_no_help_is_left_alone(write):
    write("raises_d.py", "1 / 0\n")
    with pytest.raises(ZeroDivisionError) as raised:
        importing_it("raises_d.X")
    assert not hasattr(raised.value, "__notes__")


def test_a_script_does_not_end_the_process(write):
    write("b_script.py", "raise SystemExit(3)\n")
    with pytest.raises(ConfigError, match="ends the process with 3") as raised:
        importing_it("b_script.X")
    assert isinstance(raised.value.__cause__, SystemExit)


def test_what_is_absent_is_told_as_it_is():
    with pytest.raises(TargetNotFound) as raised:
        importing_it("collections.OrderedDic")
    assert not hasattr(raised.value, "__notes__")


def test_what_is_there_is_found():
    assert located("collections.OrderedDict", None).__name__ == "OrderedDict"


def test_the_folder_of_a_project_that_is_not_named(write, tmp_path):
    write("repo/digitnet/models.py", "class Net: ...\n")
    write("repo/other/net.py", "")
    position = Position(Source("c.yaml", path=tmp_path / "repo" / "c.yaml"))
    for project, help in (
        (None, "write 'project: digitnet'"),
        (Project.open("repo/other"), "'other' does not have it, 'repo' beside it does: write 'imports: {digitnet: {"),
    ):
        found = located("digitnet.models.Net", project)
        assert isinstance(found, Failed)
        assert found.problem(position, "").help.startswith(help)
