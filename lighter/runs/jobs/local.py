"""Jobs on this machine."""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lighter.config import Config
from lighter.errors import Problem
from lighter.runs.folder import JOB
from lighter.runs.jobs.asked_devices import nodes_of, problem, too_many_gpus
from lighter.runs.jobs.fork_server import IS_HERE, THREADS, ForkServer
from lighter.runs.jobs.job import OUTPUT, Job
from lighter.runs.jobs.running import Process, python
from lighter.runs.record.machine import cores

_VISIBLE = "CUDA_VISIBLE_DEVICES"


@dataclass(slots=True)
class _Running:
    """A job's process and the GPUs that it was dealt."""

    process: Process
    devices: str | None
    is_over: bool = False


class Local:
    """Starts runs on this machine, in processes forked from one that has torch and Lightning loaded.

    The cores are shared out among the runs that go on at once, unless OMP_NUM_THREADS is set.

    Args:
        gpus: how many GPUs each run has; an equal share of all if it is left out.
        shows: whether the runs print where this process does; else into `job/output.txt` of their folders.
    """

    def __init__(self, gpus: int | None = None, *, shows: bool = False) -> None:
        self._gpus, self.shows = gpus, shows
        self._at_once = 1
        self._server: ForkServer | None = None
        self._shares: list[str] | None = None
        self._dealt: Counter[str] = Counter()

    def room(self, asked: int | None) -> int:
        """As many jobs as are asked for, else one for each share of the GPUs, or one."""
        self._at_once = asked or max(1, len(self._devices()) // (self._gpus or 1))
        return self._at_once

    def check(self, config: Config) -> Iterator[Problem]:
        """What a config's Trainer asks for, and a job is not given."""
        yield from too_many_gpus(config, self._gpus)
        if (nodes := nodes_of(config)) > 1:
            what = f"the trainer asks for {nodes} nodes, and this machine is one"
            yield problem(config, "num_nodes", what, "write 'num_nodes: 1', or choose another launcher")

    def submit(self, job: Job) -> _Running:
        """Starts the process of a job."""
        devices = self._deal()
        environment = {**self._threads, **({_VISIBLE: devices} if devices is not None else {})}
        output = None if self.shows else job.folder / JOB / OUTPUT
        start = self._warm().start if IS_HERE else _started
        return _Running(start(job.folder, environment, output), devices)

    def poll(self, handle: _Running) -> int | None:
        """The status of a job's process that has ended."""
        status = handle.process.poll()
        if status is not None and not handle.is_over:
            handle.is_over = True
            if handle.devices is not None:
                self._dealt[handle.devices] -= 1
        return status

    def cancel(self, handle: _Running) -> None:
        """Asks it to stop."""
        handle.process.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """Ends the processes that it has."""
        if self._server is not None:
            self._server.close()
            self._server = None

    @property
    def _threads(self) -> dict[str, str]:
        """A share of the cores for each job."""
        return {} if THREADS in os.environ else {THREADS: str(max(1, cores() // self._at_once))}

    def _warm(self) -> ForkServer:
        if self._server is None or not self._server.is_alive:
            self.close()
            self._server = ForkServer()
        return self._server

    def _deal(self) -> str | None:
        """GPUs of which the fewest jobs have any; None where there are none."""
        if self._shares is None:
            found = self._devices()
            size = self._gpus or max(1, len(found) // self._at_once)
            self._shares = [",".join(found[at : at + size]) for at in range(0, len(found) - size + 1, size)]
        if not self._shares:
            return None
        share = min(self._shares, key=lambda one: self._dealt[one])
        self._dealt[share] += 1
        return share

    def _devices(self) -> list[str]:
        """What this process may use, by the names that CUDA takes."""
        if (visible := os.environ.get(_VISIBLE)) is not None:
            return [one.strip() for one in visible.split(",") if one.strip()]
        return [str(number) for number in range(self._warm().devices() if IS_HERE else 0)]


def _started(folder: Path, environment: dict[str, str], output: Path | None) -> "subprocess.Popen[bytes]":
    """A new Python that does a job."""
    words = [*python(), "-m", "lighter.runs.jobs", str(folder)]
    variables = {**os.environ, **environment}
    if output is None:
        return subprocess.Popen(words, start_new_session=True, env=variables)  # noqa: S603  # this program
    with output.open("ab") as file:
        return subprocess.Popen(  # noqa: S603  # this program
            words, stdout=file, stderr=file, start_new_session=True, env=variables
        )
