"""Callbacks for the Trainer, each imported when it is first asked for."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lighter.callbacks.table_writer import TableWriter

_HOMES = {"TableWriter": "lighter.callbacks.table_writer"}

__all__ = ["TableWriter"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'lighter.callbacks' has no attribute '{name}'")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
