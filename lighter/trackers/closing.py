"""What trackers leave in a process is put back after a stage, so that the next one begins in a run of its own."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Lightning's loggers set these for the whole process.
_STORE, _MODE = "MLFLOW_TRACKING_URI", "WANDB_MODE"

__all__ = ["closing_trackers"]


@contextmanager
def closing_trackers() -> Iterator[None]:
    """Ends a run of Weights & Biases that was begun inside, as failed after an exception; forgets MLflow's store."""
    before = {name: os.environ.get(name) for name in (_STORE, _MODE)}
    running = _running()
    has_failed = True
    try:
        yield
        has_failed = False
    finally:
        if (mlflow := sys.modules.get("mlflow")) is not None and os.environ.get(_STORE) != before[_STORE]:
            mlflow.set_tracking_uri(before[_STORE])
        if (found := _running()) is not None and found is not running:
            found.finish(exit_code=int(has_failed))
        if (mode := before[_MODE]) is None:
            os.environ.pop(_MODE, None)
        else:
            os.environ[_MODE] = mode


def _running() -> Any:
    """The run that Weights & Biases has in this process; nothing is imported for it."""
    return getattr(sys.modules.get("wandb"), "run", None)
