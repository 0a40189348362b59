"""Predictions as a table, written while they are made."""

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytorch_lightning as pl
from typing_extensions import override

from lighter.training.adapters.accessors import Transforms
from lighter.training.adapters.calls import ArgumentSpec
from lighter.training.callbacks.prediction_writer import Numbering, Predicted, PredictionWriter, arguments, writing
from lighter.training.callbacks.samples import Column, Columns, cells
from lighter.training.callbacks.table_file import TableFile, format_of, picked
from lighter.training.stages import Stage

DEFAULT_PATH = "predictions/predictions.csv"
IDENTIFIER, LOADER = "identifier", "loader"
LARGE = 10_000  # numbers in a cell that are better off in a file of their own

log = logging.getLogger("lighter")


class TableWriter(PredictionWriter):
    """Writes a table with one row for each sample: its identifier or number in the data, and its prediction.

    Rows are written batch by batch. The file gets its name when it is complete, in the order of the data and with each
    sample once, on several ranks too. `path_written` is then that file.

    Args:
        path: the file, relative to the run folder (the Trainer's `default_root_dir`); it ends in .csv or .parquet.
            `predictions/predictions.csv` if it is left out.
        columns: what is written: a list such as `["pred", "target"]`, or a mapping from names of columns such as
            `{label: "pred::logits"}`; by default the whole of pred. A vector has a column for each of its values.
        transforms: for `pred`, `target` or `input` a function, or a list of them, applied to the batch first.
        stages: `predict` (the default), `test` or both.
        format: `csv` or `parquet`, where the path does not say.

    Raises:
        ValueError: a format, stage or column that is not known.
        RunError: when it writes, a value has not one entry for each sample, or the file cannot be written.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        columns: Sequence[ArgumentSpec] | Mapping[str, ArgumentSpec] | None = None,
        transforms: Mapping[str, Transforms] | None = None,
        stages: Sequence[str] = (Stage.PREDICT,),
        format: str | None = None,
    ) -> None:
        super().__init__(Path(DEFAULT_PATH if path is None else path), stages)
        self._format = format_of(self.path, format)
        self._columns = arguments(columns, transforms, "TableWriter", "columns")
        for name in {IDENTIFIER, LOADER} & self._columns.keys():
            raise ValueError(f"TableWriter(columns): '{name}' is a column of its own; give yours another name")
        self._table: TableFile | None = None
        self._has_warned = False

    @override
    def _folder(self, path: Path) -> Path:
        return path.parent

    @override
    def _open(self, trainer: pl.Trainer, numbering: Numbering) -> None:
        final = self._path(trainer)
        with writing(self._asker, final):
            self._table = TableFile(final, self._format, trainer.global_rank, trainer.world_size, numbering.is_ordered)
        self._has_warned = False

    @override
    def _write(self, batch: Predicted) -> None:
        assert self._table is not None
        found = cells({name: column(batch.sources) for name, column in self._columns.items()}, batch.size, self._lists)
        columns: Columns = {IDENTIFIER: _names(batch), **found}
        if len(self._loaders) > 1:
            columns = {LOADER: [self._loaders[batch.loader]] * batch.size, **columns}
        numbers = batch.samples.numbers
        if batch.samples.kept is not None:
            rows = np.flatnonzero(batch.samples.kept)
            columns, numbers = picked(columns, rows), numbers[rows]
        self._warn_of_size(found)
        with writing(self._asker, self._table.final):
            self._table.add(columns, numbers, batch.loader)

    @override
    def _finish(self, trainer: pl.Trainer) -> None:
        table = self._table
        assert table is not None
        with writing(self._asker, table.final):
            table.close()
        trainer.strategy.barrier("TableWriter: all rows are written")
        if trainer.is_global_zero:
            with writing(self._asker, table.final):
                table.publish()
            log.info("predictions of %d samples: %s", table.rows, table.final)
            if not table.rows:
                log.warning("TableWriter: predict_step gave nothing, so '%s' is empty", table.final)
            if table.left_out:
                log.info("%d rows of samples that several ranks had are left out", table.left_out)
        trainer.strategy.barrier("TableWriter: the table is whole")
        self._table = None

    @override
    def _discard(self) -> None:
        table, self._table = self._table, None
        if table is not None:
            table.discard()

    def _warn_of_size(self, columns: Columns) -> None:
        """Says once that a table is no place for images."""
        if self._has_warned:
            return
        self._has_warned = True
        for name, column in columns.items():
            first = column[0] if len(column) else None
            if isinstance(first, np.ndarray) and first.size > LARGE:
                log.warning(
                    "TableWriter: a cell of '%s' holds %d numbers; lighter.callbacks.FileWriter writes a file a sample",
                    name,
                    first.size,
                )


def _names(batch: Predicted) -> Column:
    """What the rows are called: identifiers, or numbers; nothing where these are not known."""
    if batch.identifiers is not None:
        return batch.identifiers
    return batch.samples.numbers if batch.samples.are_known else [None] * batch.size
