"""A trial that says at each validation where it stands, and ends early where the sweep has told it to.

They speak by files in the trial's folder: it costs a training nothing, and works wherever the folder is seen.
"""

from collections.abc import Sequence
from pathlib import Path

import pytorch_lightning as pl
from pytorch_lightning.trainer.states import TrainerFn
from typing_extensions import override

from lighter.runs.sweeps.trial_files import STOP, append_report, monitored
from lighter.training.lightning_internals import without_idle_hooks


@without_idle_hooks
class TrialReports(pl.Callback):
    """Writes the monitored values down after each validation, and looks whether the trial is to stop."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.folder = folder
        self.names = tuple(names)

    @override
    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        if trainer.sanity_checking or trainer.state.fn != TrainerFn.FITTING:
            return
        if trainer.is_global_zero and all(name in trainer.callback_metrics for name in self.names):
            values = [float(trainer.callback_metrics[name]) for name in self.names]
            append_report(self.folder, trainer.global_step, values)
        is_asked = (self.folder / STOP).exists()
        if trainer.strategy.reduce_boolean_decision(is_asked, all=False):
            trainer.should_stop = True


def reports_of(folder: Path) -> list[TrialReports]:
    """What a run gets that is a trial of a sweep."""
    names = monitored(folder)
    return [TrialReports(folder, names)] if names else []
