"""A table that is there only when it is whole, written by one process or by several."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from lighter.errors import RunError, listing
from lighter.training.callbacks.cells import Columns, length
from lighter.training.callbacks.spool import Spool, in_order
from lighter.training.callbacks.table_formats import Rows, open_rows


class TableFile:
    """The rows of one rank, beside the file that is to hold those of all ranks.

    One process whose samples come in the order of the data (`is_ordered`) writes the table itself, under another name
    until it is whole. Otherwise each rank puts its rows down, and the first writes the table in the end.
    """

    def __init__(self, final: Path, format: str, rank: int = 0, ranks: int = 1, is_ordered: bool = True) -> None:
        self.final = final
        self.rows = self.left_out = 0
        self._format, self._rank, self._ranks = format, rank, ranks
        self._header: list[str] | None = None
        self._remove_old()
        part = self._part(rank)
        self._is_direct = ranks == 1 and is_ordered
        self._written: Rows | Spool = open_rows(format, part) if self._is_direct else Spool(part)

    def add(self, columns: Columns, numbers: np.ndarray[Any, Any], loader: int) -> None:
        """Takes rows, and the number that each one's sample has in the data of its loader."""
        header = list(columns)
        if self._header is None:
            self._header = header
        elif header != self._header:
            raise RunError(
                f"TableWriter: the columns of this batch are {listing(header)}, "
                f"those of the batches before {listing(self._header)}; a table needs the same for all"
            )
        if isinstance(self._written, Spool):
            self._written.add(columns, numbers, loader)
        else:
            self._written.write(columns)
            self.rows += length(columns)

    def close(self) -> None:
        """Ends the writing of this rank."""
        self._written.close()

    def publish(self) -> None:
        """Gives the rows of all ranks their final name, all at once."""
        if self._is_direct:
            self._part(0).replace(self.final)
            return
        parts = [self._part(rank) for rank in range(self._ranks)]
        whole = self.final.with_name(f"{self.final.name}.part")
        written = open_rows(self._format, whole)
        is_whole = False
        try:
            for columns, left_out in in_order(parts):
                written.write(columns)
                self.rows += length(columns)
                self.left_out += left_out
            is_whole = True
        finally:
            written.close(is_whole)
            if not is_whole:
                whole.unlink()
        whole.replace(self.final)
        for part in parts:
            _remove(part)

    def discard(self) -> None:
        """Ends the writing of this rank, and leaves nothing of it."""
        self._written.close(whole=False)
        _remove(self._part(self._rank))

    def _remove_old(self) -> None:
        """Removes what a killed run may have left: that of this rank, and of those that are no more."""
        _remove(self._part(self._rank))
        if self._rank == 0:
            _remove(self.final.with_name(f"{self.final.name}.part"))
            for path in self.final.parent.glob(f"{_escaped(self.final.name)}.part[0-9]*"):
                number = path.name.rpartition(".part")[2]
                if number.isdecimal() and int(number) >= self._ranks:
                    _remove(path)

    def _part(self, rank: int) -> Path:
        return self.final.with_name(f"{self.final.name}.part{rank}")


def _escaped(name: str) -> str:
    """A name that glob takes as it is."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
