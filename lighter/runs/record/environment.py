"""What a stage leaves beside its results: its sources, and `environment.json`: how it was started, and on what."""

import json
import logging
import platform
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from lighter.config import Config
from lighter.config.schema import SEED
from lighter.runs.folder import ENVIRONMENT, SOURCES, RunDirectory, diff_names, read_mapping
from lighter.runs.record.git import Repository, Snapshot, diff_text, root_of
from lighter.runs.record.machine import command, hardware, installed
from lighter.runs.record.masking import secrets_in
from lighter.runs.record.sources import given, record_sources
from lighter.runs.whole_files import write_whole
from lighter.training.ranks import is_first
from lighter.training.stages import Stage

LATER = "later"
_PROJECT, _FOLDER, _PACKAGES = "project", "folder", "packages"
_OWN = ("stage", "command", "sources", "started")  # what each stage has of its own, also where nothing is different


class Asked(NamedTuple):
    """The folders whose state is recorded, and the repositories that they are in, being asked for it."""

    folders: Mapping[str, Path]
    repositories: Mapping[Path, Repository]
    started: datetime


def ask(project: Path | None, folder: Path) -> Asked:
    """Starts asking git about the project and the folder of work; one repository is asked once."""
    folders = {**({_PROJECT: project} if project is not None else {}), _FOLDER: folder}
    roots = {root for path in folders.values() if (root := root_of(path)) is not None}
    return Asked(folders, {root: Repository(root) for root in roots}, datetime.now().astimezone())


def record_environment(place: Path, asked: Asked, facts: Mapping[str, Any], secrets: Sequence[str]) -> None:
    """Writes `facts` of a stage and what it runs on; of a stage after the first what is different is added.

    `secrets` are kept out of the diffs. Raises OSError.
    """
    repositories = dict(_repositories(place, asked, secrets))  # first, as git is given few seconds
    found = {
        **facts,
        "command": command(),
        "started": asked.started.isoformat(timespec="milliseconds"),
        "host": socket.gethostname(),
        "python": platform.python_version(),
        "platform": f"{platform.system()}-{platform.release()}-{platform.machine()}",
        "hardware": hardware(),
        _PACKAGES: installed(),
        _PROJECT: None,
        **repositories,
    }
    first, _ = read_mapping(place / ENVIRONMENT)
    if first:
        found = {**first, LATER: [*first.get(LATER, ()), _different(found, first)]}
    write_whole(place / ENVIRONMENT, json.dumps(found, indent=2) + "\n")


def _repositories(place: Path, asked: Asked, secrets: Sequence[str]) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """What is recorded of each folder; the diff of a repository that both are in is written once."""
    snapshots = {root: repository.snapshot() for root, repository in asked.repositories.items()}
    diffs: dict[Path, str] = {}
    for name, folder in asked.folders.items():
        root = root_of(folder)
        snapshot = snapshots.get(root) if root is not None else None
        if root is None or snapshot is None:
            yield name, None
            continue
        if root not in diffs and (text := diff_text(_without_runs(snapshot, root, folder, place), secrets)):
            diffs[root] = _written_diff(place, name, text)
        told: dict[str, Any] = {
            "path": str(folder),
            "repository": str(root),
            "commit": snapshot.commit,
            "dirty": snapshot.dirty,
            "diff": diffs.get(root),
        }
        yield name, {**told, **({"problem": snapshot.problem} if snapshot.problem else {})}


def _without_runs(snapshot: Snapshot, root: Path, folder: Path, run: Path) -> Snapshot:
    """The same without the folder of runs among the files that git does not know."""
    own = {*run.absolute().parents, run.absolute()} - {*folder.parents, folder}
    return snapshot._replace(untracked=tuple(path for path in snapshot.untracked if root / path not in own))


def _written_diff(place: Path, name: str, text: str) -> str:
    """The name of the file with a diff; a stage that finds the same as one before writes no second."""
    path = next(
        path for one in diff_names(name) if not (path := place / one).exists() or path.read_bytes() == text.encode()
    )
    if not path.exists():
        write_whole(path, text)
    return path.name


def _different(found: Mapping[str, Any], first: Mapping[str, Any]) -> dict[str, Any]:
    """What a stage has that the first has not; of packages those of another version, None for one that is gone."""
    different = {key: value for key, value in found.items() if key in _OWN or value != first.get(key)}
    if _PACKAGES in different:
        now, before = found[_PACKAGES], first.get(_PACKAGES) or {}
        different[_PACKAGES] = {
            name: now.get(name) for name in sorted({*now, *before}) if now.get(name) != before.get(name)
        }
    return different


class Recording:
    """The record of one stage, of which git is still being asked; on ranks that record nothing it is empty."""

    def __init__(self, config: Config, run: RunDirectory, stage: Stage) -> None:
        self._config, self._run, self._stage = config, run, stage
        self._asked: Asked | None = None

    def begin(self) -> None:
        """Starts asking git, and copies the sources meanwhile."""
        # What git runs may be chosen by whoever made the repository: about a limited config's project it is not asked.
        project = None if self._config.is_limited or self._config.project is None else self._config.project.root
        self._asked = ask(project, Path.cwd())
        record_sources(self._config, self._run.path)

    def environment(self, world_size: int | None = None, seed: int | None = None) -> None:
        """Writes `environment.json`, once; `world_size` is None where it never came to be known.

        `seed` is the one that a config without one was given.
        """
        if self._asked is None:
            return
        asked, self._asked = self._asked, None
        facts = {
            "stage": str(self._stage),
            "config": self._config.name,
            "sources": given(self._config),
            "seed": self._config.get(SEED, seed),
            "world_size": world_size,
        }
        try:
            with _told(self._run.path / ENVIRONMENT):
                record_environment(self._run.path, asked, facts, secrets_in(self._config.tree))
        finally:
            for repository in asked.repositories.values():
                repository.stop()


@contextmanager
def recording(config: Config, run: RunDirectory, stage: Stage) -> Iterator[Recording]:
    """Records the sources of a stage at once, and its environment at its end at the latest.

    What cannot be recorded is reported as a warning.
    """
    found = Recording(config, run, stage)
    try:
        if is_first():
            with _told(run.path / SOURCES):
                found.begin()
        yield found
    finally:
        found.environment()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Warns of what goes wrong inside: a run is never ended by what is only said of it."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  # told
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        logging.getLogger("lighter").warning("'%s' could not be recorded: %s", path, reason)
