"""What of a config may have changed when a run is resumed, and the refusal of what may not."""

import logging

from lighter.config import Config
from lighter.config.differing import Difference, differences
from lighter.config.dumping import dump
from lighter.config.key_path import KeyPath
from lighter.config.schema import ADAPTERS, ARGUMENTS, LOADERS, METRICS, RUN, SEED, SYSTEM, TRAINER, VARS
from lighter.config.tree import Mapping
from lighter.errors import UsageError
from lighter.runs.folder import CONFIG, RunDirectory
from lighter.training.stages import Mode

_LENGTHS = ("max_epochs", "max_steps", "max_time", "min_epochs", "min_steps")
_TOLD = ("callbacks", "enable_model_summary", "enable_progress_bar", "log_every_n_steps", "logger", "profiler")
_EVALUATED = ("check_val_every_n_epoch", "limit_predict_batches", "limit_test_batches", "num_sanity_val_steps")
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


def require_resumable(run: RunDirectory, config: Config) -> None:
    """Raises UsageError, with each difference, where a run would not be resumed as it began."""
    found = forbidden_changes(Config.load(str(run.path / CONFIG)), config)
    if found:
        lines = "\n".join(f"  {one}" for one in found)
        raise UsageError(
            f"the run '{run.path}' cannot be resumed as it began, for the config has changed:\n{lines}\n"
            "leave these changes out, or give '--force' to resume with them"
        )


def warn_of_changes(run: RunDirectory, config: Config) -> None:
    """Warns of what has changed where a run is resumed all the same; not all of it takes effect."""
    found = forbidden_changes(Config.load(str(run.path / CONFIG)), config)
    if found:
        change = "the run '%s' is resumed with another config; what its optimizer and scheduler were set to stays:\n%s"
        logging.getLogger("lighter").warning(change, run.path, "\n".join(f"  {one}" for one in found))


def forbidden_changes(old: Config, new: Config) -> list[Difference]:
    """The differences between two configs that change what would be trained."""
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
