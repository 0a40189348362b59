"""Reports which samples could not be read."""

import itertools
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import pytorch_lightning as pl
from typing_extensions import override

from lighter.training.ranks import gathered
from lighter.training.stages import Mode
from lighter.training.unreadable import Record, ReplacingCollate

LISTED = 5

log = logging.getLogger("lighter")


class UnreadableReport(pl.Callback):
    """Logs once an epoch how many samples could not be read, which and why; at the end, how many in all.

    It looks at the loaders whose collate function is a `lighter.ReplacingCollate`.

    Attributes:
        counts: by mode, how many times each index could not be read, on all ranks.
    """

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, dict[str, int]] = {}

    @override
    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._report(trainer, Mode.TRAIN, trainer.train_dataloader)

    @override
    def on_validation_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._report(trainer, Mode.VAL, trainer.val_dataloaders)

    @override
    def on_test_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._report(trainer, Mode.TEST, trainer.test_dataloaders)

    @override
    def on_predict_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._report(trainer, Mode.PREDICT, trainer.predict_dataloaders)

    @override
    def teardown(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        self._report_sum(trainer)

    @override
    def on_exception(self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException) -> None:
        self._report_sum(trainer)

    def _report_sum(self, trainer: pl.Trainer) -> None:
        if trainer.is_global_zero:
            for mode, found in self.counts.items():
                log.warning("%s: %d different samples could not be read in all", mode, len(found))
        self.counts = {}

    def _report(self, trainer: pl.Trainer, mode: Mode, loaders: Any) -> None:
        records = dict.fromkeys(_records(loaders))
        if not records:
            return
        trainer.strategy.barrier("UnreadableReport: all samples of the epoch are noted")
        # Ranks that were spawned share their records, and have read the same.
        by_path: dict[str, list[tuple[str, str]]] = {}
        for found in gathered({str(record.path): record.new() for record in records}):
            by_path |= found
        new = list(itertools.chain.from_iterable(by_path.values()))
        if not new:
            return
        counts = self.counts.setdefault(str(mode), {})
        for index, _ in new:
            counts[index] = counts.get(index, 0) + 1
        if trainer.is_global_zero:
            # 7 comes before 21.
            each = [f"  {index}: {reason}" for index, reason in sorted(set(new), key=lambda one: (len(one[0]), one[0]))]
            more = [f"  and {len(each) - LISTED} more"] if len(each) > LISTED else []
            what = f"{mode}, epoch {trainer.current_epoch}: {len(new)} samples could not be read"
            log.warning("%s", "\n".join([what, *each[:LISTED], *more]))


def _records(loaders: Any) -> Iterator[Record]:
    """The records of all loaders, however they are put together."""
    if isinstance(loaders, Mapping):
        loaders = list(loaders.values())
    if isinstance(loaders, list | tuple):
        for loader in loaders:
            yield from _records(loader)
    elif isinstance(collate := getattr(loaders, "collate_fn", None), ReplacingCollate):
        yield collate.record
