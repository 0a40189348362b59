"""What a project has elsewhere."""

import os

import pytest

from lighter.project import searching
from lighter.project.searching import dotted_path, files, homes_of, leads_to, modules_named, own_root, shown, text_of

FILES = {
    "net.py": "class Net:\n    class Inner: ...\n",
    "lib/deep/net.py": "class Other: ...\n",
    "lib/deep/__init__.py": "from .net import Other\n",
    "lib/other.py": "class Net: ...\n",
    ".hidden/net.py": "class Net: ...\n",
    "build/net.py": "class Net: ...\n",
    "a.b/net.py": "class Net: ...\n",
    "broken.py": "class Net\n",
    "notes.txt": "class Net: ...\n",
}


@pytest.fixture
def project(make):
    return make("shop", FILES)


def inside(project, paths):
    return [os.path.relpath(path, project.root) for path in paths]


def test_the_files_near_the_root_come_first(project):
    found = ["broken.py", "net.py", "a.b/net.py", "lib/other.py", "lib/deep/__init__.py", "lib/deep/net.py"]
    assert inside(project, files(project)) == found


def test_the_search_has_an_end(project, monkeypatch):
    monkeypatch.setattr(searching, "MOST_FILES", 2)
    assert inside(project, files(project)) == ["broken.py", "net.py"]
    monkeypatch.setattr(searching, "LONGEST", -1)
    assert list(files(project)) == []
    monkeypatch.undo()
    monkeypatch.setattr(searching, "MOST_FOLDERS", 1)
    assert inside(project, files(project)) == ["broken.py", "net.py"]


def test_a_link_in_a_circle_is_not_followed(project):
    (project.root / "lib" / "again").symlink_to(project.root, target_is_directory=True)
    assert len(list(files(project))) == 6


def test_all_files_that_define_a_name(project):
    assert homes_of(project, "Net") == ["shop.net.Net", "shop.lib.other.Net"]
    assert homes_of(project, "Inner") == ["shop.net.Net.Inner"]
    assert homes_of(project, "Other") == ["shop.lib.deep.net.Other"]


def test_modules_by_their_last_names(project):
    assert inside(project, modules_named(project, "deep.net")) == ["lib/deep/net.py"]
    assert inside(project, modules_named(project, "deep")) == ["lib/deep/__init__.py"]
    assert modules_named(project, "ep") == []


def test_how_a_config_names_a_file(project):
    assert dotted_path(project, str(project.root / "lib" / "deep" / "__init__.py")) == "shop.lib.deep"
    assert dotted_path(project, str(project.root / "a.b" / "net.py")) is None


def test_what_a_dotted_name_leads_to(project):
    root = str(project.root)
    assert leads_to(project, root, ["lib", "deep", "net"]) == f"{root}/lib/deep/net.py"
    assert leads_to(project, root, ["lib", "deep"]) == f"{root}/lib/deep/__init__.py"
    assert leads_to(project, root, ["lib"]) == f"{root}/lib"
    assert leads_to(project, root, ["net", "deep"]) is None


@pytest.mark.parametrize(
    ("file", "dotted", "attribute", "folder"),
    [
        ("lib/other.py", "deep.net", "", "lib"),
        ("lib/other.py", "deep", "Other", "lib"),
        ("lib/other.py", "deep", "net", "lib"),
        ("lib/other.py", "deep.net", "Nothing", None),
        ("lib/deep/net.py", "other", "", "lib"),
        ("net.py", "lib.other", "", None),
        ("lib/other.py", "broken", "", None),
    ],
)
def test_a_project_within_the_project(project, file, dotted, attribute, folder):
    assert own_root(project, str(project.root / file), dotted, attribute) == folder


def test_the_text_of_what_cannot_be_read_is_empty(project, tmp_path, monkeypatch):
    assert text_of(project, str(project.root / "nothing.py")) == b""
    (tmp_path / "outside.py").write_text("x = 1")
    assert text_of(project, str(tmp_path / "outside.py")) == b""
    monkeypatch.setattr(searching, "LARGEST", 3)
    assert text_of(project, str(project.root / "net.py")) == b""


def test_a_path_is_shown_short(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert shown(str(tmp_path / "a" / "b")) == "a/b"
    assert shown("/a") == "/a"
