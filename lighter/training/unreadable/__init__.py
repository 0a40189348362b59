"""Samples that cannot be read, replaced by others and counted, so that one broken file does not end a run."""

from lighter.training.unreadable.samples import ReplacingCollate, TolerantDataset, Unreadable

__all__ = ["ReplacingCollate", "TolerantDataset", "Unreadable"]
