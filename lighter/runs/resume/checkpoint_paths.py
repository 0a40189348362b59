"""The paths in a checkpoint: what callbacks know of the checkpoints they have kept, by where these lie now."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytorch_lightning as pl


def relocate(trainer: pl.Trainer, checkpoint: Mapping[str, Any], folder: Path) -> None:
    """Corrects the paths where the run's folder has moved; of another run's checkpoints, none is this run's best.

    Lightning would forget what was the best so far, and remove another run's best from a remote file system.
    """
    folder = folder.resolve()
    is_resumed = Path(str(trainer.ckpt_path)).resolve().is_relative_to(folder)
    callbacks: list[Any] = trainer.callbacks  # type: ignore[attr-defined]  # set by Lightning's connector
    for callback in callbacks:
        state = checkpoint.get("callbacks", {}).get(callback.state_key, {})
        then, now = state.get("dirpath"), getattr(callback, "dirpath", None)
        if then is None or now is None or str(then) == str(now):
            continue
        if is_resumed and Path(now).resolve().is_relative_to(folder):
            state |= _moved(state, str(then), str(now))
        else:
            state["best_model_path"] = ""


def _moved(value: Any, then: str, now: str) -> Any:
    if isinstance(value, dict):
        return {_moved(key, then, now): _moved(one, then, now) for key, one in value.items()}
    return now + value.removeprefix(then) if isinstance(value, str) and value.startswith(then) else value
