"""Lighter: one YAML file names the pieces of a training run, PyTorch Lightning runs it."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lighter.config import Config
    from lighter.errors import ConfigError
    from lighter.results.trained import load
    from lighter.runs.runner import Runner
    from lighter.training.loaders.data_loader import DataLoader
    from lighter.training.system import System

__version__ = "0.2.0"

# Imported when they are first used: `import lighter` loads neither torch nor Lightning.
_HOMES = {
    "Config": "lighter.config",
    "ConfigError": "lighter.errors",
    "DataLoader": "lighter.training.loaders.data_loader",
    "Runner": "lighter.runs.runner",
    "System": "lighter.training.system",
    "load": "lighter.results.trained",
}

__all__ = ["Config", "ConfigError", "DataLoader", "Runner", "System", "load"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'lighter' has no attribute '{name}'")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
