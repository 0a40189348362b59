"""What libraries say on every run that no user can act on, left out of console and log."""

import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from lighter.training.lightnings import FABRICS, PACKAGES

_IN_SLURM = "SLURM_JOB_ID"
_LOGGERS = tuple(
    f"{package}.utilities.{name}" for package in (*PACKAGES, *FABRICS) for name in ("rank_zero", "distributed")
)
# What Lighter says itself, in a line ("running on ..."), what the config sets, and advertisements.
_TOLD = re.compile(
    r"💡 Tip:|\w+ available: |LOCAL_RANK: |Initializing distributed: |-+\ndistributed_backend="
    r"|`Trainer\.\w+` stopped: |`Trainer\(\w+=|Using (16bit|bfloat16|16-bit) |Seed set to |Restoring states from "
    r"|Restored all states from |\s*Detected KeyboardInterrupt|`weights_only` was not set"
)
_WARNINGS = (
    # Evaluation needs the weights alone; a fit that is resumed brings its own callbacks.
    ("Be aware that when using `ckpt_path`, callbacks", UserWarning),
    ("The dirpath has changed from", UserWarning),
    # The averages are the weights of the checkpoint.
    ("You're using the WeightAveraging callback, but loading a checkpoint outside the 'fit' stage", UserWarning),
    # The batches that an epoch has seen are drawn again, or the loader is told where it was.
    ("You're resuming from a checkpoint that ended before the epoch ended", UserWarning),
    # The folder is the run's own, and holds what its stages before have left.
    ("Checkpoint directory .* exists and is not empty", UserWarning),
    ("Experiment logs directory .* exists and is not empty", UserWarning),
    # Lightning's call of torch's pytree; mended in one of the two, not by a user.
    (r"`isinstance\(treespec, LeafSpec\)` is deprecated", FutureWarning),
)
# Lightning's advice to start with srun, of use in a job of SLURM alone.
_OUTSIDE_SLURM = ("The `srun` command is available on your system but is not used", UserWarning)


@contextmanager
def without_noise() -> Iterator[None]:
    """Keeps advertisements and warnings about what the user did not write from being shown meanwhile."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addFilter(_is_news)
    try:
        with warnings.catch_warnings():
            for message, category in _WARNINGS if _IN_SLURM in os.environ else (*_WARNINGS, _OUTSIDE_SLURM):
                warnings.filterwarnings("ignore", message, category)
            yield
    finally:
        for logger in loggers:
            logger.removeFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a record says something of this run that nothing else says."""
    return _TOLD.match(record.getMessage()) is None
