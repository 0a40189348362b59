"""The folder of a run: where it lies, what is written in it, and how a checkpoint of it is found."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lighter.config.composing import CONFIG_FILE
from lighter.errors import RunError
from lighter.runs.launches import agreed, launch_name
from lighter.runs.whole_files import write_whole

RUNS = Path("runs")
CONFIG, LOG, RESULTS, CHECKPOINTS = CONFIG_FILE, "log.txt", "results.json", "checkpoints"
ENVIRONMENT, METRICS = "environment.json", "metrics.csv"
BEST, LAST, PREVIOUS, EXCEPTION = "best", "last", "previous", "exception"
SUFFIX = ".ckpt"
# Ranks that Lightning starts are told by it which folder rank zero has chosen.
_CHOSEN = "LIGHTER_RUN_DIR"


@dataclass(frozen=True, slots=True)
class RunDirectory:
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
        """The `best` or `last` checkpoint, as the run recorded it or under its usual name, or what there is."""
        recorded = self.results().get(CHECKPOINTS, {}).get(name)
        # A folder that was moved has them under the same names.
        candidates = [Path(recorded), self.checkpoints / Path(recorded).name] if recorded else []
        candidates += [self.checkpoints / f"{one}{SUFFIX}" for one in (name, LAST, PREVIOUS, EXCEPTION)]
        return next((path for path in candidates if path.exists()), None)

    def results(self) -> dict[str, Any]:
        """What the stages of this run have recorded."""
        path = self.path / RESULTS
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}

    def record(self, name: str, results: Any) -> None:
        """Adds results, of a stage say, to those recorded before."""
        text = json.dumps({**self.results(), name: results}, indent=2, default=str)
        write_whole(self.path / RESULTS, text + "\n")


def open_run(name: str, run_dir: str | None) -> RunDirectory:
    """The folder that was asked for, or a new one named by the config and the time."""
    asked = run_dir or os.environ.get(_CHOSEN)
    if asked:
        path = Path(asked)
        if path.exists() and not path.is_dir():
            raise RunError(f"the run folder '{path}' is a file; give another '--run_dir'")
        path.mkdir(parents=True, exist_ok=True)
        return RunDirectory(path)
    folder, launch = RUNS / name, launch_name()
    return RunDirectory(agreed(lambda: _new_folder(folder), folder, launch) if launch else _new_folder(folder))


def newest_run(name: str) -> RunDirectory | None:
    """The last begun run of this config that has a checkpoint."""
    folder = RUNS / name
    runs = sorted((p for p in folder.iterdir() if p.is_dir()), key=_begun, reverse=True) if folder.is_dir() else []
    return next((RunDirectory(p) for p in runs if RunDirectory(p).checkpoint(BEST) is not None), None)


def _begun(folder: Path) -> tuple[int, str]:
    """When a run began or went on; a folder with a name of its own tells it by its config alone."""
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


def _new_folder(parent: Path) -> Path:
    """A folder that did not exist before, even when two runs begin in the same second."""
    time = datetime.now().astimezone().strftime("%Y-%m-%d_%H-%M-%S")
    for count in range(1, 1000):
        path = parent / (time if count == 1 else f"{time}_{count}")
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            continue
        return path
    raise RunError(f"no new run folder could be made in '{parent}'; give one with '--run_dir'")
