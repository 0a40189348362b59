"""Jobs on the nodes of a Ray cluster."""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lighter.config import Config
from lighter.errors import Problem, RunError
from lighter.runs.folder import JOB
from lighter.runs.jobs.asked_devices import nodes_of, problem, too_many_gpus
from lighter.runs.jobs.job import OUTPUT, Job
from lighter.runs.jobs.running import WITH_PARENT, python

_PAUSE = 0.1


class Ray:
    """Sends runs to the nodes of a Ray cluster; needs Ray (`pip install 'lighter[ray]'`).

    Python and the folders must be the same on all nodes. A run has one node.

    Args:
        address: the address of the cluster; `auto` is the one that this machine belongs to, or RAY_ADDRESS.
        cpus: how many cores each run has.
        gpus: how many GPUs each run has; one if it is left out and the cluster has any.
        options: options of `ray.remote`.

    Raises:
        RunError: when it is used, Ray is not installed.
    """

    needs = ("ray", "ray")  # a package, and the extra that brings it

    def __init__(self, address: str = "auto", *, cpus: float = 1, gpus: int | None = None, **options: Any) -> None:
        self._address, self._cpus, self._gpus, self._options = address, cpus, gpus, options
        self._work: Any = None

    def check(self, config: Config) -> Iterator[Problem]:
        """What a config's Trainer asks for, and a job is not given."""
        yield from too_many_gpus(config, self._gpus)
        if (nodes := nodes_of(config)) > 1:
            what = f"the trainer asks for {nodes} nodes, and a job of Ray runs on one"
            yield problem(config, "num_nodes", what, "write 'num_nodes: 1', or choose the launcher 'slurm'")

    def room(self, asked: int | None) -> int:
        """As many jobs as are asked for, else as the cluster has cores and GPUs for."""
        if asked is not None:
            return asked
        there = self._connect()
        by_cores = int(there.get("CPU", 1) // self._cpus)
        return max(1, min(by_cores, int(there.get("GPU", 0) // self._gpus)) if self._gpus else by_cores)

    def submit(self, job: Job) -> Any:
        """Gives a job to the cluster."""
        self._connect()
        return self._work.remote(str(job.folder.absolute()))

    def poll(self, handle: Any) -> str | None:
        """What Ray says when a job has ended: why it was lost, or nothing."""
        import ray

        if not ray.wait([handle], timeout=0)[0]:
            return None
        try:
            ray.get(handle)
        except ray.exceptions.RayError as error:
            return str(error).partition("\n")[0]
        return ""

    def cancel(self, handle: Any) -> None:
        """Asks a job to stop."""
        import ray

        ray.cancel(handle)

    def close(self) -> None:
        """Leaves the cluster."""
        if self._work is not None:
            import ray

            ray.shutdown()
            self._work = None

    def _connect(self) -> dict[str, float]:
        """Joins the cluster, once; gives what it has."""
        try:
            import ray
        except ImportError as error:
            raise RunError("the launcher 'ray' needs Ray: pip install 'lighter[ray]'") from error
        if self._work is None:
            ray.init(address=self._address, logging_level=logging.ERROR, log_to_driver=False)
        there: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]  # as Ray has it
        if self._gpus is None:
            self._gpus = int(there.get("GPU", 0) > 0)
        # A job that is lost is submitted again by who knows what has become of it.
        own = {"num_cpus": self._cpus, "num_gpus": self._gpus, "max_retries": 0}
        self._work = ray.remote(_work).options(**own, **self._options)
        return there


def _work(folder: str) -> None:
    """What a worker of Ray does: starts the process of a job, which ends with it."""
    words = [*python(), "-m", "lighter.runs.jobs", folder, WITH_PARENT]
    with (Path(folder) / JOB / OUTPUT).open("ab") as output:
        process = subprocess.Popen(words, stdout=output, stderr=output, start_new_session=True)  # noqa: S603  # ours
    try:
        while process.poll() is None:
            time.sleep(_PAUSE)
    except KeyboardInterrupt:  # as Ray cancels
        process.send_signal(signal.SIGTERM)
        process.wait()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
