"""The log of a run: all that its console showed and its loggers said, and the traceback of a failure, in one file."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lighter.errors import visible
from lighter.runs.console.gathered_warnings import gathered_warnings
from lighter.runs.console.recording import Recording, printed_to
from lighter.runs.console.streams import Outlet, Tee
from lighter.training.lightnings import TOP_LEVEL
from lighter.training.ranks import is_first

# Those whose words get the time; what others show is printed by handlers of the user's, in the form that these have.
_STAMPED = ("lighter", *sorted(TOP_LEVEL), "py.warnings")


class _Keeping(logging.Handler):
    """Writes records to the log, unless a handler prints them, which writes them there too."""

    def __init__(self, recording: Recording) -> None:
        super().__init__()
        self._log = recording.log

    def emit(self, record: logging.LogRecord) -> None:
        if not _is_printed(record):
            self._log.add_record(record)


class _Showing(logging.Handler):
    """Shows warnings where nobody has set up logging, as Python does; as the last resort it keeps them, too."""

    def __init__(self, recording: Recording, is_last: bool = False) -> None:
        super().__init__(logging.WARNING)
        self._outlet, self._log = recording.err, recording.log if is_last else None

    def emit(self, record: logging.LogRecord) -> None:
        if self._outlet is not None and is_first():
            self._outlet.write(f"{visible(self.format(record))}\n")
        if self._log is not None:
            self._log.add_record(record)


@contextmanager
def records_kept(recording: Recording) -> Iterator[None]:
    """Keeps what loggers say in the log of the recording; everything is put back afterwards."""
    keeping = _Keeping(recording)
    ours, level, last = logging.getLogger("lighter"), logging.getLogger("lighter").level, logging.lastResort
    showing = _Showing(recording) if last is not None and not _is_shown(ours) else logging.NullHandler()
    _redirect(recording)
    ours.setLevel(logging.INFO)
    for name in _STAMPED:
        logging.getLogger(name).addHandler(keeping)
    ours.addHandler(showing)
    if last is not None:
        logging.lastResort = _Showing(recording, is_last=True)
    try:
        yield
    finally:
        logging.lastResort = last
        ours.removeHandler(showing)
        for name in _STAMPED:
            logging.getLogger(name).removeHandler(keeping)
        ours.setLevel(level)
        _give_back(recording)


def _redirect(recording: Recording) -> None:
    """Lets the handlers that write to the console write through the recording."""
    tees = {id(tee.outlet.stream): tee for tee in recording.tees.values()}
    for name, handler in _stream_handlers():
        tee = tees.get(id(handler.stream))
        if tee is not None:
            is_stamped = name.partition(".")[0] in _STAMPED or name in _STAMPED
            handler.setStream(tee.outlet if is_stamped else tee)


def _give_back(recording: Recording) -> None:
    """Lets all of them write to the console's own streams again, those too that were made meanwhile."""
    outlets = [tee.outlet for tee in recording.tees.values()]
    for _, handler in _stream_handlers():
        held: Any = handler.stream
        outlet = held.outlet if isinstance(held, Tee) else held
        if isinstance(outlet, Outlet) and outlet in outlets:
            handler.setStream(outlet.stream)


def _stream_handlers() -> Iterator[tuple[str, "logging.StreamHandler[Any]"]]:
    known = [logging.getLogger(), *logging.root.manager.loggerDict.values()]
    for logger in known:
        if not isinstance(logger, logging.Logger):  # a name that has only children
            continue
        for handler in logger.handlers:
            if isinstance(handler, logging.StreamHandler) and not isinstance(handler, logging.FileHandler):
                yield logger.name, handler


def _is_printed(record: logging.LogRecord) -> bool:
    return any(
        isinstance(handler, logging.StreamHandler)
        and isinstance(handler.stream, Tee)
        and record.levelno >= handler.level
        for handler in _chain(logging.getLogger(record.name))
    )


def _is_shown(logger: logging.Logger) -> bool:
    return any(not isinstance(handler, logging.FileHandler) for handler in _chain(logger))


def _chain(logger: logging.Logger) -> Iterator[logging.Handler]:
    """The handlers that a record of the logger comes to."""
    at: logging.Logger | None = logger
    while at is not None:
        yield from at.handlers
        at = at.parent if at.propagate else None


@contextmanager
def logged_to(path: Path, secrets: Iterable[str] = ()) -> Iterator[None]:
    """Adds to a file what is printed, logged and warned of meanwhile; everything is put back afterwards.

    Warnings are gathered, and shown together at the end. In the place of these secrets the file has stars.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with printed_to(path, secrets) as recording, records_kept(recording):
        try:
            with gathered_warnings(recording):
                yield
        except BaseException as error:
            recording.log.add_failure(error)
            raise
