"""What a stage leaves in its folder beside its results: its sources, and the environment that it ran in."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lighter.config import Config
from lighter.config.schema import SEED
from lighter.runs.folder import ENVIRONMENT, SOURCES, RunDirectory
from lighter.runs.record.environment import Asked, ask, record_environment
from lighter.runs.record.masking import secrets_in
from lighter.runs.record.sources import given, record_sources
from lighter.training.ranks import is_first
from lighter.training.stages import Stage


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
            "sources": given(self._config),
            "seed": self._config.get(SEED, seed),
            "world_size": world_size,
        }
        try:
            with _told(self._run.path / ENVIRONMENT):
                record_environment(self._run.path, asked, facts, secrets_in(self._config.tree))
        finally:
            asked.stop()


@contextmanager
def recording(config: Config, run: RunDirectory, stage: Stage) -> Iterator[Recording]:
    """Records the sources of a stage at once, and its environment at its end at the latest.

    What cannot be recorded is told as a warning.
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
