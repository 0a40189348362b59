"""Checkpoints as files: written whole or not at all, and the one before kept."""

import os
import shutil
from pathlib import Path
from typing import Any

import torch
from pytorch_lightning.plugins.io import CheckpointIO, TorchCheckpointIO
from pytorch_lightning.strategies import DDPStrategy, SingleDeviceStrategy, Strategy
from typing_extensions import override

from lighter.runs.folder import PREVIOUS, SUFFIX
from lighter.runs.whole_files import opened_whole


class WholeCheckpointIO(TorchCheckpointIO):
    """Writes a checkpoint beside its place, and renames it when all of it is on the disk.

    Lightning writes into the folder for temporary files, and where that is another disk it copies: a run that is killed
    meanwhile has lost both the old checkpoint and the new.
    """

    @override
    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:
        """Writes a file of this machine whole or not at all; what is elsewhere is Lightning's to write."""
        if "://" in str(path) or storage_options is not None:
            super().save_checkpoint(checkpoint, path, storage_options)
            return
        with opened_whole(Path(path), is_synced=True) as file:
            torch.save(checkpoint, file)


def write_checkpoints_whole(strategy: Strategy) -> None:
    """Lets a strategy that writes one file write it whole, unless the config has said how files are written."""
    if isinstance(strategy, SingleDeviceStrategy | DDPStrategy):
        found: CheckpointIO = strategy.checkpoint_io
        if type(found) is TorchCheckpointIO:
            strategy.checkpoint_io = WholeCheckpointIO()


def keep_previous(last: Path) -> None:
    """Keeps the checkpoint that is about to be replaced under the name of the previous one."""
    if not last.exists():
        return
    previous = last.with_name(f"{PREVIOUS}{SUFFIX}")
    if previous.is_dir():
        shutil.rmtree(previous)
    if last.is_dir():
        previous.unlink(missing_ok=True)
        last.replace(previous)
        return
    beside = last.with_name(f".{PREVIOUS}{SUFFIX}")
    beside.unlink(missing_ok=True)
    try:
        os.link(last, beside)  # so that there is a last one at every moment
    except OSError:  # a file system without links
        last.replace(previous)
    else:
        beside.replace(previous)
