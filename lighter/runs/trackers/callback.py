"""The callback that informs trackers of their run."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytorch_lightning as pl
from typing_extensions import override

from lighter.config.logger_schema import tracker_kind
from lighter.runs.trackers.loggers import is_of_run
from lighter.runs.trackers.metrics_rows import count_rows, cut_rows, rows_of
from lighter.runs.trackers.record import KIND, Plain, Record, Setting, log_hyperparameters, write_trackers
from lighter.training.ranks import is_first

ROWS = "rows"


class RunTracking(pl.Callback):
    """Logs hyperparameters and the run folder to each tracker at the start of its run, and writes down which run it is.

    `places` are those of the loggers in the config, None for one that has none. A checkpoint knows how many rows of
    each CSV file were written before it; a resumed fit drops the others.
    """

    def __init__(
        self,
        setting: Setting,
        record: Record,
        parameters: Mapping[str, Plain],
        loggers: Sequence[Any],
        places: Sequence[str | None],
    ) -> None:
        super().__init__()
        self._run, self._step = setting.run, setting.step
        self._record, self._parameters, self._places = record, parameters, places
        self._files = [rows_of(logger) for logger in loggers if tracker_kind(type(logger)) == "CSVLogger"]

    @override
    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Tells each tracker whose run is new what runs; Lightning has opened them just before."""
        if not trainer.is_global_zero:
            return
        from lighter.runs.trackers.kinds import identity, reopen

        record = dict(self._record)
        for place, logger in zip(self._places, trainer.loggers, strict=False):  # a fast_dev_run has others
            if place in record and record[place][KIND] == tracker_kind(type(logger)):
                reopen(logger, self._parameters)
                continue
            if not is_of_run(logger, self._run):
                log_hyperparameters(logger, self._parameters)
            if place is not None and (found := identity(logger)) is not None:
                record[place] = found
        if record != self._record:
            write_trackers(self._run, record)

    @override
    def state_dict(self) -> dict[str, Any]:
        """How many rows each file has."""
        return {ROWS: [count_rows(file) for file in self._files]}

    @override
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Drops the rows of what is done again."""
        if self._step is not None and is_first():
            for file, count in zip(self._files, state_dict[ROWS], strict=False):
                cut_rows(file, count, self._step)
