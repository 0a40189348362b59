"""The console of a command: whoever reads it may be gone, or its disk be full, and the command goes on."""

import io
import os
import select
import sys
from typing import Any, TextIO

_NAMES = ("stdin", "stdout", "stderr")


class Console(io.FileIO):
    """Writes to a file descriptor until that fails; from then on what is written there, by whomever, goes nowhere."""

    lost: OSError | None = None

    def write(self, data: Any, /) -> int:
        """All of it, as a file opened to be written does; of a pipe that is full, when there is room."""
        left = memoryview(data).cast("B")
        size = left.nbytes
        try:
            while left:
                count = super().write(left)
                if count is None:  # somebody has made it non-blocking
                    select.select([], [self], [])
                else:
                    left = left[count:]
        except OSError as error:
            self.lost = error
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
        return size


def keep_console() -> None:
    """Lets stdout and stderr be written to whatever becomes of them; what a codec lacks is written escaped.

    One that is closed is the null device: else the next file that is opened would take its place, and get what is
    printed. Streams that somebody has put in the place of Python's stay as they are.
    """
    for descriptor, name in enumerate(_NAMES):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest that is free: this one
        stream: TextIO | None = getattr(sys, name)
        if descriptor and stream is getattr(sys, f"__{name}__") and not isinstance(_raw(stream), Console):
            setattr(sys, name, _kept(descriptor, stream))
            setattr(sys, f"__{name}__", getattr(sys, name))


def lost(stream: TextIO) -> OSError | None:
    """Why a stream can no longer be written to."""
    return getattr(_raw(stream), "lost", None)


def _kept(descriptor: int, stream: TextIO | None) -> TextIO:
    raw = Console(descriptor, "w", closefd=False)
    if not isinstance(stream, io.TextIOWrapper):
        return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace")
    stream.flush()
    return io.TextIOWrapper(
        raw if stream.write_through else io.BufferedWriter(raw),  # as Python itself does
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _raw(stream: TextIO | None) -> object:
    buffer = getattr(stream, "buffer", None)
    return getattr(buffer, "raw", buffer)
