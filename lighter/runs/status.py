"""How a run goes: which stage runs, or how it has ended; told also of a run that was killed."""

import json
import logging
import os
import socket
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from lighter.errors import LONGEST, RunError
from lighter.runs.folder import CHECKPOINTS, LOG, METRICS, STATUS, RunDirectory, read_mapping
from lighter.runs.launches import is_alive
from lighter.runs.locking import is_held, is_held_here, locked
from lighter.runs.plain_files import read_plain
from lighter.runs.record.masking import hidden
from lighter.runs.whole_files import write_whole
from lighter.training.ranks import is_first, rank
from lighter.training.stages import Stage

SILENCE = 3600  # seconds without a change after which a run of another machine is taken for killed
_EARLIER = "earlier"
_GROWING = (STATUS, LOG, CHECKPOINTS, METRICS)  # what a run writes while it runs
_LOGGER = logging.getLogger("lighter")


class State(StrEnum):
    """How a stage of a run goes or went. On disk a killed one is still `running`: nobody was left to write."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    KILLED = "killed"


class RunStatus(NamedTuple):
    """One stage of a run; `error` is the last line of its traceback.

    `ended` is None while it runs; of a killed one it is when a file of the run last changed.
    """

    stage: Stage
    state: State
    started: datetime
    ended: datetime | None = None
    error: str | None = None
    host: str = ""
    pid: int = 0

    @property
    def duration(self) -> timedelta:
        """How long it took, or has taken until now."""
        return (self.ended or _now()) - self.started


def read_status(run: RunDirectory) -> RunStatus | None:
    """How the latest stage in a run's folder goes or went; None where none is recorded."""
    statuses = read_statuses(run)
    return statuses[-1] if statuses else None


def read_statuses(run: RunDirectory) -> list[RunStatus]:
    """All stages that have run in a folder, in their order."""
    read = _read_all(run)
    # Where several say that they run, the lock is the latest's.
    return [
        one if _is_running(one, run) and (one is read[-1] or is_alive(one.pid)) else _killed(one, run) for one in read
    ]


@contextmanager
def running_in(run: RunDirectory, stage: Stage, secrets: Iterable[str] = ()) -> Iterator[None]:
    """Locks the folder while a stage runs, and records how it goes and ends; rank zero does, once.

    In the place of these secrets an error has stars. Raises RunError where another process runs there, unless both
    only evaluate.
    """
    if not is_first():
        with _noted(run, secrets):
            yield
        return
    if is_held_here(run.path):
        yield
        return
    with ExitStack() as stack:
        try:
            has_locks = stack.enter_context(locked(run.path, alone=stage is Stage.FIT))
        except BlockingIOError as error:
            raise _refusal(run) from error
        except OSError as error:
            _LOGGER.warning("the run folder '%s' cannot be locked: %s", run.path, error)
            has_locks = False
        if not has_locks and _is_taken(run, stage):
            raise _refusal(run)
        stack.enter_context(_recorded(run, stage, secrets))
        yield


@contextmanager
def _noted(run: RunDirectory, secrets: Iterable[str]) -> Iterator[None]:
    """Leaves what another rank fails with for the first, which only sees that nobody answers."""
    try:
        yield
    except Exception as error:
        with suppress(OSError):
            write_whole(_note(run, rank()), hidden(_last_line(error), secrets)[:LONGEST])
        raise


def _note(run: RunDirectory, rank: int | str) -> Path:
    return run.path / f".failed-rank{rank}"


def _failure(run: RunDirectory, own: str) -> str:
    """What failed first: what another rank has left, or this one's own."""
    for path in sorted(run.path.glob(_note(run, "*").name), key=lambda one: one.stat().st_mtime):
        try:
            told = read_plain(path).decode("utf-8", errors="replace")
        except OSError:  # nothing that a rank has left
            continue
        return own if told == own else f"{path.name.removeprefix('.failed-')}: {told}"
    return own


@contextmanager
def _recorded(run: RunDirectory, stage: Stage, secrets: Iterable[str]) -> Iterator[None]:
    begun = RunStatus(stage, State.RUNNING, _now(), host=socket.gethostname(), pid=os.getpid())
    # This process has the lock now: of those that run says the file only a process that is there, and only evaluates.
    earlier = [one if stage is not Stage.FIT and is_alive(one.pid) else _killed(one, run) for one in _read_all(run)]
    for path in run.path.glob(_note(run, "*").name):
        path.unlink(missing_ok=True)
    _write(run, [*earlier, begun])
    try:
        yield
    except BaseException as error:
        told = hidden(_last_line(error), secrets)[:LONGEST]
        told = _failure(run, told) if isinstance(error, Exception) else told
        _end(run, begun._replace(state=_state_after(error), ended=_now(), error=told))
        raise
    _end(run, begun._replace(state=State.FINISHED, ended=_now()))


