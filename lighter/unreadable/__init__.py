"""Samples that cannot be read, replaced by others and counted, so that one broken file does not end a run."""

from lighter.unreadable.collating import ReplacingCollate
from lighter.unreadable.dataset import TolerantDataset, Unreadable

__all__ = ["ReplacingCollate", "TolerantDataset", "Unreadable"]
