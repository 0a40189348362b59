import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lighter import Config, Runner
from lighter.runs.folder import ENVIRONMENT, SOURCES, STATUS, RunDirectory
from lighter.runs.record.stage_record import recording
from lighter.runs.status import State, read_status
from lighter.training.stages import Stage

TWO_PROCESSES = ("trainer::devices=2", "trainer::strategy=ddp", "trainer::max_epochs=1")


def environment(run: RunDirectory) -> dict[str, Any]:
    return dict(json.loads((run.path / ENVIRONMENT).read_text()))


def files(run: RunDirectory) -> set[str]:
    return {path.name for path in run.path.iterdir()}


def test_a_run_records_what_it_was_and_later_stages_add_to_it(line: Path) -> None:
    runner = Runner("config.yaml", "trainer::max_epochs=1", "vars::password=t0ps3cret")
    run = runner.fit().run
    found = environment(run)
    assert (found["stage"], found["seed"], found["world_size"]) == ("fit", 1, 1)
    assert found["sources"] == ["config.yaml", "trainer::max_epochs=1", "vars::password=$env('PASSWORD')"]
    assert (run.path / SOURCES / "config.yaml").read_text() == (line / "config.yaml").read_text()
    runner.test()
    (later,) = environment(run).pop("later")
    assert {*later} == {"stage", "command", "sources", "started"}
    assert later["stage"] == "test"
    assert not [path for path in run.path.rglob("*") if path.is_file() and b"t0ps3cret" in path.read_bytes()]
    assert not [name for name in files(run) if name.startswith(".") and name != ".lock"]


def test_a_run_that_fails_while_it_is_built_keeps_its_record(line: Path) -> None:
    run = RunDirectory(Path("one"))
    with pytest.raises(RuntimeError):
        Runner("config.yaml", "system::model::size=-1", run_dir="one").fit()
    assert environment(run)["world_size"] is None
    status = read_status(run)
    assert status is not None
    assert status.state is State.FAILED
    assert files(run) >= {"config.yaml", "log.txt", SOURCES, STATUS}


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
    assert not [name for name in files(run) if name.startswith(".") and name != ".lock"]


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
