"""The lines of the user's code that an exception went through."""

import decimal
import importlib
import sysconfig
from pathlib import Path

import pytest

import lighter
from lighter.project.frames import MACHINERY, is_installed, position_in, position_of, user_frames
from lighter.project.locating import locate
from lighter.project.project import Project


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


def test_what_is_installed():
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
