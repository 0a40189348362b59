from pathlib import Path

import pytest

from lighter.checkpoints import Checkpoint, find_checkpoint
from lighter.errors import RunError
from lighter.run_directory import RunDirectory
from lighter.stages import Stage


@pytest.fixture(autouse=True)
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunDirectory:
    monkeypatch.chdir(tmp_path)
    run = RunDirectory(Path("runs/digits/2026-01-01"))
    run.checkpoints.mkdir(parents=True)
    (run.path / "config.yaml").write_text("")
    for name in ("best", "last"):
        (run.checkpoints / f"{name}.ckpt").write_text("")
    return run


def test_best_and_last_are_of_the_newest_run(run: RunDirectory) -> None:
    assert find_checkpoint("best", "digits", None, Stage.TEST) == Checkpoint(run.checkpoints / "best.ckpt", run)
    assert find_checkpoint("last", "digits", None, Stage.FIT) == Checkpoint(run.checkpoints / "last.ckpt", run)


def test_best_and_last_are_of_the_folder_asked_for(run: RunDirectory) -> None:
    found = find_checkpoint("best", "another", str(run.path), Stage.TEST)
    assert found.path == run.checkpoints / "best.ckpt"


def test_the_folder_of_a_run_means_its_best_checkpoint_but_for_fit(run: RunDirectory) -> None:
    assert find_checkpoint(None, "digits", str(run.path), Stage.TEST).path == run.checkpoints / "best.ckpt"
    assert find_checkpoint(None, "digits", str(run.path), Stage.FIT) == Checkpoint()


def test_without_a_wish_there_is_none() -> None:
    assert find_checkpoint(None, "digits", None, Stage.TEST) == Checkpoint()


def test_a_path_is_that_file(run: RunDirectory) -> None:
    path = run.checkpoints / "last.ckpt"
    assert find_checkpoint(str(path), "digits", None, Stage.TEST).path == path


def test_an_absent_file_is_told_with_the_nearest(run: RunDirectory) -> None:
    with pytest.raises(RunError, match=r"there is no checkpoint '.*besst.ckpt'; did you mean 'best.ckpt'\?"):
        find_checkpoint(str(run.checkpoints / "besst.ckpt"), "digits", None, Stage.TEST)


def test_no_run_is_told() -> None:
    with pytest.raises(RunError, match="no run of 'other' has a checkpoint yet; run 'lighter fit' first"):
        find_checkpoint("best", "other", None, Stage.TEST)


def test_a_folder_without_checkpoints_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="'empty' holds no checkpoint"):
        find_checkpoint("best", "other", "empty", Stage.TEST)
