"""The folder of a run: where it lies, what each file in it is called, and how a run or its checkpoint is found."""

import json
import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from lighter.config.composing import CONFIG_FILE, ENVIRONMENT_FILE, recorded_name
from lighter.config.paths import expanded
from lighter.config.run_folder import TIME, RunFolder
from lighter.errors import PathError, RunError, listing, missing_part
from lighter.runs.launches import agreed, launch_name
from lighter.runs.plain_files import obstacle, read_plain
from lighter.runs.whole_files import write_whole

RUNS = Path("runs")

# All that a run's folder may hold. The record of the environment has diffs beside it (`diff_names`), the copied sources
# are mappings (`mapping_names`) and files, and a rank that fails leaves a log of its own (`rank_log`) and a note.
CONFIG, LOG, STATUS, LOCK = CONFIG_FILE, "log.txt", "status.json", ".lock"
RESULTS, METRICS, TRACKERS, TENSORBOARD = "results.json", "metrics.csv", "trackers.json", "tensorboard"
ENVIRONMENT, SOURCES, OVERRIDES = ENVIRONMENT_FILE, "sources", "overrides.txt"
CHECKPOINTS, PREDICTIONS, REPORT = "checkpoints", "predictions", "report.html"
BEST, LAST, AVERAGED, PREVIOUS, EXCEPTION = "best", "last", "averaged", "previous", "exception"
SUFFIX = ".ckpt"
JOB = "job"  # the folder of the job that does the run, if one does: `lighter.runs.jobs.job`
SUMMARY, SUMMARY_TABLE = "summary.json", "summary.csv"  # in the folder of a series, above those of its runs

# What a run writes itself, and reads again.
OWN = frozenset({CONFIG, LOG, STATUS, LOCK, RESULTS, METRICS, TRACKERS, ENVIRONMENT, SOURCES, CHECKPOINTS, JOB, REPORT})

_NAMED_BY_TIME = re.compile(r"(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d)(_\d+)?")
_LARGEST = 300  # digits of a number that is a `float` as well
# Ranks that Lightning starts are told by it which folder rank zero has chosen.
_CHOSEN = "LIGHTER_RUN_DIR"


class RunDirectory(NamedTuple):
    """One run's folder."""

    path: Path

    @property
    def checkpoints(self) -> Path:
        """Where its checkpoints lie."""
        return self.path / CHECKPOINTS

    @property
    def holds_run(self) -> bool:
        """Whether a run has begun here."""
        return (self.path / CONFIG).exists()

    def checkpoint(self, name: str) -> Path | None:
        """The `best`, `averaged` or `last` checkpoint, as the run recorded it or under its usual name."""
        recorded = self.results().get(CHECKPOINTS)
        path = recorded.get(name) if isinstance(recorded, dict) else None
        candidates = list(self._places(path)) if isinstance(path, str) else []
        usual = (LAST, PREVIOUS, EXCEPTION) if name == LAST else (name,)
        candidates += [self.checkpoints / f"{one}{SUFFIX}" for one in usual]
        return next((path for path in candidates if path.is_file() or path.is_dir()), None)  # no pipe: it has no end

    @property
    def kept(self) -> Path | None:
        """What stands for the run where none is asked for: averaged weights, else the best, else the last."""
        return next(filter(None, map(self.checkpoint, (AVERAGED, BEST, LAST))), None)

    def record_checkpoints(self, found: Mapping[str, str]) -> None:
        """Writes down where its checkpoints lie: in this folder, which may be moved or copied, or elsewhere."""
        self.record(CHECKPOINTS, {name: self._written(path) for name, path in found.items()})

    def _written(self, path: str) -> str:
        if "://" in path:
            return path
        whole, folder = Path(path).parent.resolve() / Path(path).name, self.path.resolve()
        return str(whole.relative_to(folder) if whole.is_relative_to(folder) else whole)

    def _places(self, recorded: str) -> Iterator[Path]:
        """Where a recorded checkpoint may lie now: before all in this folder, wherever that was when it was written."""
        parts = Path(recorded).parts
        yield from (self.checkpoints.joinpath(*parts[at + 1 :]) for at, one in enumerate(parts) if one == CHECKPOINTS)
        yield self.path / recorded

    def results(self) -> dict[str, Any]:
        """What the stages of this run have recorded; nothing, and a warning, where the file cannot be read."""
        path = self.path / RESULTS
        found, fault = read_mapping(path)
        if fault:
            _warn_unread(path, fault)
        return found

    def record(self, name: str, results: Any) -> None:
        """Adds results, of a stage say, to those recorded before."""
        text = json.dumps({**self.results(), name: results}, indent=2, default=str)
        write_whole(self.path / RESULTS, text + "\n")


def read_mapping(path: Path) -> tuple[dict[str, Any], str]:
    """The mapping in a JSON file of a run; empty where the file is not there, or with the reason if it is broken."""
    found, fault = read_json(path)
    if found is None or isinstance(found, dict):
        return found or {}, fault
    return {}, "it holds no mapping"


def read_json(path: Path) -> tuple[Any, str]:
    """What a JSON file of a run holds; None where the file is not there, or with the reason if it is broken."""
    try:
        return json.loads(read_plain(path), parse_int=_whole), ""
    except FileNotFoundError:
        return None, ""
    except OSError as error:
        return None, error.strerror or str(error)
    except ValueError as error:
        return None, f"it is no JSON ({error})"
    except RecursionError:
        return None, "it is nested too deep"


def _whole(digits: str) -> int | float:
    """A whole number; one that no fraction can be as large as is infinite to all who reckon with it."""
    return int(digits) if len(digits) < _LARGEST else float(digits)


