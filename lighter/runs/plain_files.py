"""The files of a run, opened only where they are plain files: a link may lead out of its folder, a pipe has no end."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

MOST = 32 * 2**20  # bytes of a record; those of a run that is well have some thousands


def open_plain(path: Path) -> BinaryIO:
    """Opens a file to be read. Raises OSError where it is absent, a link, a folder, a pipe or a device."""
    try:
        file = open(path, "rb", opener=_open_itself)  # noqa: SIM115  # the caller closes it; Path.open takes no opener
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(error.errno, "it is a link", str(path)) from error
        raise
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise OSError(errno.EINVAL, "it is no plain file", str(path))


def read_plain(path: Path, most: int = MOST) -> bytes:
    """All that a plain file holds. Raises OSError as above, and where it is larger."""
    with open_plain(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most / 2**20:.0f} MiB", str(path))
    return content


def obstacle(path: Path) -> str:
    """Why nothing can be written to a file of a run: a link or anything else that is no plain file lies there."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return ""
    if stat.S_ISREG(mode):
        return ""
    return "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "no plain file"


def _open_itself(path: str, flags: int) -> int:
    """Follows no link, and waits for no writer of a pipe."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
