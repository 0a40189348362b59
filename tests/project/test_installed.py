"""Names that are taken, by what is installed."""

import sys
from collections.abc import Callable

import pytest

from lighter.project.libraries import (
    FOUNDATION,
    elsewhere,
    installed_spec,
    is_installed,
    is_protected,
    warn_of_shadowing,
)
from lighter.project.project import Project

Make = Callable[[str, dict[str, str | bytes]], Project]


def test_what_is_protected() -> None:
    assert all(map(is_protected, ("torch", "lightning", "random", "logging", *FOUNDATION)))
    assert not any(map(is_protected, ("datasets", "utils", "models", "data", "logger", "test", "torch_utils")))


def test_what_is_installed_from_another_file(make: Make) -> None:
    site = make("site", {"lib/__init__.py": "", "plain/a.py": "", "test.py": ""})
    sys.path.append(str(site.root))
    assert is_installed("lib", "")
    assert is_installed("lib", "/nowhere/lib.py")
    assert not is_installed("lib", f"{site.root}/lib/__init__.py")
    for name in ("plain", "nothing_at_all", "test"):
        assert not is_installed(name, "")
    spec = installed_spec("lib")
    assert spec is not None
    assert spec.origin == f"{site.root}/lib/__init__.py"


def test_what_has_a_module_elsewhere(make: Make) -> None:
    site = make("site", {"lib/__init__.py": "", "lib/part.py": "", "lone.py": "", "plain/a.py": ""})
    sys.path.append(str(site.root))
    for dotted in ("lib", "lib.part", "lone", "json.decoder"):
        assert elsewhere(dotted, "/nowhere")
    for dotted in ("lib.other", "lone.part", "plain", "plain.a", "nothing", "code.model", "test"):
        assert not elsewhere(dotted, "/nowhere")
    assert not elsewhere("lone", str(site.root))


def test_a_name_that_now_means_another_file_is_told() -> None:
    with pytest.warns(UserWarning, match=r"^'import lib' now means /a/lib.py, not the installed package 'lib'"):
        warn_of_shadowing("lib", "/a/lib.py")
