"""A sweep of the smallest project, and a launcher of one's own that starts trials within milliseconds."""

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from lighter.cli import main
from lighter.runs.folder import JOB
from lighter.runs.jobs.job import OUTPUT, Job
from lighter.runs.jobs.running import run_job
from lighter.runs.sweeps.begun import write_begun
from lighter.runs.sweeps.checking import Checked, check_sweep
from lighter.runs.sweeps.reading import Sweep, read_sweep
from lighter.runs.sweeps.running import Running

SWEEP = """
config: config.yaml
parameters:
  system::optimizer::lr: [0.1, 0.01]
  system::dataloaders::train::batch_size: [4, 6]
"""


class Forked:
    """Does each job in a fork of this process, which has the libraries loaded."""

    def submit(self, job: Job) -> "Fork":
        return Fork(lambda: run_job(job.folder, _stage), job.folder / JOB / OUTPUT)

    def poll(self, handle: "Fork") -> int | None:
        return handle.poll()

    def cancel(self, handle: "Fork") -> None:
        handle.send_signal(signal.SIGINT)


class Fork:
    """A process that does one thing."""

    def __init__(self, work: Callable[[], int], output: Path | None = None) -> None:
        self.status: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                if output is not None:
                    for stream in (1, 2):
                        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
                status = work()
            finally:
                os._exit(status)

    def poll(self) -> int | None:
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if pid else None
        return self.status

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


def _stage(words: Sequence[str], environment: Mapping[str, str]) -> Fork:
    def work() -> int:
        os.environ.update(environment)
        try:
            main(words)
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0

    return Fork(work)


@pytest.fixture
def sweep(line: Path) -> Callable[..., Sweep]:
    """Reads a sweep of the smallest project: its file's text and more words of the command line."""

    def read(text: str = SWEEP, *words: str) -> Sweep:
        Path("sweep.yaml").write_text(text, encoding="utf-8")
        return read_sweep(["sweep.yaml", *words])

    return read


@pytest.fixture
def run(sweep: Callable[..., Sweep]) -> Callable[..., Running]:
    """Runs a sweep to its end in the folder `swept`; run again, it goes on there."""

    def run(text: str = SWEEP, *words: str, at_once: int = 1, launcher: Any = None) -> Running:
        checked: Checked = check_sweep(sweep(text, *words))
        folder = Path("swept")
        folder.mkdir(exist_ok=True)
        write_begun(folder, ["sweep.yaml", *words], {}, checked)
        running = Running(checked, folder, print, at_once)
        running.run(launcher or Forked())
        return running

    return run
