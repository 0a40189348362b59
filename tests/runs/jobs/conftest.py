"""Jobs to try, and a launcher whose processes start soon."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from lighter.config import Config
from lighter.runs.jobs.job import Job, Outcome
from lighter.runs.jobs.local import Local
from lighter.runs.jobs.scheduling import run_jobs

MakeJob = Callable[..., Job]
Done = Callable[..., dict[str, Outcome]]


@pytest.fixture
def job(line: Path) -> MakeJob:
    """A job of the smallest project, with overrides: `job("name", "trainer::max_epochs=3", stages=["fit", "test"])`."""

    def make(name: str, *over: str, stages: Sequence[str] = ("fit",)) -> Job:
        folder = line / "out" / name
        folder.mkdir(parents=True)
        config = folder.with_suffix(".yaml")
        config.write_text(Config.load("config.yaml", *over).dump())
        return Job(folder, config, tuple(stages))

    return make


@pytest.fixture
def done(local: Local) -> Done:
    """Runs jobs, and gives what has come of each by its name."""

    def do(*jobs: Job, at_once: int = 2, launcher: Local | None = None) -> dict[str, Outcome]:
        ended: dict[str, Outcome] = {}
        run_jobs(iter(jobs), launcher or local, at_once, lambda job, found: ended.update({job.folder.name: found}))
        return ended

    return do
