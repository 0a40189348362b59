import json
import os
import platform
import socket
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lighter.runs.folder import ENVIRONMENT
from lighter.runs.record.environment import ask, record_environment

FACTS = {"stage": "fit", "sources": ["config.yaml"], "seed": 3, "world_size": 2}


@pytest.fixture
def place(repository: Path) -> Path:
    """The folder of a run, outside the repository that is the current folder."""
    place = repository.parent / f"{repository.name}_run"
    place.mkdir()
    return place


def recorded(place: Path, project: Path | None = None, **facts: Any) -> dict[str, Any]:
    record_environment(place, ask(project, Path.cwd()), {**FACTS, **facts}, [])
    return dict(json.loads((place / ENVIRONMENT).read_text()))


def test_what_a_run_was_started_with(place: Path, git) -> None:
    found = recorded(place)
    assert {key: found[key] for key in FACTS} == FACTS
    assert found["command"]
    assert datetime.fromisoformat(found["started"]).tzinfo is not None
    assert (found["host"], found["python"]) == (socket.gethostname(), platform.python_version())
    assert found["platform"].startswith(platform.system())
    assert {"cpu", "cores", "memory_gib", "gpus"} == {*found["hardware"]}
    assert found["packages"]["torch"].startswith("2.")
    assert found["project"] is None
    here = str(Path.cwd())
    commit = git("rev-parse", "HEAD")
    assert found["folder"] == {"path": here, "repository": here, "commit": commit, "dirty": False, "diff": None}
    assert [path.name for path in place.iterdir()] == [ENVIRONMENT]


def test_one_repository_is_asked_and_written_once(place: Path, repository: Path) -> None:
    (repository / "net").mkdir()
    (repository / "net" / "code.py").write_text("")
    (repository / "code.py").write_text("one = 2\n")
    found = recorded(place, repository / "net")
    assert found["project"]["path"] == str(repository / "net")
    assert found["project"]["repository"] == found["folder"]["path"] == str(repository)
    assert found["project"]["diff"] == found["folder"]["diff"] == "project.diff"
    assert {path.name for path in place.iterdir()} == {ENVIRONMENT, "project.diff"}
    text = (place / "project.diff").read_text()
    assert "#   net/\n" in text
    assert "+one = 2\n" in text


def test_two_repositories_are_told_apart(place: Path, repository: Path, git) -> None:
    project = repository.parent / f"{repository.name}_project"
    git("clone", "-q", ".", str(project))
    (project / "code.py").write_text("one = 3\n")
    (repository / "code.py").write_text("one = 2\n")
    found = recorded(place, project)
    assert (found["project"]["diff"], found["folder"]["diff"]) == ("project.diff", "folder.diff")
    assert "+one = 3\n" in (place / "project.diff").read_text()
    assert "+one = 2\n" in (place / "folder.diff").read_text()


def test_what_is_no_repository_is_null(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    found = recorded(place, Path.cwd())
    assert (found["project"], found["folder"]) == (None, None)


def test_what_git_cannot_tell_is_a_problem_there(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    found = recorded(place)
    assert (found["folder"]["commit"], found["folder"]["dirty"]) == (None, None)
    assert "dubious ownership" in found["folder"]["problem"]


def test_a_later_stage_adds_what_is_different(place: Path, repository: Path) -> None:
    first = recorded(place)
    (repository / "code.py").write_text("one = 2\n")
    changed = {**first, "packages": {**first["packages"], "torch": "1.0", "gone": "3"}, "host": "elsewhere"}
    (place / ENVIRONMENT).write_text(json.dumps(changed))
    found = recorded(place, stage="test")
    (later,) = found.pop("later")
    assert found == changed
    assert {*later} == {"stage", "command", "sources", "started", "host", "packages", "folder"}
    assert (later["stage"], later["packages"]) == ("test", {"gone": None, "torch": first["packages"]["torch"]})
    assert later["folder"]["diff"] == "folder.diff"
    assert len(recorded(place, stage="predict")["later"]) == 2
    (repository / "code.py").write_text("one = 3\n")
    assert recorded(place)["later"][2]["folder"]["diff"] == "folder.2.diff"
    assert "+one = 2\n" in (place / "folder.diff").read_text()


def test_the_folder_of_runs_is_not_told_as_unknown(repository: Path) -> None:
    place = repository / "runs" / "config" / "2026"
    place.mkdir(parents=True)
    (place / "log.txt").write_text("")
    assert recorded(place)["folder"]["diff"] is None
    # Where git tells of nothing below, the folder may hold code as well.
    (repository / "exp").mkdir()
    os.chdir(repository / "exp")
    inside = Path("runs", "one")
    inside.mkdir(parents=True)
    (inside / "log.txt").write_text("")
    recorded(inside)
    assert "#   exp/\n" in (inside / "folder.diff").read_text()


def test_a_file_that_is_no_record_is_replaced(place: Path) -> None:
    (place / ENVIRONMENT).write_text("[1")
    assert recorded(place)["seed"] == 3
