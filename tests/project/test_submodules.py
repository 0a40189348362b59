"""Git submodules that are still empty."""

import pytest

from lighter.project.project import Project
from lighter.project.submodules import command, empty_submodules, is_empty, meant_submodule

MODULES = '[submodule "a"]\n\tpath = third-party/lion\n\turl = x\n[submodule "b"]\n  path=full\n'


@pytest.fixture
def repository(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return make("cats", {".gitmodules": MODULES, "full/a.py": "", "src/net.py": "", ".git/HEAD": ""})


def test_those_that_hold_nothing(repository):
    assert empty_submodules(repository) == [str(repository.root / "third-party" / "lion")]
    (repository.root / "third-party" / "lion").mkdir(parents=True)
    (repository.root / "third-party" / "lion" / ".git").touch()
    assert empty_submodules(repository) == [str(repository.root / "third-party" / "lion")]
    (repository.root / "third-party" / "lion" / "a.py").touch()
    assert empty_submodules(repository) == []


@pytest.mark.parametrize("name", ["third_party.lion.mane", "lion", "Lion.x"])
def test_the_one_that_is_meant(repository, name):
    lion = meant_submodule(repository, name)
    assert lion == str(repository.root / "third-party" / "lion")
    assert command(repository, lion) == "run 'git submodule update --init third-party/lion' in 'cats'"


def test_none_is_meant_by_another_name(repository):
    assert meant_submodule(repository, "full") is None
    assert meant_submodule(repository, "mane") is None


def test_the_project_may_be_a_folder_of_the_repository(repository):
    project = Project.open(repository.root / "src")
    lion = meant_submodule(project, "lion")
    assert command(project, lion) == "run 'git submodule update --init third-party/lion' in 'cats'"


def test_what_lies_above_the_checkout_does_not_count(make):
    make("above", {".gitmodules": MODULES})
    assert empty_submodules(make("above/cats", {".git/HEAD": "", "net.py": ""})) == []


def test_without_submodules_there_are_none(make):
    assert empty_submodules(make("dogs", {"a.py": ""})) == []


def test_what_is_empty(tmp_path):
    assert is_empty(str(tmp_path))
    assert is_empty(str(tmp_path / "nothing"))
    (tmp_path / "file").touch()
    assert not is_empty(str(tmp_path))
    assert not is_empty(str(tmp_path / "file"))
