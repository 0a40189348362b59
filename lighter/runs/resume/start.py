"""A run that is to be resumed: its folder, the checkpoint it resumes from, and the steps that are logged already."""

from dataclasses import dataclass
from pathlib import Path

from lighter.config import Config
from lighter.errors import UsageError
from lighter.runs.checkpoints import require_intact
from lighter.runs.folder import LAST, METRICS, PREVIOUS, SUFFIX, RunDirectory, newest_run, no_run
from lighter.runs.resume.config_changes import require_resumable, warn_of_changes
from lighter.runs.trackers.loggers import cut_rows
from lighter.training.ranks import is_first

_WEIGHTS_ONLY = "args::fit::weights_only"


@dataclass(frozen=True, slots=True)
class ResumeStart:
    """A run with its checkpoint, if there is one, and the step that is logged next; None where it is a new run."""

    run: RunDirectory
    checkpoint: Path | None = None
    step: int | None = None


def run_to_resume(asked: str, name: str | None = None) -> RunDirectory:
    """The run of a folder, or the newest of a config. Raises UsageError, with what there is, where there is none."""
    if asked == LAST and name is not None:
        run = newest_run(name)
        if run is None:
            raise UsageError(f"no run of '{name}' has a checkpoint yet; leave '--resume' out to begin one")
        return run
    run = RunDirectory(Path(asked))
    if not run.holds_run:
        raise UsageError(no_run(run.path))
    return run


def checkpoint_to_resume(run: RunDirectory, config: Config, checkpoint: Path | None, force: bool) -> Path | None:
    """The checkpoint to resume from. Raises UsageError for a config that is another, RunError for a damaged file."""
    if force:
        warn_of_changes(run, config)
    else:
        require_resumable(run, config)
    path = checkpoint or _last(run)
    if path is not None:
        require_intact(path)
    return path


def _last(run: RunDirectory) -> Path | None:
    """The last checkpoint; the one before where a process was killed as it put a new one in its place."""
    names = (f"{LAST}{SUFFIX}", f"{PREVIOUS}{SUFFIX}")
    return next((path for name in names if (path := run.checkpoints / name).exists()), None)


def logged_steps(path: Path | None, config: Config) -> int:
    """How many steps the loggers of a run know of, by its checkpoint."""
    if path is None or path.is_dir():  # a part for each rank, to be read by its strategy alone
        return 0
    from lighter.runs.resume.resume_point import KEY
    from lighter.training.weights.checkpoint_file import read_checkpoint

    found = read_checkpoint(path, config.get(_WEIGHTS_ONLY, True))
    return int(found[KEY]["position"]["logged"] if KEY in found else found.get("global_step", 0))


def clean_up(run: RunDirectory, checkpoint: Path | None) -> None:
    """Deletes checkpoints that were never whole and, where the run starts again, the rows that it wrote before.

    To be called by who holds the run's lock: nobody else writes there then.
    """
    if not is_first():
        return
    for path in run.checkpoints.glob(f".*{SUFFIX}*"):
        path.unlink(missing_ok=True)
    if checkpoint is None:
        cut_rows(run.path / METRICS, 0, 0)
