"""What libraries say on every run that no user can act on, left out of console and log."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_LOGGERS = ("pytorch_lightning.utilities.rank_zero", "lightning.pytorch.utilities.rank_zero")
_WARNINGS = (
    # Evaluation needs the weights alone; a fit that goes on brings its own callbacks.
    ("Be aware that when using `ckpt_path`, callbacks", UserWarning),
    ("The dirpath has changed from", UserWarning),
    # Lightning's call of torch's pytree; mended in one of the two, not by a user.
    (r"`isinstance\(treespec, LeafSpec\)` is deprecated", FutureWarning),
)

__all__ = ["without_noise"]


@contextmanager
def without_noise() -> Iterator[None]:
    """Keeps advertisements and warnings about what the user did not write from being shown meanwhile."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addFilter(_is_news)
    try:
        with warnings.catch_warnings():
            for message, category in _WARNINGS:
                warnings.filterwarnings("ignore", message, category)
            yield
    finally:
        for logger in loggers:
            logger.removeFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a record says something of this run: not a tip to install a product, not that there is no TPU."""
    text = record.getMessage()
    return "Tip:" not in text and not text.startswith("TPU available: False")
