"""Which samples could not be read, noted by any process of a run and read by the one that began it."""

import json
import os
import tempfile
import uuid
import weakref
from collections.abc import Iterable
from pathlib import Path

from lighter.training.unreadable.dataset import Unreadable


class Record:
    """A file of lines, since worker processes share nothing else that survives every way to start them.

    There is none until the first sample is noted, and none after the process that made this object.
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.gettempdir(), f"lighter-unreadable-{uuid.uuid4().hex}.jsonl")
        self._read = 0
        weakref.finalize(self, _remove, self.path, os.getpid())

    def add(self, samples: Iterable[Unreadable]) -> None:
        """Notes samples."""
        lines = "".join(json.dumps([str(one.index), one.reason]) + "\n" for one in samples)
        # One write at the end of the file: what several processes add does not mix.
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, lines.encode())
        finally:
            os.close(file)

    def new(self) -> list[tuple[str, str]]:
        """(index, reason) of those noted since this was asked last."""
        if not self.path.exists():
            return []
        with self.path.open("rb") as file:
            file.seek(self._read)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        return [(index, reason) for index, reason in map(json.loads, whole.splitlines())]


def _remove(path: Path, process: int) -> None:
    # A forked worker has a copy of the object, and lets go of it first.
    if os.getpid() == process:
        path.unlink(missing_ok=True)