@cache  # whoever looks for a run's checkpoint reads the file again
def _warn_unread(path: Path, reason: str) -> None:
    logging.getLogger("lighter").warning("'%s' cannot be read, and is passed over: %s", path, reason)


def rank_log(log: Path, rank: int) -> Path:
    """The log of another rank than the first: `log-rank3.txt`."""
    return log.with_name(f"{log.stem}-rank{rank}{log.suffix}")


def diff_names(repository: str) -> Iterator[str]:
    """What the diffs of a repository are called, one after the other: `project.diff`, `project.2.diff`."""
    yield f"{repository}.diff"
    yield from (f"{repository}.{number}.diff" for number in count(2))


def mapping_names() -> Iterator[str]:
    """What the copies of mappings among the sources are called, one after the other."""
    yield "mapping.json"
    yield from (f"mapping_{number}.json" for number in count(2))


def time_of(name: str) -> datetime | None:
    """The time by which a run's folder is named: `2026-01-31_12-00-00`, or `_2` behind it. None for another name."""
    found = _NAMED_BY_TIME.fullmatch(name)
    with suppress(ValueError):  # what only looks like a time
        return datetime.strptime(found[1], TIME).astimezone() if found is not None else None
    return None


def no_run(path: Path) -> str:
    """Why there is no run at a path, with the nearest that there is: inside it, above it, or of a similar name."""
    if path.is_file():
        above = next((parent for parent in path.parents if RunDirectory(parent).holds_run), None)
        cure = f"did you mean '{above}'?" if above else "give the folder that 'lighter fit' has made"
        return f"'{path}' is a file, not the folder of a run; {cure}"
    if path.is_dir():
        below = (sorted((one.parent for one in path.glob("*/" * depth + CONFIG)), reverse=True) for depth in (1, 2, 3))
        inside = next(filter(None, below), [])
        cure = f"did you mean '{inside[0]}'?" if inside else f"it has no '{CONFIG}'; 'lighter fit' makes one"
        others = f" it also holds {listing(map(str, inside[1:]))}" if len(inside) > 1 else ""
        return f"'{path}' is not the folder of a run; {cure}{others}"
    lacking = missing_part(path, Path.is_dir, "'lighter fit' makes one")
    return f"there is no run '{path}': {lacking}"


def open_run(name: str, run_dir: str | None, folder: RunFolder | None = None) -> RunDirectory:
    """The folder that was asked for; or a new one, as `run::dir` names it, or by the config and the time."""
    asked = run_dir or os.environ.get(_CHOSEN)
    if asked:
        path = Path(expanded(asked))
        if path.exists() and not path.is_dir():
            raise PathError(f"the run folder '{path}' is a file; give another '--run_dir'")
        _make(path, exist_ok=True)
        return RunDirectory(path)
    launch, above = launch_name(), folder.above if folder is not None else RUNS / name

    def choose() -> Path:
        return _new_folder(folder.path() if folder is not None else above / datetime.now().astimezone().strftime(TIME))

    return RunDirectory(agreed(choose, above, launch) if launch else choose())


def _make(path: Path, *, exist_ok: bool = False) -> None:
    try:
        path.mkdir(parents=True, exist_ok=exist_ok)
    except FileExistsError:
        raise
    except OSError as error:
        raise RunError(f"the run folder '{path}' cannot be made: {error.strerror}; give another '--run_dir'") from error


def require_writable(run: RunDirectory) -> None:
    """Raises RunError, before any work is done, where nothing can be written into the folder."""
    if not os.access(run.path, os.W_OK | os.X_OK):
        raise RunError(f"the run folder '{run.path}' cannot be written to; give another '--run_dir'")
    for name in (CONFIG, LOG, STATUS, LOCK, RESULTS, METRICS, TRACKERS, ENVIRONMENT):
        found = obstacle(run.path / name)
        if found not in {"", "a folder"}:  # what a folder is in the way of is told when it is written
            told = f"'{run.path / name}' is {found}, not a file of a run"
            raise RunError(f"{told}; remove it, or give another '--run_dir'")


def newest_run(name: str, folder: RunFolder | None = None) -> RunDirectory | None:
    """The last begun run of this config that has a checkpoint; `folder` says where they lie, if the config does."""
    if folder is None:
        above = RUNS / name
        found = [*above.iterdir()] if above.is_dir() else []
    else:  # which other configs may share
        found = [path for path in folder.found() if recorded_name(path) in {name, None}]
    runs = sorted((path for path in found if path.is_dir()), key=_begun, reverse=True)
    return next((RunDirectory(path) for path in runs if RunDirectory(path).kept is not None), None)


def _begun(folder: Path) -> tuple[int, str]:
    """When a run began or was resumed, by its config: a folder with a name of its own has no time in it."""
    config = folder / CONFIG
    return config.stat().st_mtime_ns if config.exists() else 0, folder.name


@contextmanager
def share(run: RunDirectory) -> Iterator[None]:
    """Tells the processes that this one starts which folder is the run's."""
    before = os.environ.get(_CHOSEN)
    os.environ[_CHOSEN] = str(run.path.absolute())
    try:
        yield
    finally:
        if before is None:
            del os.environ[_CHOSEN]
        else:
            os.environ[_CHOSEN] = before


def _new_folder(wanted: Path) -> Path:
    """A folder that did not exist before, even when two runs begin in the same second."""
    for number in range(1, 1000):
        path = wanted if number == 1 else wanted.with_name(f"{wanted.name}_{number}")
        try:
            _make(path)
        except FileExistsError:
            continue
        return path
    raise RunError(f"no new run folder could be made in '{wanted.parent}'; give one with '--run_dir'")
