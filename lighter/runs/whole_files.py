"""Files that appear whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes a file that appears whole or not at all."""
    with opened_whole(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def opened_whole(path: Path, is_synced: bool = False) -> Iterator[BinaryIO]:
    """A file to write to, beside its place until all is written; `is_synced` waits until it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Of a name of its own, not by tempfile, which would make a file that nobody else may read.
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            yield file
            if is_synced:
                file.flush()
                os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
