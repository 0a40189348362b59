"""The lines of the user's code that an exception went through."""

import decimal
import importlib
import sysconfig
import traceback
from pathlib import Path

import pytest

import lighter
from lighter.project.frames import (
    LINES,
    MACHINERY,
    is_installed,
    is_ours,
    position_in,
    position_of,
    user_frames,
    without_libraries,
)
from lighter.project.locating import locate
from lighter.project.project import Project
from lighter.runs.whole_files import write_whole


def frames(error, project=None):
    return [(frame.filename.rpartition("/")[2], frame.lineno) for frame in user_frames(error, project)]


def test_without_a_project_those_of_no_library(write):
    write("frames_a.py", "import frames_b\n")
    write("frames_b.py", "import decimal\ndecimal.Decimal([])\n")
    with pytest.raises(ValueError, match="argument") as raised:
        importlib.import_module("frames_a")
    assert frames(raised.value)[-2:] == [("frames_a.py", 1), ("frames_b.py", 2)]


def test_only_the_project_s_own(write):
    write("shop/net.py", "import outside_shop\n")
    write("outside_shop.py", "1 / 0\n")
    project = Project.open("shop")
    with pytest.raises(ZeroDivisionError) as raised:
        locate("shop.net.X", project)
    assert frames(raised.value, project) == [("net.py", 1)]
    assert frames(raised.value)[-1] == ("outside_shop.py", 1)


def test_of_a_library_alone_all_but_the_import_itself():
    with pytest.raises(ModuleNotFoundError) as raised:
        importlib.import_module("no_such_module")
    error = raised.value.with_traceback(None)
    assert user_frames(error, None) == []


def test_the_folders_that_are_passed_over_are_there():
    assert all((Path(lighter.__file__).parent / name).is_dir() for name in MACHINERY)


TOLD = """Traceback (most recent call last):
  File "{lighter}/runs/runner.py", line 1, in fit
    trainer.fit(system)
  File "net.py", line 2, in forward
    [self.layer(x) for _ in x]
     ^^^^^^^^^^^^^
  File "/usr/lib/python3/dist-packages/torch/nn/linear.py", line 3, in forward
    return linear(x)
  [Previous line repeated 2 more times]
  File "/env/lib/python3.11/site-packages/torch/functional.py", line 4, in linear
    raise ValueError("wrong")
ValueError: wrong
Original Traceback (most recent call last):
  File "/env/lib/python3.11/site-packages/torch/fetch.py", line 5, in fetch
    data = dataset[0]
  File "data.py", line 6, in __getitem__
OSError: no file
  in two lines
"""
SHORT = """Traceback (most recent call last):
  File "net.py", line 2, in forward
    [self.layer(x) for _ in x]
     ^^^^^^^^^^^^^
  File "/env/lib/python3.11/site-packages/torch/functional.py", line 4, in linear
    raise ValueError("wrong")
ValueError: wrong
Original Traceback (most recent call last):
  File "data.py", line 6, in __getitem__
OSError: no file
  in two lines"""


def test_of_a_traceback_the_user_s_own_frames_and_the_last():
    assert without_libraries(TOLD.format(lighter=Path(lighter.__file__).parent)) == (SHORT, 3)


def test_of_a_long_traceback_the_two_ends():
    shown, left_out = without_libraries("ValueError: many lines\n" + "x\n" * 100 + "the end\n")
    lines = shown.splitlines()
    assert (len(lines), lines[LINES // 2], lines[-1], left_out) == (LINES + 1, "  ... 78 lines ...", "the end", 0)


def test_what_is_installed():
    assert is_installed("/usr/lib/python3/dist-packages/torch/__init__.py")
    assert is_installed(decimal.__file__)
    assert is_installed(f"{sysconfig.get_path('purelib')}/torch/__init__.py")
    assert is_installed("<string>")
    assert not is_installed(__file__)


def test_a_frame_s_place(write):
    write("frames_c.py", "x = 1 + (1 / 0)\n")
    with pytest.raises(ZeroDivisionError) as raised:
        importlib.import_module("frames_c")
    position = position_of(user_frames(raised.value, None)[-1])
    assert (position.source.name, position.line, position.column, position.width) == ("frames_c.py", 1, 10, 5)


def test_a_place_in_a_file_that_is_gone():
    assert str(position_in("gone.py", 3)) == "gone.py:3:1"


def test_whose_an_exception_is(write):
    write("frames_mine.py", "def read(path): open(path)\n")
    raising = (
        lambda: importlib.import_module("frames_mine").read("nosuch"),
        lambda: write_whole(Path("/dev/null/x"), ""),
    )
    found = []
    for one in raising:
        with pytest.raises(OSError) as caught:  # noqa: PT011  # whose it is, not what
            one()
        found.append(is_ours(caught.value))
    assert found == [False, True]


def test_where_a_limited_expression_is_worked_out_is_no_place_for_a_user():
    with pytest.raises(ZeroDivisionError) as raised:
        lighter.Config({"a": "$1 / 0"}).resolve("a", allow=["torch"])
    text = "".join(traceback.format_exception_only(raised.value)).splitlines()[0]
    shown, left_out = without_libraries("".join(traceback.format_tb(raised.value.__traceback__)[1:]) + text)
    assert (shown, left_out > 3) == (text, True)
