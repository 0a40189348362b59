"""Callbacks for the Trainer, each imported when it is first asked for."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lighter.callbacks.file_writer import FileWriter
    from lighter.callbacks.freezer import Freezer
    from lighter.callbacks.table_writer import TableWriter
    from lighter.callbacks.unreadable_report import UnreadableReport

_HOMES = {
    "FileWriter": "lighter.callbacks.file_writer",
    "Freezer": "lighter.callbacks.freezer",
    "TableWriter": "lighter.callbacks.table_writer",
    "UnreadableReport": "lighter.callbacks.unreadable_report",
}

__all__ = ["FileWriter", "Freezer", "TableWriter", "UnreadableReport"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'lighter.callbacks' has no attribute '{name}'")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
