"""What a project's folder holds and Python would find there by itself: links out of it are followed nowhere."""

import importlib
import json
import sys
import warnings
from collections.abc import Callable
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from lighter.project.found_on_path import elsewhere, lies_in, places_of
from lighter.project.importable import make_importable
from lighter.project.locating import locate
from lighter.project.project import ImportedModule, Project

Make = Callable[[str, dict[str, str | bytes]], Project]

LOADED = ["tabnanny", "yaml", "colorsys", "this_is_nowhere", "sndhdr"]


@pytest.fixture
def evil(make: Make, tmp_path: Path) -> Path:
    """A folder beside the project's; each of its files leaves a mark when it runs."""
    run = f"open({str(tmp_path / 'ran')!r}, 'w').close()\n"
    return make("evil", {"evil.py": run, "pack/__init__.py": run, "pack/part.py": run, "plain/part.py": run}).root


@pytest.fixture
def shop(make: Make, evil: Path, tmp_path: Path) -> Project:
    project = make("shop", {"net.py": "class Net: pass\n", "lib/real.py": "x = 1\n", "x-packages/real.py": ""})
    for folder in ("", "lib", "x-packages", "site-packages"):
        (project.root / folder).mkdir(exist_ok=True)
        (project.root / folder / "colorsys.py").symlink_to(evil / "evil.py")
        (project.root / folder / "rare_tool.py").symlink_to(evil / "evil.py")
        (project.root / folder / "einops").symlink_to(evil / "pack")
        (project.root / folder / "yaml").symlink_to(evil / "pack")
        (project.root / folder / "loose").symlink_to(evil / "plain")
    (project.root / "linked").symlink_to(evil)
    return project


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has modules looked for as if for the first time."""
    for name in [name for name in sys.modules if name.partition(".")[0] in {"colorsys", "einops"}]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.usefixtures("absent")
@pytest.mark.filterwarnings("ignore:'import .*' now means:UserWarning")
@pytest.mark.parametrize("folder", ["", "lib", "x-packages", "site-packages"])
@pytest.mark.parametrize("first", [True, False])
def test_links_out_of_a_folder_on_the_path_run_nothing(
    shop: Project, folder: str, first: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sys.path.insert(0 if first else len(sys.path), str(shop.root / folder))
    make_importable(shop)
    colorsys = importlib.import_module("colorsys")
    assert colorsys.rgb_to_hls
    assert not str(colorsys.__file__).startswith(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="leads out of the project"):
        importlib.import_module("rare_tool")
    for name in ("loose.part", "einops.part"):
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(name)
    monkeypatch.delitem(sys.modules, "yaml", raising=False)
    assert importlib.import_module("yaml").safe_load("a: 1") == {"a": 1}
    assert not (tmp_path / "ran").exists()


def test_a_linked_folder_on_the_path_is_searched_for_nothing(shop: Project, evil: Path, tmp_path: Path) -> None:
    sys.path.insert(0, str(shop.root / "linked"))
    make_importable(shop)
    for name in ("evil", "pack", "plain.part"):
        with pytest.raises(ModuleNotFoundError, match=r"leads out of the project|plain"):
            importlib.import_module(name)
    assert not (tmp_path / "ran").exists()
    sys.path.append(str(evil))  # what is not in the project's folder may be put there
    assert importlib.import_module("plain.part")


def test_a_namespace_of_the_installed_and_of_a_link_is_the_installed(make: Make, evil: Path, tmp_path: Path) -> None:
    make("site", {"wide/own.py": "x = 1"})
    shop = make("shop", {"net.py": ""})
    (shop.root / "wide").symlink_to(evil / "plain")
    sys.path[:0] = [str(shop.root), str(tmp_path / "site")]
    make_importable(shop)
    assert importlib.import_module("wide.own").x == 1
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("wide.part")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("path", ["{shop}/linked", "{shop}/linked/plain", "{shop}/lib"])
def test_a_package_that_has_a_folder_of_the_project_in_its_path(
    make: Make, shop: Project, tmp_path: Path, path: str
) -> None:
    make("site", {"broad/__init__.py": f"__path__.append({path.format(shop=shop.root)!r})\n"})
    sys.path.append(str(tmp_path / "site"))
    make_importable(shop)
    broad = importlib.import_module("broad")
    for name in ("evil", "pack", "part", "rare_tool", "plain.part"):
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(f"broad.{name}")
    assert broad.__path__[1] == path.format(shop=shop.root)
    if path.endswith("lib"):
        assert importlib.import_module("broad.real").x == 1
    assert not (tmp_path / "ran").exists()


@pytest.mark.usefixtures("absent")
def test_the_folder_of_an_import_is_held_to_it_too(shop: Project, tmp_path: Path) -> None:
    sys.path.insert(0, str(shop.root))
    make_importable(ImportedModule.of(shop.root, "net"))
    assert "lib/python" in str(importlib.import_module("colorsys").__file__)
    with pytest.raises(ModuleNotFoundError, match="leads out of the project"):
        importlib.import_module("rare_tool")
    assert not (tmp_path / "ran").exists()


def test_what_is_built_into_python_is_no_file_of_the_working_directory(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.root)
    monkeypatch.delitem(sys.modules, "xxsubtype", raising=False)
    sys.path.insert(0, "")
    make_importable(shop)
    assert importlib.import_module("xxsubtype").__spec__.origin == "built-in"  # type: ignore[union-attr]  # it has one


def test_an_environment_is_what_python_takes_for_one(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"venv/pyvenv.cfg": "", "conda/conda-meta/history": "", "own/lib/x.py": "", "venv/bin/x.py": ""}
    shop = make("shop", {**files, "site-packages/a.py": "", "my-packages/a.py": ""})
    inside = ("", "net.py", "lib", "own/lib", "site-packages", "my-packages/a", "venv", "venv/bin", "env/lib")
    for path in inside:
        assert lies_in(shop, f"{shop.root}/{path}")
    for path in ("venv/lib/python3/site-packages/a.py", "venv/lib64", "conda/Lib/site-packages", "../other", ".."):
        assert not lies_in(shop, f"{shop.root}/{path}")
    monkeypatch.setattr(sys, "prefix", f"{shop.root}/prefix")
    assert not lies_in(shop, f"{shop.root}/prefix/lib/python3")
    monkeypatch.chdir(shop.root)
    assert lies_in(shop, "lib")


def test_a_way_through_the_project_lies_in_it(make: Make, tmp_path: Path) -> None:
    shop = make("shop", {"net.py": ""})
    (tmp_path / "way").symlink_to(shop.root)
    (shop.root / "out").symlink_to(tmp_path)
    for path in ("shop/out", "way/out/x", "way/net.py", "way"):
        assert lies_in(shop, str(tmp_path / path))
    assert not lies_in(shop, f"{shop.root}/../x")


def test_the_places_of_a_spec(shop: Project) -> None:
    found = PathFinder.find_spec("json")
    assert found is not None
    assert places_of(found) == [str(Path(json.__file__).parent), json.__file__]
    assert elsewhere(shop, "json", None) is None


def test_nothing_of_it_is_told_where_nothing_is_wrong(shop: Project) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(locate("shop.net.Net", shop), type)
