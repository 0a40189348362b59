"""Predictions as a table, written while they are made."""

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytorch_lightning as pl
from typing_extensions import override

from lighter.adapters.accessors import SEPARATOR
from lighter.adapters.calls import Argument, ArgumentSpec
from lighter.adapters.transforms import Transforms, check_names, functions_by_source
from lighter.callbacks.cells import cells
from lighter.callbacks.table_file import IDENTIFIER, TableFile
from lighter.logged import sample_count
from lighter.stages import Stage

DEFAULT_PATH = "predictions/predictions.csv"
STAGES = (Stage.PREDICT, Stage.TEST)

log = logging.getLogger("lighter")

__all__ = ["TableWriter"]


class TableWriter(pl.Callback):
    """Writes a CSV file with one row for each sample: its identifier or running number, and its prediction.

    `path` is relative to the Trainer's default_root_dir. `columns` says what is written, as the arguments of a
    criterion are said: a list such as ["pred", "target"], or a mapping from names such as
    {label: {of: pred, part: logits}}; by default the whole of pred. `transforms` are functions by source, such as
    {pred: ...}. `stages`: predict, test or both.
    Rows reach the file batch by batch; it gets its name when it is whole, in the order of the data also on several
    ranks. `path_written` is then that file.
    """

    writes_predictions: ClassVar[bool] = True

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        columns: Sequence[ArgumentSpec] | Mapping[str, ArgumentSpec] | None = None,
        transforms: Mapping[str, Transforms] | None = None,
        stages: Sequence[str] = (Stage.PREDICT,),
    ) -> None:
        super().__init__()
        check_names(stages, STAGES, "TableWriter(stages)")
        self.path = Path(DEFAULT_PATH if path is None else path)
        self.path_written: Path | None = None
        self._stages = tuple(stages)
        by_source = functions_by_source(transforms, "TableWriter")
        self._columns = {
            name: Argument(spec, f"TableWriter({name})", by_source) for name, spec in _named(columns).items()
        }
        self._table: TableFile | None = None

    @override
    def on_predict_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Opens the file."""
        self._start(trainer, Stage.PREDICT)

    @override
    def on_test_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Opens the file, if test is among the stages."""
        self._start(trainer, Stage.TEST)

    @override
    def on_predict_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Writes the rows of the batch."""
        self._write(outputs, dataloader_idx)

    on_test_batch_end = on_predict_batch_end

    @override
    def on_predict_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Gives the file its name."""
        self._finish(trainer)

    on_test_end = on_predict_end

    @override
    def on_exception(self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException) -> None:
        """Leaves no file behind."""
        if self._table is not None:
            self._table.close()
            self._table.path.unlink(missing_ok=True)
            self._table = None

    def _start(self, trainer: pl.Trainer, stage: Stage) -> None:
        if stage in self._stages:
            path = Path(trainer.default_root_dir) / self.path
            path.parent.mkdir(parents=True, exist_ok=True)
            self._table = TableFile(path, trainer.global_rank, trainer.world_size)

    def _write(self, outputs: Any, loader: int) -> None:
        if self._table is None:
            return
        whole = outputs if isinstance(outputs, Mapping) and "pred" in outputs else {"pred": outputs}
        sources = (whole.get("input"), whole.get("target"), whole["pred"])
        identifiers = whole.get(IDENTIFIER)
        first = whole["pred"] if sources[0] is None else sources[0]
        count = sample_count(first, sources[1], identifiers)
        found: dict[str, list[Any]] = {}
        for name, column in self._columns.items():
            found |= cells(name, column(sources), count)
        if identifiers is not None:
            (identifiers,) = cells(IDENTIFIER, identifiers, count).values()
        self._table.add(found, identifiers, count, loader)

    def _finish(self, trainer: pl.Trainer) -> None:
        table, self._table = self._table, None
        if table is None:
            return
        table.close()
        trainer.strategy.barrier("TableWriter: all parts are written")
        if trainer.is_global_zero:
            table.publish()
            log.info("predictions of %d samples: %s", table.rows, table.final)
        trainer.strategy.barrier("TableWriter: the table is whole")
        self.path_written = table.final


def _named(columns: Sequence[ArgumentSpec] | Mapping[str, ArgumentSpec] | None) -> Mapping[str, ArgumentSpec]:
    if columns is None:
        return {"pred": "pred"}
    if isinstance(columns, Mapping):
        return columns
    if isinstance(columns, list | tuple) and all(isinstance(spec, str) for spec in columns):
        return {str(spec).replace(SEPARATOR, "_"): spec for spec in columns}
    raise TypeError(f"TableWriter(columns): a list of texts, or a mapping from names, is wanted, not {columns!r}")
