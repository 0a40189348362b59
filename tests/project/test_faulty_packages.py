"""A package that is installed and cannot be imported: the message names it, and not the code that asked for it."""

import pytest
import torch

from lighter.config.failures import Failed, located
from lighter.errors import Position, Source
from lighter.project.import_errors import package_at_fault
from lighter.project.project import Project

FITS = f"install a version of it that fits torch {torch.__version__.partition('+')[0]} and Python "
# A module whose code has no file counts as installed, as those that are frozen into Python do.
IMPORT = "exec(compile({text!r}, '<askew>', 'exec'), {{'__name__': 'askew.ops'}})\n"


def told(write, text):
    write("cats/net.py", text)
    found = located("cats.net.Net", Project.open("cats"))
    assert isinstance(found, Failed)
    return found.problem(Position(Source("here")), "x").help


@pytest.mark.parametrize(
    "raised",
    ["RuntimeError('operator askew::nms does not exist')", "ImportError('libaskew.so')", "OSError('libaskew')"],
)
def test_a_package_that_does_not_fit(write, raised):
    text = f"def register():\n    raise {raised}\nregister()\n"
    assert told(write, IMPORT.format(text=text)).startswith(
        f"the installed askew does not load, whoever imports it: {FITS}"
    )


def test_a_package_that_is_only_used(write):
    assert told(write, "import ast\nast.literal_eval('work()')\n") == ""


def test_a_package_that_imports_the_projects_own_code(write):
    write("cats/own.py", "raise RuntimeError('no')\n")
    assert told(write, IMPORT.format(text="import cats.own")) == ""


def test_an_exception_that_was_never_raised():
    assert package_at_fault(RuntimeError("no")) == ""
