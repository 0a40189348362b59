"""What a killed process has left half-done in the folder of a run that goes on."""

from pathlib import Path

from lighter.run_directory import METRICS, SUFFIX, RunDirectory
from lighter.trackers.rows import cut_rows
from lighter.training.ranks import is_first

__all__ = ["clear_leftovers"]


def clear_leftovers(run: RunDirectory, checkpoint: Path | None) -> None:
    """Deletes checkpoints that were never whole and, where the run begins anew, the rows of its first life.

    To be called by who holds the run's lock: nobody else writes there then.
    """
    if not is_first():
        return
    for path in run.checkpoints.glob(f".*{SUFFIX}*"):
        path.unlink(missing_ok=True)
    if checkpoint is None:
        cut_rows(run.path / METRICS, 0, 0)