def _end(run: RunDirectory, status: RunStatus) -> None:
    """Records the end of a stage where its begin is recorded: another evaluation may have begun here meanwhile."""
    rows = _read_all(run)
    place = next((n for n, row in enumerate(rows) if (row.pid, row.started) == (status.pid, status.started)), len(rows))
    _write(run, [*rows[:place], status, *rows[place + 1 :]])


def _write(run: RunDirectory, statuses: Sequence[RunStatus]) -> None:
    *earlier, latest = map(_plain, statuses)
    text = json.dumps({**latest, _EARLIER: earlier} if earlier else latest, indent=2)
    try:
        write_whole(run.path / STATUS, text + "\n")
    except OSError as error:
        _LOGGER.warning("'%s' could not be written: %s", run.path / STATUS, error)


def _plain(status: RunStatus) -> dict[str, Any]:
    ended = status.ended.isoformat() if status.ended is not None else None
    return {**status._asdict(), "started": status.started.isoformat(), "ended": ended}


def _read_all(run: RunDirectory) -> list[RunStatus]:
    """What the file says of each stage, the latest last."""
    try:
        written, _ = read_mapping(run.path / STATUS)
        rows = [*written.get(_EARLIER, ()), written]
    except TypeError:  # no run has written it
        return []
    return [status for row in rows if (status := _read(row)) is not None]


def _read(row: Any) -> RunStatus | None:
    """A row as it was written; None for what no run has written."""
    with suppress(KeyError, TypeError, ValueError, OverflowError):
        ended = _moment(row["ended"]) if row["ended"] else None
        error = str(row["error"]) if row["error"] is not None else None
        stage, state, started = Stage(row["stage"]), State(row["state"]), _moment(row["started"])
        return RunStatus(stage, state, started, ended, error, str(row["host"]), int(row["pid"]))
    return None


def _moment(written: str) -> datetime:
    """A time with its zone; one that was written without is of this machine's."""
    return datetime.fromisoformat(written).astimezone()


def _is_running(status: RunStatus, run: RunDirectory) -> bool:
    """Whether a stage still runs, as far as that can be seen from here."""
    if status.state is not State.RUNNING:
        return False
    is_local, held = status.host == socket.gethostname(), is_held(run.path)
    if held or (held is False and is_local):
        return held
    if is_local:
        return is_alive(status.pid)
    # Of another machine neither a lock nor a process can be seen for certain.
    return time.time() - _last_change(run).timestamp() < SILENCE


def _killed(status: RunStatus, run: RunDirectory) -> RunStatus:
    """A stage whose process is gone; one that has ended stays as it is."""
    if status.state is not State.RUNNING:
        return status
    error = _failure(run, "") or None  # Lightning kills the first rank where it waits for one that has failed
    return status._replace(state=State.KILLED, ended=max(status.started, _last_change(run)), error=error)


def _is_taken(run: RunDirectory, stage: Stage) -> bool:
    """Whether another process runs here, as far as that shows without locks."""
    status = read_status(run)
    if status is None or status.state is not State.RUNNING or status.pid == os.getpid():
        return False
    return Stage.FIT in (stage, status.stage)


def _refusal(run: RunDirectory) -> RunError:
    status = read_status(run)
    told, cure = "another process runs there", "wait for its end, or give another '--run_dir'"
    if status is not None:
        told = f"'{status.stage}' runs there since {status.started:%Y-%m-%d %H:%M:%S}, "
        told += f"on '{status.host}' as process {status.pid}"
        cure = f"wait for its end, stop it (kill {status.pid}), or give another '--run_dir'"
    return RunError(f"the run folder '{run.path}' is in use: {told}; {cure}")


def _state_after(error: BaseException) -> State:
    is_asked = isinstance(error, KeyboardInterrupt) or getattr(error, "state_of_run", None) == State.INTERRUPTED
    return State.INTERRUPTED if is_asked else State.FAILED


def _last_line(error: BaseException) -> str:
    """The exception as a traceback ends with it, in one line and without its notes."""
    told = traceback.TracebackException(type(error), error, None)
    told.__notes__ = None
    written = "".join(told.format_exception_only()).splitlines()
    lines = [line for line in written if line.strip() and not line.startswith(" ")]  # no place of a SyntaxError
    # What a DataLoader or a spawned rank hands on; the cause is at its end.
    is_of_worker = any(words in str(error) for words in ("Original Traceback", "terminated with the following error"))
    return (lines[-1] if is_of_worker else lines[0]) if lines else type(error).__name__


def _last_change(run: RunDirectory) -> datetime:
    changes: list[float] = [0]
    for name in _GROWING:
        with suppress(OSError):
            changes.append((run.path / name).stat().st_mtime)
    return datetime.fromtimestamp(max(changes)).astimezone()


def _now() -> datetime:
    return datetime.now().astimezone()
