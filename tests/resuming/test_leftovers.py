"""What a killed process has left half-done is gone when its run goes on."""

from pathlib import Path

from lighter.resuming.leftovers import clear_leftovers
from lighter.run_directory import RunDirectory

ROWS = "epoch,step,loss\n0,0,1.5\n0,1,1.4\n"


def left(folder: Path) -> RunDirectory:
    """A run that was killed as it wrote a checkpoint, and one beside it."""
    run = RunDirectory(folder)
    run.checkpoints.mkdir()
    for name in ("last.ckpt", "best.ckpt", ".last.ckpt.123", ".previous.ckpt", ".own"):
        (run.checkpoints / name).touch()
    (folder / "metrics.csv").write_text(ROWS, encoding="utf-8")
    return run


def test_checkpoints_that_were_never_whole_are_deleted(tmp_path: Path) -> None:
    run = left(tmp_path)
    clear_leftovers(run, run.checkpoints / "last.ckpt")
    assert sorted(path.name for path in run.checkpoints.iterdir()) == [".own", "best.ckpt", "last.ckpt"]
    assert (tmp_path / "metrics.csv").read_text() == ROWS  # the checkpoint tells which of them stay


def test_where_a_run_begins_anew_so_do_its_rows(tmp_path: Path) -> None:
    clear_leftovers(left(tmp_path), None)
    assert (tmp_path / "metrics.csv").read_text() == "epoch,step,loss\n"


def test_nothing_is_left_of_a_run_that_has_only_begun(tmp_path: Path) -> None:
    clear_leftovers(RunDirectory(tmp_path), None)
    assert list(tmp_path.iterdir()) == []
