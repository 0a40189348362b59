"""Samples that cannot be read, replaced by others and counted, so that one broken file does not end a run."""

from lighter.training.unreadable.collating import ReplacingCollate
from lighter.training.unreadable.dataset import TolerantDataset, Unreadable

__all__ = ["ReplacingCollate", "TolerantDataset", "Unreadable"]
