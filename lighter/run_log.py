"""The log of a run: what loggers and warnings say, and the traceback of a failure, in one file."""

import logging
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lighter.ranks import is_first

_LOGGERS = ("lighter", "pytorch_lightning", "lightning", "py.warnings")
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

__all__ = ["logged_to"]


@contextmanager
def logged_to(path: Path) -> Iterator[None]:
    """Writes what is logged meanwhile to a file as well; everything is put back afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(_FORMAT))
    level = logging.getLogger("lighter").level
    logging.getLogger("lighter").setLevel(logging.INFO)
    for name in _LOGGERS:
        logging.getLogger(name).addHandler(handler)
    try:
        with _warnings_too(handler), _still_shown():
            yield
    except BaseException as error:
        handler.emit(_record("".join(traceback.format_exception(error))))
        raise
    finally:
        logging.getLogger("lighter").setLevel(level)
        for name in _LOGGERS:
            logging.getLogger(name).removeHandler(handler)
        handler.close()


@contextmanager
def _still_shown() -> Iterator[None]:
    """Lets Python show what Lighter warns of where nobody has set up logging, as it does while there is no handler."""
    logger, last = logging.getLogger("lighter"), logging.lastResort
    others = [h for h in logger.handlers if not isinstance(h, logging.FileHandler)]
    if last is None or others or (logger.propagate and logging.getLogger().handlers) or not is_first():
        yield
        return
    logger.addHandler(last)
    try:
        yield
    finally:
        logger.removeHandler(last)


@contextmanager
def _warnings_too(handler: logging.Handler) -> Iterator[None]:
    """Copies each warning that is shown into the log; how it is shown stays as it was."""
    shown = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], filename: str, lineno: int, *rest: object) -> None:
        handler.emit(_record(f"{category.__name__}: {message} ({filename}:{lineno})", logging.WARNING))
        shown(message, category, filename, lineno, *rest)  # type: ignore[arg-type]  # passed on as it came

    warnings.showwarning = show  # type: ignore[assignment]  # the same call
    try:
        yield
    finally:
        warnings.showwarning = shown


def _record(text: str, level: int = logging.ERROR) -> logging.LogRecord:
    return logging.LogRecord("lighter", level, __file__, 0, text, None, None)
