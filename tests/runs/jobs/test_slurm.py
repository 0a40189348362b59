"""On a real SLURM: what becomes of jobs that it requeues, pre-empts, warns of their end, or loses with their node."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lighter.cli import main
from lighter.runs.folder import RunDirectory
from lighter.runs.jobs.job import Job, Outcome, Progress, outcome
from lighter.runs.jobs.scheduling import run_jobs
from lighter.runs.jobs.slurm import Slurm
from lighter.runs.status import read_statuses
from tests.runs.jobs.conftest import MakeJob
from tests.runs.jobs.slurm_cluster import cluster, lacks_slurm, lose_node, said, until

LACKING = lacks_slurm()
pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(bool(LACKING) and os.environ.get("LIGHTER_NEEDS_SLURM") != "1", reason=LACKING),
]
COMPLETE = Outcome(Progress.COMPLETE)
SLOW = """
import time, pathlib
from pytorch_lightning import Callback


class Slow(Callback):
    def on_train_batch_end(self, *_, **__):
        if not pathlib.Path("go").exists():
            time.sleep(1.5)
"""
SLOWLY = ("trainer::callbacks=[{_target_: line.slow.Slow}]", "trainer::max_epochs=30")


@pytest.fixture(scope="module")
def conf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with cluster(tmp_path_factory.mktemp("slurm")) as path:
        yield path


class Troubled:
    """Launchers by node, and what is done to each job, once, when it has a checkpoint."""

    def __init__(self, conf: Path, nodes: dict[str, str]) -> None:
        self.folder, self.nodes, self.done = conf.parent, nodes, set[str]()
        self.launchers = {
            node: Slurm(nodelist=node, mem="500M", cpus_per_task=1, partition="low") for node in {*nodes.values()}
        }

    def room(self, asked: int | None) -> int:
        return 10

    def submit(self, job: Job) -> Any:
        return self.nodes[job.folder.name], self.launchers[self.nodes[job.folder.name]].submit(job)

    def poll(self, handle: Any) -> Any:
        node, queued = handle
        answer = self.launchers[node].poll(queued)
        name, has_begun = queued.job.folder.name, RunDirectory(queued.job.folder).checkpoint("last") is not None
        if has_begun and name not in self.done:
            getattr(self, name)(queued.number, node)
            self.done.add(name)
            if self.done == {*self.nodes}:
                Path("go").touch()
        return answer

    def cancel(self, handle: Any) -> None:
        self.launchers[handle[0]].cancel(handle[1])

    def requeued(self, number: str, node: str) -> None:
        said("scontrol", "requeue", number)

    def warned(self, number: str, node: str) -> None:
        said("scancel", "--batch", "--signal=USR1", number)

    def preempted(self, number: str, node: str) -> None:
        said("sbatch", "--partition=high", f"--nodelist={node}", "--exclusive", "--output=/dev/null", "--wrap=true")

    def lost(self, number: str, node: str) -> None:
        lose_node(self.folder, node)


def states(job: Job) -> list[str]:
    return [f"{one.stage} {one.state}" for one in read_statuses(RunDirectory(job.folder))]


def test_jobs_on_several_nodes_go_on_whatever_becomes_of_them(conf: Path, job: MakeJob, line: Path) -> None:
    (line / "line" / "slow.py").write_text(SLOW)
    nodes = {"requeued": "n1", "warned": "n1", "preempted": "n2", "lost": "n3"}
    jobs = {name: job(name, *SLOWLY) for name in nodes}
    ended: dict[str, Outcome] = {}
    run_jobs(iter(jobs.values()), Troubled(conf, nodes), None, lambda job, out: ended.update({job.folder.name: out}))
    assert ended == dict.fromkeys(nodes, COMPLETE)
    stopped = {name: ["fit interrupted", "fit finished"] for name in ("requeued", "warned", "preempted")}
    assert {name: states(one) for name, one in jobs.items()} == {**stopped, "lost": ["fit killed", "fit finished"]}
    # Stopped at different steps, they come to the same.
    assert len({(one.folder / "metrics.csv").read_bytes() for one in jobs.values()}) == 1


def test_one_run_on_several_nodes_is_submitted_by_fit(
    conf: Path, line: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")  # what the nodes are called here is known to SLURM alone
    monkeypatch.setenv("GLOO_SOCKET_IFNAME", "lo")
    launcher = "{_target_: lighter.launchers.Slurm, nodes: 2, ntasks_per_node: 1, mem: 1000M}"
    main(
        ["fit", "config.yaml", "trainer::num_nodes=2", "trainer::devices=1", f"--launcher={launcher}", "--run_dir=out"]
    )
    assert "submitted: job " in capfd.readouterr().out
    until(lambda: outcome(Path("out")).state in (Progress.COMPLETE, Progress.FAILED))
    assert outcome(Path("out")) == COMPLETE, Path("out/job/output.txt").read_text()
    assert json.loads(Path("out/environment.json").read_text())["world_size"] == 2
