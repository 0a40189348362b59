"""A trained model as a file that other programs run, checked against the model on a batch of its own data."""

from lighter.results.exporting.exporting import Exported, export

__all__ = ["Exported", "export"]
