"""A folder as a project, and the names it owns."""

import pickle
from pathlib import Path

import pytest

from lighter.project.project import Project


def test_a_project_is_a_real_path_and_the_written_name(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert Project.open(tmp_path / "link") == Project(tmp_path.resolve() / "real", "link")
    assert Project.open(f"{tmp_path}/link/") == Project(tmp_path.resolve() / "real", "link")
    assert Project.open(f"{tmp_path}/link/../real") == Project(tmp_path.resolve() / "real", "real")


@pytest.mark.parametrize("written", [".", "", "../work", "./", "sub/.."])
def test_a_relative_path_has_a_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    (tmp_path / "work" / "sub").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    assert Project.open(written) == Project((tmp_path / "work").resolve(), "work")


def test_it_survives_pickling(tmp_path: Path) -> None:
    project = Project.open(tmp_path)
    assert pickle.loads(pickle.dumps(project)) == project


@pytest.mark.parametrize("dotted", ["net", "net.models", "net.models.Net", "project", "project.models", "net..x"])
def test_it_owns_its_name_and_the_alias(dotted: str) -> None:
    assert Project(Path("/x/net"), "net").owns(dotted)


@pytest.mark.parametrize("dotted", ["network", "networks.net", "projects.x", "torch.net", "Net.models", "", ".net"])
def test_it_owns_nothing_else(dotted: str) -> None:
    assert not Project(Path("/x/net"), "net").owns(dotted)


def test_a_name_with_a_dot_is_one_name() -> None:
    project = Project(Path("/x/densenet.pytorch"), "densenet.pytorch")
    assert project.split("densenet.pytorch.densenet.DenseNet") == ("densenet.pytorch", "densenet.DenseNet")
    assert project.split("project.densenet.DenseNet") == ("project", "densenet.DenseNet")
    assert project.split("densenet.other") is None
    assert Project(Path("/x/project.v2"), "project.v2").split("project.v2.net") == ("project.v2", "net")


def test_a_folder_that_is_not_there_is_told_with_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "digits").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModuleNotFoundError) as raised:
        Project.open("digit")
    assert str(raised.value) == "there is no folder 'digit' for the project; did you mean 'digits'?"
    with pytest.raises(ModuleNotFoundError, match=r"^there is no folder 'nowhere/digit' for the project$"):
        Project.open("nowhere/digit")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("net.py", "the project 'net.py' is a file: name the folder that holds it"),
        ("a\0b", r"'a\x00b' cannot be a folder: it holds a NUL character"),
        ("/", "'/' is the whole disk: name a folder in it as the project"),
    ],
)
def test_what_is_no_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, message: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.py").touch()
    with pytest.raises(ModuleNotFoundError) as raised:
        Project.open(written)
    assert str(raised.value) == message
