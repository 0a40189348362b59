from pathlib import Path

import pytest

from lighter.runs.jobs.job import Job, Outcome, Progress, outcome
from lighter.runs.jobs.running import command


def job(folder: Path) -> Job:
    return Job(folder / "runs" / "a", folder / "runs" / "a.yaml", ("fit", "test"), {"A": "1"}, "torch", folder)


def test_a_job_is_read_as_it_was_written(tmp_path: Path) -> None:
    job(tmp_path).write()
    assert Job.read(tmp_path / "runs" / "a") == job(tmp_path)
    assert outcome(tmp_path / "runs" / "a") == Outcome(Progress.WAITING)


def test_its_config_is_found_where_its_folder_was_moved_to(tmp_path: Path) -> None:
    job(tmp_path).write()
    (tmp_path / "runs").rename(tmp_path / "moved")
    assert Job.read(tmp_path / "moved" / "a").config == tmp_path / "moved" / "a.yaml"


@pytest.mark.parametrize("holds_run", [False, True])
def test_a_stage_is_begun_as_a_person_would_or_resumed(tmp_path: Path, holds_run: bool) -> None:
    one = job(tmp_path)
    one.folder.mkdir(parents=True)
    if holds_run:
        (one.folder / "config.yaml").touch()
    fit = [f"--resume={one.folder}"] if holds_run else [str(one.config), f"--run_dir={one.folder}"]
    assert command(one, "fit") == ["fit", *fit, "--allow=torch"]
    assert command(one, "test") == ["test", str(one.config), f"--run_dir={one.folder}", "--allow=torch"]
