"""A program: two jobs on a Ray cluster of two nodes with a core each, of which one is lost when both have begun.

Ray listens on every interface, and asks for no token: it runs where there is no network but loopback. It prints what
has come of the jobs.
"""

import json
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it comes without types
from ray.cluster_utils import Cluster

from lighter.runs.folder import RunDirectory
from lighter.runs.jobs.job import Job
from lighter.runs.jobs.ray import Ray
from lighter.runs.jobs.scheduling import run_jobs
from lighter.runs.status import State, read_statuses

NODE = {"num_cpus": 1, "object_store_memory": 80 * 2**20, "include_dashboard": False}


def main(folders: list[Path]) -> None:
    cluster = Cluster(initialize_head=True, head_node_args=NODE, shutdown_at_exit=True)
    other = cluster.add_node(num_cpus=1, object_store_memory=80 * 2**20)
    jobs = [Job.read(folder) for folder in folders]
    ended: dict[str, str] = {}
    lost: list[object] = []

    def lose_one() -> None:
        if not lost and all(RunDirectory(job.folder).checkpoint("last") for job in jobs):
            lost.append(other)
            raylet = psutil.Process(other.all_processes["raylet"][0].process.pid)
            for process in [raylet, *raylet.children(recursive=True)]:  # as without power
                process.kill()
        if any(one.state is State.KILLED for job in jobs for one in read_statuses(RunDirectory(job.folder))):
            (jobs[0].work / "go").touch()

    launcher = Ray(cluster.address)
    room = launcher.room(None)
    run_jobs(
        iter(jobs), launcher, room, lambda job, out: ended.update({job.folder.name: str(out.state)}), meanwhile=lose_one
    )
    states = {job.folder.name: [str(one.state) for one in read_statuses(RunDirectory(job.folder))] for job in jobs}
    cluster.shutdown()
    print(json.dumps({"room": room, "ended": ended, "states": states}))  # noqa: T201  # for the test


if __name__ == "__main__":
    main([Path(folder) for folder in sys.argv[1:]])
