"""The log of a run: all that its console showed, and the traceback of a failure, in one file."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lighter.runs.console.gathered_warnings import gathered_warnings
from lighter.runs.console.log_records import records_kept
from lighter.runs.console.recording import printed_to


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
