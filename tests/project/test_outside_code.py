"""What is no file of the project is refused before any code runs."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighter.project.files import NotPythonText
from lighter.project.locating import InvalidPath, locate
from lighter.project.project import Project
from lighter.project.target_not_found import TargetNotFound
from lighter.utils.dynamic_imports import import_module_from_path

Make = Callable[[str, dict[str, str | bytes]], Project]

NO_NAME = r"is not a dotted name: .*; write it as 'package\.module\.Name'"
BAD_NAMES = ["..", "a..b", ".a", "a.", "a.../b", "a/b", "/etc/passwd", "a\\b", "C:\\x", "a.b\0", "a\n", "../outside/x"]


@pytest.mark.parametrize("rest", BAD_NAMES)
def test_names_that_are_paths_are_refused(shop: Project, rest: str) -> None:
    for dotted, project in ((f"shop.{rest}", shop), (f"project.{rest}", shop), (rest, shop), (f"os.{rest}", None)):
        with pytest.raises(InvalidPath, match=NO_NAME):
            locate(dotted, project)
    for path in (f"shop.{rest}", f"project.{rest}", rest):
        with pytest.raises(InvalidPath, match=NO_NAME):
            import_module_from_path(path, str(shop.root))
    assert "shop" not in sys.modules


@pytest.mark.parametrize("dotted", ["", ".", "shop.", "project."])
def test_empty_names_are_refused(shop: Project, dotted: str) -> None:
    with pytest.raises(InvalidPath, match=NO_NAME):
        locate(dotted, shop)
    with pytest.raises(InvalidPath, match=NO_NAME):
        import_module_from_path(dotted, str(shop.root))


@given(st.text(alphabet="ab./\\\0:~ *", max_size=12))
def test_no_text_reaches_a_file_outside(dotted: str) -> None:
    project = Project(Path(__file__).parent / "nowhere", "nowhere")
    with pytest.raises((ValueError, TargetNotFound)):
        locate(f"nowhere.{dotted}", project)


def test_nothing_outside_is_run(make: Make, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    run = f"open({str(marker)!r}, 'w').close()\nclass Net: pass\n"
    outside = make("outside", {"net.py": run, "pack/__init__.py": run, "pack/net.py": run}).root
    project = make("shop", {"__init__.py": "", "inner/real.py": "class Real: pass", "half/net.py": ""})
    root = project.root
    (root / "net.py").symlink_to(outside / "net.py")
    (root / "pack").symlink_to(outside / "pack")
    (root / "inner" / "up").symlink_to("../..")
    (root / "half" / "__init__.py").symlink_to(outside / "net.py")
    (root / "chain.py").symlink_to("net.py")
    (root / "good.py").symlink_to("inner/real.py")
    os.mkfifo(root / "pipe.py")
    (root / "folder.py").mkdir()
    (root / "archive.zip").write_bytes(b"PK")
    names = ["net.Net", "Net", "pack.Net", "pack.net.Net", "inner.up.outside.net.Net", "half.Net", "half.net.Net"]
    for name in [*names, "chain.Net", "pipe.Net", "folder.Net", "archive.Net", "net", "pack"]:
        with pytest.raises(TargetNotFound):
            locate(f"shop.{name}", project)
        with pytest.raises(ModuleNotFoundError):
            import_module_from_path(f"shop.{name}", str(root))
    assert not marker.exists()
    assert isinstance(locate("shop.good.Real", project), type)


def test_the_message_says_why_a_link_is_refused(make: Make) -> None:
    outside = make("outside", {"net.py": ""}).root
    project = make("shop", {"__init__.py": ""})
    (project.root / "net.py").symlink_to(outside / "net.py")
    with pytest.raises(TargetNotFound) as raised:
        locate("shop.net.Net", project)
    assert str(raised.value) == (
        f"'shop' has no module 'net'; {project.root}/net.py leads out of the project, to {outside}/net.py"
    )


def test_a_root_whose_init_leads_out_is_refused(make: Make, tmp_path: Path) -> None:
    outside = make("outside", {"init.py": f"open({str(tmp_path / 'ran')!r}, 'w')"}).root
    project = make("shop", {"net.py": "class Net: pass"})
    (project.root / "__init__.py").symlink_to(outside / "init.py")
    for dotted in ("shop.net.Net", "shop"):
        with pytest.raises(TargetNotFound, match="leads out of the project, to"):
            locate(dotted, project)
    assert not (tmp_path / "ran").exists()


def test_a_project_behind_a_link_is_allowed(shop: Project, tmp_path: Path) -> None:
    real = shop.root
    (tmp_path / "link").symlink_to(real)
    model = locate("link.models.MyModel", Project.open(tmp_path / "link"))
    assert isinstance(model, type)
    assert model.__module__ == "link.models.my_model"
    assert sys.modules[model.__module__].__file__ == f"{real}/models/my_model.py"
    assert import_module_from_path("link.models.MyModel", f"{tmp_path}/link") is sys.modules[model.__module__]


@pytest.mark.parametrize("data", [b"\x7fELF\0", b"class Net: pass\n\0", b"class Net: '\xe4'"])
def test_files_that_are_no_text_are_refused(make: Make, data: bytes) -> None:
    project = make("shop", {"a.py": data, "b.py": "import shop.a"})
    for name in ("a.Net", "a", "b"):
        with pytest.raises(NotPythonText, match=r"a\.py is not Python text"):
            locate(f"shop.{name}", project)
    with pytest.raises(NotPythonText):
        import_module_from_path("shop.a", str(project.root))
