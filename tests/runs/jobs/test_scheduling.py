import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lighter.config import Config
from lighter.runs.folder import RunDirectory
from lighter.runs.jobs.job import Job, Outcome, Progress
from lighter.runs.jobs.local import Local
from lighter.runs.jobs.scheduling import RETRIES, run_jobs

pytestmark = pytest.mark.timeout(900)
PATIENCE = 300.0


def job(name: str, *over: str, stages: tuple[str, ...] = ("fit",)) -> Job:
    folder = Path("out").absolute() / name
    folder.mkdir(parents=True)
    config = folder.with_suffix(".yaml")
    config.write_text(Config.load("config.yaml", *over).dump())
    return Job(folder, config, stages)


def done(jobs: Iterator[Job | None] | list[Job], at_once: int = 2, launcher: Any = None) -> dict[str, Outcome]:
    ended: dict[str, Outcome] = {}
    run_jobs(iter(jobs), launcher or Local(), at_once, lambda job, found: ended.update({job.folder.name: found}))
    return ended


def test_each_job_runs_its_stages_and_one_that_fails_stops_no_other(line: Path) -> None:
    fails = job("fails", "system::dataloaders::train::dataset::fails_at=3")
    ended = done([fails, job("learns", stages=("fit", "test")), job("wrong", "system::optimizer::lrr=1")])
    assert ended["learns"] == Outcome(Progress.COMPLETE)
    assert ended["fails"] == Outcome(Progress.FAILED, "KeyError: 'no such point'")
    assert ended["wrong"] == Outcome(Progress.FAILED, "ended with status 2")
    assert {"fit", "test"} <= RunDirectory(Path("out/learns")).results().keys()
    assert "takes no argument 'lrr'" in Path("out/wrong/job/output.txt").read_text()


def test_what_is_complete_is_not_run_again_and_what_was_interrupted_goes_on(line: Path) -> None:
    first = job("one")
    assert done([first]) == {"one": Outcome(Progress.COMPLETE)}
    before = (first.folder / "status.json").read_text()
    assert done([Job(first.folder, first.config, ("fit", "validate"))]) == {"one": Outcome(Progress.COMPLETE)}
    after = (first.folder / "status.json").read_text()
    assert before.strip("{}\n ").splitlines()[0] in after
    assert after.count('"stage": "fit"') == after.count('"stage": "validate"') == 1


def test_a_job_that_is_killed_from_outside_is_begun_again_and_resumes(line: Path) -> None:
    killed: list[int] = []
    long = job("long", "trainer::max_epochs=150")

    class Killing(Local):
        def poll(self, handle: Any) -> int | None:
            if not killed and (long.folder / "checkpoints" / "last.ckpt").exists():
                os.killpg(handle.pid, signal.SIGKILL)
                killed.append(handle.pid)
            return super().poll(handle)

    assert done([long], launcher=Killing()) == {"long": Outcome(Progress.COMPLETE)}
    assert killed
    assert [one["state"] for one in statuses(long.folder)] == ["killed", "finished"]


def test_one_that_is_always_killed_is_given_up(line: Path) -> None:
    ended = done([job("dies", "system::model=$__import__('os').kill(__import__('os').getpid(), 9)")])
    assert ended["dies"].reason == "ended by SIGKILL"
    assert len(statuses(Path("out/dies"))) == RETRIES + 1


def test_the_supplier_is_asked_when_there_is_room_and_may_say_not_yet(line: Path) -> None:
    ended: dict[str, Outcome] = {}

    def supplied() -> Iterator[Job | None]:
        yield job("a")
        while "a" not in ended:
            yield None
        yield job("b")

    run_jobs(supplied(), Local(), 2, lambda job, found: ended.update({job.folder.name: found}))
    assert [*ended] == ["a", "b"]


def test_ctrl_c_asks_all_to_stop_and_keeps_their_last_checkpoints(line: Path) -> None:
    jobs = [job(name, "trainer::max_epochs=1000000") for name in "ab"]
    ended: dict[str, Outcome] = {}

    def interrupt() -> None:
        until = time.monotonic() + PATIENCE
        while not all((one.folder / "checkpoints" / "last.ckpt").exists() for one in jobs) and time.monotonic() < until:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        run_jobs(iter(jobs), Local(), 2, lambda job, found: ended.update({job.folder.name: found}))
    assert {one.state for one in ended.values()} == {Progress.INTERRUPTED}
    assert len(ended) == 2
    assert [one["state"] for one in statuses(jobs[0].folder)] == ["interrupted"]


def statuses(folder: Path) -> list[dict[str, Any]]:
    from lighter.runs.status import read_statuses

    return [{"stage": one.stage, "state": str(one.state)} for one in read_statuses(RunDirectory(folder))]
