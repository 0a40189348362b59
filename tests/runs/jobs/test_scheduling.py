import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from lighter.runs.folder import RunDirectory
from lighter.runs.jobs.job import Job, Outcome, Progress
from lighter.runs.jobs.local import Local
from lighter.runs.jobs.scheduling import RETRIES, run_jobs
from lighter.runs.status import read_statuses
from tests.runs.jobs.conftest import Done, MakeJob

pytestmark = pytest.mark.timeout(900)
PATIENCE = 300.0
COMPLETE = Outcome(Progress.COMPLETE)
LONG = "trainer::max_epochs=1000000"


def states(job: Job) -> list[str]:
    return [f"{one.stage} {one.state}" for one in read_statuses(RunDirectory(job.folder))]


def test_each_job_runs_its_stages_and_one_that_fails_stops_no_other(job: MakeJob, done: Done) -> None:
    learns = job("learns", stages=("fit", "test"))
    fails = job("fails", "system::dataloaders::train::dataset::fails_at=3", stages=("fit", "test"))
    wrong = job("wrong", "system::optimizer::lrr=1")
    ended = done(fails, learns, wrong)
    assert ended["learns"] == COMPLETE
    assert ended["fails"] == Outcome(Progress.FAILED, "KeyError: 'no such point'")
    assert ended["wrong"] == Outcome(Progress.FAILED, "ended with status 2")
    assert (states(learns), states(fails)) == (["fit finished", "test finished"], ["fit failed"])
    assert "takes no argument 'lrr'" in (wrong.folder / "job" / "output.txt").read_text()


def test_what_is_done_is_not_done_again(job: MakeJob, done: Done) -> None:
    first = job("one")
    assert done(first) == {"one": COMPLETE}
    more = Job(first.folder, first.config, ("fit", "validate"))
    assert done(more) == done(more) == {"one": COMPLETE}
    assert states(first) == ["fit finished", "validate finished"]


class Killing(Local):
    """Kills a job's stage once, when it has a checkpoint."""

    def __init__(self, local: Local, victim: Job) -> None:
        self.local, self.victim, self.has_killed = local, victim, False

    def __getattribute__(self, name: str) -> Any:
        if name in ("submit", "cancel", "room"):
            return getattr(self.local, name)
        return object.__getattribute__(self, name)

    def poll(self, handle: Any) -> Any:
        if not self.has_killed and (self.victim.folder / "checkpoints" / "last.ckpt").exists():
            os.kill(read_statuses(RunDirectory(self.victim.folder))[-1].pid, signal.SIGKILL)
            self.has_killed = True
        return self.local.poll(handle)

    def close(self) -> None:
        pass


def test_a_job_that_is_killed_from_outside_is_begun_again_and_resumes(job: MakeJob, done: Done, local: Local) -> None:
    long = job("long", "trainer::max_epochs=300")
    assert done(long, launcher=Killing(local, long)) == {"long": COMPLETE}
    assert states(long) == ["fit killed", "fit finished"]
    epochs = [
        line.split(",")[0] for line in (long.folder / "metrics.csv").read_text().splitlines() if "val" not in line
    ]
    assert epochs == sorted(epochs, key=lambda one: (one.isdigit(), int(one) if one.isdigit() else 0))


def test_one_that_is_always_killed_is_given_up(job: MakeJob, done: Done) -> None:
    dies = job("dies", "system::model=$__import__('os').kill(__import__('os').getpid(), 9)")
    assert done(dies) == {"dies": Outcome(Progress.INTERRUPTED, "ended by SIGKILL", is_lost=True)}
    assert states(dies) == ["fit killed"] * (RETRIES + 1)


def test_one_that_ends_itself_has_failed(job: MakeJob, done: Done) -> None:
    aborts = job("aborts", "system::model=$__import__('os').abort()")
    assert done(aborts) == {"aborts": Outcome(Progress.FAILED, "ended by SIGABRT")}
    assert states(aborts) == ["fit killed"]


def test_the_supplier_is_asked_when_there_is_room_and_may_say_not_yet(job: MakeJob, local: Local) -> None:
    ended: list[str] = []

    def supplied() -> Iterator[Job | None]:
        yield job("a")
        while not ended:
            yield None
        yield job("b")

    run_jobs(supplied(), local, 2, lambda job, _: ended.append(job.folder.name))
    assert ended == ["a", "b"]


def test_ctrl_c_asks_all_to_stop_and_keeps_their_last_checkpoints(job: MakeJob, local: Local) -> None:
    jobs = [job(name, LONG) for name in "ab"]
    ended: list[Outcome] = []

    def interrupt() -> None:
        until = time.monotonic() + PATIENCE
        while not all((one.folder / "checkpoints" / "last.ckpt").exists() for one in jobs) and time.monotonic() < until:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    asking = threading.Thread(target=interrupt)
    asking.start()
    with pytest.raises(KeyboardInterrupt):
        run_jobs(iter([*jobs, job("never")]), local, 2, lambda _, found: ended.append(found))
    asking.join()
    assert [one.state for one in ended] == [Progress.INTERRUPTED] * 2
    assert [states(one) for one in jobs] == [["fit interrupted"]] * 2


def test_what_the_supplier_raises_ends_the_jobs_and_is_raised(job: MakeJob, local: Local) -> None:
    long, ended = job("long", LONG), []

    def supplied() -> Iterator[Job]:
        yield long
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        run_jobs(supplied(), local, 2, lambda _, found: ended.append(found.state))
    assert ended in ([Progress.INTERRUPTED], [Progress.WAITING])
