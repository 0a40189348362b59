"""What a project has elsewhere, and which of its folders are empty."""

import os

import pytest

from lighter.project import searching
from lighter.project.project import Project
from lighter.project.searching import Search, is_empty

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
    assert inside(project, Search(project).files) == found


def test_the_search_has_an_end(project, monkeypatch):
    monkeypatch.setattr(searching, "MOST_FILES", 2)
    assert inside(project, Search(project).files) == ["broken.py", "net.py"]
    monkeypatch.setattr(searching, "LONGEST", -1)
    assert Search(project).files == []
    monkeypatch.undo()
    monkeypatch.setattr(searching, "MOST_FOLDERS", 1)
    assert inside(project, Search(project).files) == ["broken.py", "net.py"]


def test_a_link_in_a_circle_is_not_followed(project):
    (project.root / "lib" / "again").symlink_to(project.root, target_is_directory=True)
    assert len(Search(project).files) == 6


def test_all_files_that_define_a_name(project):
    assert Search(project).homes("Net") == ["shop.net.Net", "shop.lib.other.Net"]
    assert Search(project).homes("Inner") == ["shop.net.Net.Inner"]
    assert Search(project).homes("Other") == ["shop.lib.deep.net.Other"]


def test_modules_by_their_last_names(project):
    assert inside(project, Search(project).modules_named("deep.net")) == ["lib/deep/net.py"]
    assert inside(project, Search(project).modules_named("deep")) == ["lib/deep/__init__.py"]
    assert Search(project).modules_named("ep") == []


def test_how_a_config_names_a_file(project):
    assert Search(project).dotted_path(str(project.root / "lib" / "deep" / "__init__.py")) == "shop.lib.deep"
    assert Search(project).dotted_path(str(project.root / "a.b" / "net.py")) is None


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
    assert Search(project).own_root(str(project.root / file), dotted, attribute) == folder


def test_the_text_of_what_cannot_be_read_is_empty(project, tmp_path, monkeypatch):
    assert Search(project).text(str(project.root / "nothing.py")) == b""
    (tmp_path / "outside.py").write_text("x = 1")
    assert Search(project).text(str(tmp_path / "outside.py")) == b""
    monkeypatch.setattr(searching, "LARGEST", 3)
    assert Search(project).text(str(project.root / "net.py")) == b""


MODULES = '[submodule "a"]\n\tpath = third-party/lion\n\turl = x\n[submodule "b"]\n  path=full\n'


@pytest.fixture
def repository(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return make("cats", {".gitmodules": MODULES, "full/a.py": "", "src/net.py": "", ".git/HEAD": ""})


def test_those_that_hold_nothing(repository):
    assert Search(repository).empty_submodules == [str(repository.root / "third-party" / "lion")]
    (repository.root / "third-party" / "lion").mkdir(parents=True)
    (repository.root / "third-party" / "lion" / ".git").touch()
    assert Search(repository).empty_submodules == [str(repository.root / "third-party" / "lion")]
    (repository.root / "third-party" / "lion" / "a.py").touch()
    assert Search(repository).empty_submodules == []


def test_what_is_no_plain_file_names_none(repository, tmp_path):
    modules = repository.root / ".gitmodules"
    modules.rename(tmp_path / "modules")
    modules.symlink_to(tmp_path / "modules")  # git follows none either
    assert Search(repository).empty_submodules == []
    modules.unlink()
    os.mkfifo(modules)
    assert Search(repository).empty_submodules == []
    modules.unlink()
    with modules.open("wb") as file:
        file.write(MODULES.encode())
        file.truncate(3 * 2**30)  # a hole, which takes no room on the disk
    assert len(Search(repository).empty_submodules) == 1


LION = "the git submodule '{}' is empty: run 'git submodule update --init third-party/lion' in 'cats'"


@pytest.mark.parametrize("name", ["third_party.lion.mane", "lion", "Lion.x"])
def test_the_one_that_is_meant(repository, name):
    assert Search(repository).empty(name, []) == LION.format("third-party/lion")


def test_none_is_meant_by_another_name(repository):
    assert Search(repository).empty("full", []) == ""
    assert Search(repository).empty("mane", []) == ""


def test_the_project_may_be_a_folder_of_the_repository(repository):
    project = Project.open(repository.root / "src")
    assert Search(project).empty("lion", []) == LION.format("../third-party/lion")


def test_what_lies_above_the_checkout_does_not_count(make):
    make("above", {".gitmodules": MODULES})
    assert Search(make("above/cats", {".git/HEAD": "", "net.py": ""})).empty_submodules == []


def test_without_submodules_there_are_none(make):
    assert Search(make("dogs", {"a.py": ""})).empty_submodules == []


def test_what_is_empty(tmp_path):
    assert is_empty(str(tmp_path))
    assert is_empty(str(tmp_path / "nothing"))
    (tmp_path / "file").touch()
    assert not is_empty(str(tmp_path))
    assert not is_empty(str(tmp_path / "file"))
