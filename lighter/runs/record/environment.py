"""`environment.json`: what a run was started with, and on what."""

import json
import platform
import socket
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from lighter.runs.folder import ENVIRONMENT, diff_names, read_mapping
from lighter.runs.record.git import Repository, Snapshot, diff_text, root_of
from lighter.runs.record.machine import command, hardware, installed
from lighter.runs.whole_files import write_whole

LATER = "later"
_PROJECT, _FOLDER, _PACKAGES = "project", "folder", "packages"
_OWN = ("stage", "command", "sources", "started")  # what each stage has of its own, also where nothing is different


class Asked(NamedTuple):
    """The folders whose state is recorded, and the repositories that they are in, being asked for it."""

    folders: Mapping[str, Path]
    repositories: Mapping[Path, Repository]
    started: datetime

    def stop(self) -> None:
        """Ends the asking; safe after an answer as well."""
        for repository in self.repositories.values():
            repository.stop()


def ask(project: Path | None, folder: Path) -> Asked:
    """Starts asking git about the project and the folder of work; one repository is asked once."""
    folders = {**({_PROJECT: project} if project is not None else {}), _FOLDER: folder}
    roots = {root for path in folders.values() if (root := root_of(path)) is not None}
    return Asked(folders, {root: Repository(root) for root in roots}, datetime.now().astimezone())


def record_environment(place: Path, asked: Asked, facts: Mapping[str, Any], secrets: Sequence[str]) -> None:
    """Writes `facts` of a stage and what it runs on; of a stage after the first what is different is added.

    `secrets` are kept out of the diffs. Raises OSError.
    """
    snapshots = {root: repository.snapshot() for root, repository in asked.repositories.items()}
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
        **dict(_repositories(place, asked, snapshots, secrets)),
    }
    first, _ = read_mapping(place / ENVIRONMENT)
    if first:
        found = {**first, LATER: [*first.get(LATER, ()), _different(found, first)]}
    write_whole(place / ENVIRONMENT, json.dumps(found, indent=2) + "\n")


def _repositories(
    place: Path, asked: Asked, snapshots: Mapping[Path, Snapshot], secrets: Sequence[str]
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """What is recorded of each folder; the diff of a repository that both are in is written once."""
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
        }
        told |= {"diff": diffs.get(root), **({"problem": snapshot.problem} if snapshot.problem else {})}
        yield name, told


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
