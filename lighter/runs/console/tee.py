"""What stands for `sys.stdout` or `sys.stderr` while a run lasts."""

from collections.abc import Iterable
from typing import Any

from lighter.runs.console.log_file import LogFile
from lighter.runs.console.streams import Lines, Outlet, plain


class Tee:
    """Writes to the console, and in whole lines to the log; in all else it is the console's stream.

    Where somebody still holds it after the run, it writes to the console alone.
    """

    def __init__(self, outlet: Outlet, log: LogFile) -> None:
        self.outlet = outlet
        self._log: LogFile | None = log
        self._lines = Lines()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.outlet.stream, name)

    def write(self, text: str) -> int:
        """As `TextIO.write`."""
        count = self.outlet.write(text)
        if self._log is not None:
            for line in self._lines.feed(text):
                self._log.add(plain(line))
        return count

    def writelines(self, lines: Iterable[str]) -> None:
        """As `TextIO.writelines`."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """As `TextIO.flush`."""
        self.outlet.flush()

    def close_log(self) -> None:
        """Writes what has no end of line yet to the log, and no more."""
        if self._log is not None and (rest := self._lines.rest()):
            self._log.add(plain(rest))
        self._log = None
