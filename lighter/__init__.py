"""Lighter: one YAML file names the pieces of a training run, PyTorch Lightning runs it.

These names, `lighter.plugins` and `lighter.callbacks` are what users are promised; whatever lies deeper may move.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lighter.config import Config
    from lighter.errors import ConfigError, LighterError, RunError, UsageError
    from lighter.project.registry import register
    from lighter.results.exporting import export
    from lighter.results.trained import load
    from lighter.runs.result import Result
    from lighter.runs.runner import Runner
    from lighter.training.adapters import BatchAdapter, CriterionAdapter, LoggingAdapter, MetricsAdapter
    from lighter.training.callbacks.file_writer import FileWriter
    from lighter.training.callbacks.freezer import Freezer
    from lighter.training.callbacks.table_writer import TableWriter
    from lighter.training.callbacks.unreadable_report import UnreadableReport
    from lighter.training.loaders.data_loader import DataLoader
    from lighter.training.optimizers.with_optimizer import with_optimizer
    from lighter.training.replacing import replace_layers
    from lighter.training.stages import Stage
    from lighter.training.system import System
    from lighter.training.unreadable import ReplacingCollate, TolerantDataset
    from lighter.training.weights import load_weights

__version__ = "0.3.0"

# Imported when they are first used: `import lighter` loads neither torch nor Lightning.
_HOMES = {
    "BatchAdapter": "training.adapters",
    "Config": "config",
    "ConfigError": "errors",
    "CriterionAdapter": "training.adapters",
    "DataLoader": "training.loaders.data_loader",
    "FileWriter": "training.callbacks.file_writer",
    "Freezer": "training.callbacks.freezer",
    "LighterError": "errors",
    "LoggingAdapter": "training.adapters",
    "MetricsAdapter": "training.adapters",
    "ReplacingCollate": "training.unreadable",
    "Result": "runs.result",
    "RunError": "errors",
    "Runner": "runs.runner",
    "Stage": "training.stages",
    "System": "training.system",
    "TableWriter": "training.callbacks.table_writer",
    "TolerantDataset": "training.unreadable",
    "UnreadableReport": "training.callbacks.unreadable_report",
    "UsageError": "errors",
    "export": "results.exporting",
    "load": "results.trained",
    "load_weights": "training.weights",
    "register": "project.registry",
    "replace_layers": "training.replacing",
    "with_optimizer": "training.optimizers.with_optimizer",
}
# Modules that older configs name: `_target_: lighter.weights.load_weights` still means what it did.
_FORMER = {
    "adapters": "training.adapters",
    "optimizers": "training.optimizers",
    "registry": "project.registry",
    "replacing": "training.replacing",
    "runner": "runs.runner",
    "system": "training.system",
    "unreadable": "training.unreadable",
    "weights": "training.weights",
}

__all__ = [
    "BatchAdapter",
    "Config",
    "ConfigError",
    "CriterionAdapter",
    "DataLoader",
    "FileWriter",
    "Freezer",
    "LighterError",
    "LoggingAdapter",
    "MetricsAdapter",
    "ReplacingCollate",
    "Result",
    "RunError",
    "Runner",
    "Stage",
    "System",
    "TableWriter",
    "TolerantDataset",
    "UnreadableReport",
    "UsageError",
    "export",
    "load",
    "load_weights",
    "register",
    "replace_layers",
    "with_optimizer",
]


def __getattr__(name: str) -> Any:
    if name in _FORMER:
        return importlib.import_module(f"lighter.{_FORMER[name]}")
    if name not in _HOMES:
        raise AttributeError(f"module 'lighter' has no attribute '{name}'")
    return getattr(importlib.import_module(f"lighter.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
