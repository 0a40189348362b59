"""Files that appear whole or not at all."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_OF_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)


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
    except BaseException as error:
        with suppress(OSError):  # where nothing can be written, nothing can be removed; the first error is told
            beside.unlink()
        if (first := _of_disk(error)) is not None:
            raise OSError(first.errno, first.strerror, str(path)) from error
        raise


def _of_disk(error: BaseException) -> OSError | None:
    """The first of the errors that one of the disk led to; torch, for one, raises another while it closes a file."""
    before = error.__cause__ or error.__context__
    first = _of_disk(before) if before is not None else None
    return first or (error if isinstance(error, OSError) and error.errno in _OF_DISK else None)
