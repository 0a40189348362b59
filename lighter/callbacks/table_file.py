"""A CSV file that is there only when it is whole, written by one process or by several."""

import csv
import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from lighter.errors import RunError, listing

IDENTIFIER = "identifier"

__all__ = ["IDENTIFIER", "TableFile"]


class TableFile:
    """The rows of one rank in a file of their own, beside the one that is to hold those of all ranks."""

    def __init__(self, final: Path, rank: int, ranks: int) -> None:
        self.final = final
        self.rows = 0
        self._rank, self._ranks = rank, ranks
        self._header: list[str] | None = None
        self._seen: defaultdict[int, int] = defaultdict(int)
        self._file: IO[str] = self.path.open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file)

    @property
    def path(self) -> Path:
        """The file of this rank."""
        return self._part(self._rank)

    def add(self, found: Mapping[str, list[Any]], identifiers: Sequence[Any] | None, count: int, loader: int) -> None:
        """Writes `count` rows: the identifiers, or running numbers, and the cells found, by column."""
        header = [IDENTIFIER, *found]
        if self._header is None:
            self._header = header
            self._writer.writerow(["loader", "number", *header] if self._ranks > 1 else header)
        elif header != self._header:
            raise RunError(
                f"TableWriter: the columns of this batch are {listing(header)}, "
                f"those of the batches before {listing(self._header)}; a table needs the same for all"
            )
        # Lightning deals the samples out like cards: the first to rank 0, the second to rank 1, and so on.
        start = self._seen[loader]
        numbers = range(start * self._ranks + self._rank, (start + count) * self._ranks + self._rank, self._ranks)
        self._seen[loader] += count
        rows = zip(numbers if identifiers is None else identifiers, *found.values(), strict=True)
        if self._ranks > 1:
            self._writer.writerows((loader, number, *row) for number, row in zip(numbers, rows, strict=True))
        else:
            self._writer.writerows(rows)

    def close(self) -> None:
        """Ends the writing."""
        self._file.close()

    def publish(self) -> None:
        """Gives the rows of all ranks their final name, all at once."""
        whole = self.path
        if self._ranks > 1:
            whole = self.final.with_name(f"{self.final.name}.part")
            self._join(whole)
        else:
            self.rows = sum(self._seen.values())
        whole.replace(self.final)

    def _join(self, whole: Path) -> None:
        parts = [self._part(rank) for rank in range(self._ranks)]
        with ExitStack() as stack:
            readers = [csv.reader(stack.enter_context(part.open(newline="", encoding="utf-8"))) for part in parts]
            headers = [header for reader in readers if (header := next(reader, None)) is not None]
            if any(header != headers[0] for header in headers):
                told = " and ".join(sorted({listing(header[2:]) for header in headers}))
                raise RunError(f"TableWriter: the ranks have different columns, {told}; a table needs the same for all")
            writer = csv.writer(stack.enter_context(whole.open("w", newline="", encoding="utf-8")))
            writer.writerows(header[2:] for header in headers[:1])
            for _, _, *row in heapq.merge(*readers, key=lambda row: (int(row[0]), int(row[1]))):
                writer.writerow(row)
                self.rows += 1
        for part in parts:
            part.unlink()

    def _part(self, rank: int) -> Path:
        return self.final.with_name(f"{self.final.name}.part{rank}")
