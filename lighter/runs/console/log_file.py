"""The file `log.txt` of a run."""

import logging
import os
import traceback
import warnings
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from lighter.errors import LighterError, visible
from lighter.runs.folder import rank_log
from lighter.runs.record.masking import hidden
from lighter.training.ranks import is_first, rank

KEPT = 1000  # lines of another rank
TRACEBACK = "Traceback (most recent call last):"  # with which Python begins one

_FORMAT = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


class LogFile:
    """Appends lines as they come, without these secrets.

    Only rank zero writes; another keeps its last lines, for the case that it fails.
    """

    def __init__(self, path: Path, secrets: Iterable[str] = ()) -> None:
        self.path = path
        self._secrets = tuple(secrets)
        self._file: int | None = None
        self._kept: deque[str] = deque(maxlen=KEPT)
        self._is_full = False

    def add(self, text: str) -> None:
        """Appends a text as a line, or some."""
        text = visible(hidden(text, self._secrets))
        if not is_first():
            self._kept.append(text)
        elif not self._is_full:
            self._append(text)

    def add_record(self, record: logging.LogRecord) -> None:
        """Appends what a logger says, with the time."""
        self.add(_FORMAT.format(record))

    def add_told(self, text: str, level: int = logging.INFO, name: str = "lighter") -> None:
        """Appends what Lighter itself says, or the logger of this name, with the time."""
        self.add_record(logging.LogRecord(name, level, __file__, 0, text, None, None))

    def add_failure(self, error: BaseException) -> None:
        """Appends a traceback, and notes where; another rank's, with its last lines, goes to a file of that rank."""
        told = "".join(traceback.format_exception(error))
        self.add_told(told, logging.ERROR)
        path = self.path
        if self._kept and isinstance(error, Exception):
            path = rank_log(self.path, rank())
            with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.writelines(f"{line}\n" for line in self._kept)
        if isinstance(error, Exception) and not isinstance(error, LighterError):
            error.add_note(f"log, with all frames: {path}")

    def close(self) -> None:
        """Gives the file back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _append(self, text: str) -> None:
        try:
            if self._file is None:
                self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
            # One call, so that neither a killed process nor another one, a fork say, leaves half a line.
            os.write(self._file, f"{text}\n".encode(errors="backslashreplace"))
        except OSError as error:
            self._is_full = True  # a log that cannot be written stops no training
            warnings.warn(f"the log '{self.path}' ends here: {error}", stacklevel=2)
