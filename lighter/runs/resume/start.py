"""A run that is to be resumed: its folder, its checkpoint, the steps logged already, what may change of its config."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lighter.config import Config
from lighter.config.dumping import dump
from lighter.config.key_path import KeyPath
from lighter.config.paths import expanded
from lighter.config.schema import ADAPTERS, ARGUMENTS, LOADERS, METRICS, RUN, SEED, SYSTEM, TRAINER, VARS
from lighter.config.tree import Mapping
from lighter.errors import UsageError
from lighter.runs.checkpoints import require_intact
from lighter.runs.folder import CONFIG, LAST, PREVIOUS, SUFFIX, RunDirectory, newest_run, no_run
from lighter.runs.folder import METRICS as METRICS_FILE
from lighter.runs.trackers.metrics_rows import cut_rows
from lighter.training.ranks import is_first
from lighter.training.stages import Mode

if TYPE_CHECKING:
    from lighter.config.differing import Difference

_WEIGHTS_ONLY = "args::fit::weights_only"

_LENGTHS = ("max_epochs", "max_steps", "max_time", "min_epochs", "min_steps")
_TOLD = ("callbacks", "enable_model_summary", "enable_progress_bar", "log_every_n_steps", "logger", "profiler")
_EVALUATED = (
    *("check_val_every_n_epoch", "val_check_interval"),
    *("limit_predict_batches", "limit_test_batches", "limit_val_batches"),
    "num_sanity_val_steps",
)
# None of these changes what is computed from a batch, or which batch comes next.
_FREE: tuple[KeyPath, ...] = (
    (ARGUMENTS,),
    (RUN,),
    METRICS,
    (SYSTEM, "inferer"),
    (*ADAPTERS, "metrics"),
    (*ADAPTERS, "logging"),
    *((TRAINER, key) for key in (*_LENGTHS, *_TOLD, *_EVALUATED)),
    *((*place, mode) for place in (LOADERS, ADAPTERS) for mode in (Mode.VAL, Mode.TEST, Mode.PREDICT)),
)


class ResumeStart(NamedTuple):
    """A run with its checkpoint, if there is one, and the step that is logged next; None where it is a new run."""

    run: RunDirectory
    checkpoint: Path | None = None
    step: int | None = None


def run_to_resume(asked: str, config: Config | None = None) -> RunDirectory:
    """The run of a folder, or the newest of a config. Raises UsageError, with what there is, where there is none."""
    if asked == LAST and config is not None:
        run = newest_run(config.name, config.named_folder)
        if run is None:
            raise UsageError(f"no run of '{config.name}' has a checkpoint yet; leave '--resume' out to begin one")
        return run
    run = RunDirectory(Path(expanded(asked)))
    if not run.holds_run:
        raise UsageError(no_run(run.path))
    return run


def checkpoint_to_resume(run: RunDirectory, config: Config, checkpoint: Path | None, force: bool) -> Path | None:
    """The checkpoint to resume from. Raises UsageError for a config that is another, RunError for a damaged file."""
    check_changes(run, config, force)
    path = checkpoint or _last(run)
    if path is not None:
        require_intact(path)
    return path


def check_changes(run: RunDirectory, config: Config, force: bool) -> None:
    """Raises UsageError, with each difference, where a run would not be resumed as it began; with `force`, warns."""
    found = "\n".join(f"  {one}" for one in forbidden_changes(Config.load(str(run.path / CONFIG)), config))
    if found and not force:
        raise UsageError(
            f"the run '{run.path}' cannot be resumed as it began, for the config has changed:\n{found}\n"
            "leave these changes out, or give '--force' to resume with them"
        )
    if found:  # not all of it takes effect
        change = "the run '%s' is resumed with another config; what its optimizer was set to stays:\n%s"
        logging.getLogger("lighter").warning(change, run.path, found)


def forbidden_changes(old: Config, new: Config) -> "list[Difference]":
    """The differences between two configs that change what would be trained."""
    from lighter.config.differing import Difference, differences

    before, after = old.portable, new.portable
    found = differences(before, after)
    chosen = Difference((SEED,), old.dump(SEED).strip(), None) if SEED in old else None
    return [one for one in found if one != chosen and not (_is_free(one.place) or _is_unused(one.place, before, after))]


def _is_free(place: KeyPath) -> bool:
    return any(place[: len(free)] == free for free in _FREE)


def _is_unused(place: KeyPath, *trees: Mapping) -> bool:
    """Whether it is a free value to which nothing refers; where one was copied in, the copy shows the difference."""
    if place[0] != VARS:
        return False
    for tree in trees:
        for key, entry in tree.entries.items():
            if key != VARS and f"{VARS}::{place[1] if len(place) > 1 else ''}" in dump(entry.value):
                return False
    return True


def _last(run: RunDirectory) -> Path | None:
    """The last checkpoint; the one before where a process was killed as it put a new one in its place."""
    paths = (run.checkpoints / f"{name}{SUFFIX}" for name in (LAST, PREVIOUS))
    return next((path for path in paths if path.is_file() or path.is_dir()), None)  # a pipe would have no end


def logged_steps(path: Path | None, config: Config) -> int:
    """How many steps the loggers of a run know of, by its checkpoint."""
    if path is None or path.is_dir():  # a part for each rank, to be read by its strategy alone
        return 0
    from lighter.runs.resume.resume_point import KEY
    from lighter.training.checkpoint_file import read_checkpoint

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
        cut_rows(run.path / METRICS_FILE, 0, 0)
