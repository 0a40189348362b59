"""Code that lies beside a config, or below the working folder, and that no `project:` names."""

from pathlib import Path

import pytest

from lighter.project.forgotten_project import forgotten_project, is_code
from lighter.project.project import Project


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        "digitnet/models/net.py",
        "single.py",
        "src/inner/a.py",
        "conf/local/a.py",
        "model/tiny.yaml",
        "torch/nn.py",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("dotted", "folder", "told"),
    [
        ("digitnet.models.Net", "", "write 'project: digitnet'"),
        ("digitnet.models.Net", "conf", "write 'project: ../digitnet'"),
        ("local.a.Net", "conf", "write 'project: local'"),
        ("local.a.Net", "", ""),
        ("inner.a.Net", "", "write 'project: src/inner'"),
        ("single.Net", "", "write 'project: .' and 'project.single.Net'"),
        ("single", "conf", "write 'project: ..' and 'project.single'"),
        ("model.Net", "", ""),  # no code in it
        ("torch.nn.Liner", "", ""),  # never replaced
        ("nowhere.Net", "", ""),
        ("project.Net", "", "it stands for the folder that 'project:' names: write 'project: path/to/your/code'"),
    ],
)
def test_what_is_told(here: Path, dotted: str, folder: str, told: str) -> None:
    assert forgotten_project(dotted, here / folder) == told


def test_beside_another_project_it_is_imported(here: Path) -> None:
    project = Project.open(here / "digitnet")
    told = "write 'imports: {single: {path: ., module_name: single}}'"
    assert forgotten_project("single.Net", here, project).endswith(told)
    assert forgotten_project("digitnet.models.Nett", here, project) == ""
    assert forgotten_project("project.models.Nett", here, project) == ""


def test_what_was_loaded_from_there_lacks_something_else(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(here)
    import single  # type: ignore[import-not-found]  # written above

    assert forgotten_project("single.Nett", here) == ""
    assert single.__file__ == str(here / "single.py")


def test_what_is_code(here: Path) -> None:
    assert [name for name in ("digitnet", "single", "model", "src", "conf") if is_code(here / name)] == [
        "digitnet",
        "single",
        "src",
        "conf",
    ]
