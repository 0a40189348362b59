import json
import logging
import os
import platform
import socket
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lighter import Config, Runner
from lighter.runs.folder import ENVIRONMENT, SOURCES, STATUS, RunDirectory
from lighter.runs.record.environment import ask, record_environment, recording
from lighter.runs.status import State, read_status
from lighter.training.stages import Stage

FACTS = {"stage": "fit", "sources": ["config.yaml"], "seed": 3, "world_size": 2}
TWO_PROCESSES = ("trainer::devices=2", "trainer::strategy=ddp", "trainer::max_epochs=1")


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


def environment(run: RunDirectory) -> dict[str, Any]:
    return dict(json.loads((run.path / ENVIRONMENT).read_text()))


def names_in(run: RunDirectory) -> set[str]:
    return {path.name for path in run.path.iterdir()}


def test_a_run_records_what_it_was_and_later_stages_add_to_it(line: Path) -> None:
    runner = Runner("config.yaml", "trainer::max_epochs=1", "vars::password=t0ps3cret")
    run = runner.fit().run
    found = environment(run)
    assert (found["stage"], found["seed"], found["world_size"]) == ("fit", 1, 1)
    assert found["config"] == line.name  # of a config.yaml that of its folder
    assert found["sources"] == ["config.yaml", "trainer::max_epochs=1", "vars::password=$env('PASSWORD')"]
    assert (run.path / SOURCES / "config.yaml").read_text() == (line / "config.yaml").read_text()
    runner.test()
    (later,) = environment(run).pop("later")
    assert {*later} == {"stage", "command", "sources", "started"}
    assert later["stage"] == "test"
    assert not [path for path in run.path.rglob("*") if path.is_file() and b"t0ps3cret" in path.read_bytes()]
    assert not [name for name in names_in(run) if name.startswith(".") and name != ".lock"]


def test_a_run_that_fails_while_it_is_built_keeps_its_record(line: Path) -> None:
    run = RunDirectory(Path("one"))
    with pytest.raises(RuntimeError):
        Runner("config.yaml", "system::model::size=-1", run_dir="one").fit()
    assert environment(run)["world_size"] is None
    status = read_status(run)
    assert status is not None
    assert status.state is State.FAILED
    assert names_in(run) >= {"config.yaml", "log.txt", SOURCES, STATUS}


def test_two_processes_leave_one_record(line: Path) -> None:
    start = [sys.executable, "-m", "lighter", "fit", "config.yaml", *TWO_PROCESSES, "--run_dir=one"]
    done = subprocess.run(start, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    run = RunDirectory(Path("one"))
    found = environment(run)
    assert (found["world_size"], found.get("later")) == (2, None)
    assert found["command"][1:] == ["-m", "lighter", "fit", "config.yaml", *TWO_PROCESSES, "--run_dir=one"]
    assert (run.path / SOURCES / "overrides.txt").read_text().splitlines() == list(TWO_PROCESSES)
    written = json.loads((run.path / STATUS).read_text())
    assert (written["state"], written.get("earlier")) == ("finished", None)
    assert not [name for name in names_in(run) if name.startswith(".") and name != ".lock"]


def test_what_cannot_be_recorded_is_told_and_ends_no_run(line: Path, caplog: pytest.LogCaptureFixture) -> None:
    run = RunDirectory(Path("one"))
    (run.path / ENVIRONMENT).mkdir(parents=True)
    (run.path / STATUS).mkdir()
    assert Runner("config.yaml", "trainer::max_epochs=1", run_dir="one").fit().metrics
    assert "'one/environment.json' could not be recorded: " in caplog.text
    assert {record.levelno for record in caplog.records} == {logging.WARNING}
    assert "could not be recorded" in (run.path / "log.txt").read_text()


def test_git_is_not_asked_about_the_project_of_a_limited_config(line: Path, git) -> None:
    git("init", "-q", "line")
    run = RunDirectory(line)
    config = Config("config.yaml")
    for asked, is_told in ((config, True), (config.limited("torch,line"), False)):
        with recording(asked, run, Stage.FIT) as record:
            record.environment(1)
        assert (environment(run)["project"] is not None) is is_told
        (run.path / ENVIRONMENT).unlink()


def test_the_environment_is_written_once(line: Path) -> None:
    run = RunDirectory(line)
    with recording(Config("config.yaml"), run, Stage.FIT) as record:
        record.environment(4, seed=7)
        record.environment(5)
    assert (environment(run)["world_size"], environment(run)["seed"]) == (4, 1)
    assert "later" not in environment(run)


def test_a_seed_that_the_config_has_not_is_told(line: Path) -> None:
    run = RunDirectory(line)
    with recording(Config("config.yaml", "~seed"), run, Stage.FIT) as record:
        record.environment(1, seed=7)
    assert environment(run)["seed"] == 7
