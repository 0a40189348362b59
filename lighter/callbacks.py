"""Callbacks for the Trainer, each imported when it is first asked for."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lighter.training.callbacks.file_writer import FileWriter
    from lighter.training.callbacks.freezer import Freezer
    from lighter.training.callbacks.table_writer import TableWriter
    from lighter.training.callbacks.unreadable_report import UnreadableReport

_HOMES = {
    "FileWriter": "lighter.training.callbacks.file_writer",
    "Freezer": "lighter.training.callbacks.freezer",
    "TableWriter": "lighter.training.callbacks.table_writer",
    "UnreadableReport": "lighter.training.callbacks.unreadable_report",
}

__all__ = ["FileWriter", "Freezer", "TableWriter", "UnreadableReport"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'lighter.callbacks' has no attribute '{name}'")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
