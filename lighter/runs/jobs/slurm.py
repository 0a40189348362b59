"""Jobs in the queue of a SLURM cluster, submitted by submitit: saved before their time is up, requeued, resumed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lighter.config import Config
from lighter.errors import Problem, RunError
from lighter.runs.folder import JOB
from lighter.runs.jobs.asked_devices import devices_of, nodes_of, on_cpu, problem, writes_checkpoints
from lighter.runs.jobs.job import OUTPUT, Job, Outcome, Progress
from lighter.runs.jobs.running import Process, python, run_job, started
from lighter.runs.whole_files import write_whole

EVERYTHING = 10_000  # how many jobs wait in the queue at once, unless fewer are asked for
DELAY = 90  # seconds between the signal and the end of a job's time
_SUBMITTED, _LOGS = "slurm.json", "slurm"
_PAUSE = 2.0  # seconds between two questions to the queue
_CANCELLED, _NO_MEMORY = "CANCELLED", "OUT_OF_MEMORY"
_ENDED = {"BOOT_FAIL", _CANCELLED, "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", _NO_MEMORY, "REVOKED", "TIMEOUT"}
_STOP, _REQUEUE = "SIGUSR2", "SIGUSR1"  # what a job's process, alone of the job, is told by


@dataclass(slots=True, eq=False)
class _Queued:
    """A job, and its number in the queue once it is there."""

    job: Job
    number: str = ""


class Slurm:
    """Submits runs to SLURM, several at once as an array; needs submitit (`pip install 'lighter[slurm]'`).

    Where `nodes` and `ntasks_per_node` make several processes, `srun` starts them. Python and the folders must be the
    same on all nodes.

    Args:
        time: how long a job may run, in minutes, or as sbatch takes it. A run that is longer is requeued and resumed.
        save_seconds: how many seconds before that it writes a checkpoint.
        setup: commands of the shell that come first.
        options: options of sbatch, with `_` for `-`: `partition`, `gpus_per_node`, `cpus_per_task`, `mem` and so on.

    Raises:
        RunError: when it is used, submitit is not installed, or SLURM does not take the job.
    """

    needs = ("submitit", "slurm")  # a package, and the extra that brings it
    outlives = True  # the queue goes on when who has submitted has ended

    def __init__(self, *, time: Any = 60, save_seconds: int = DELAY, setup: Sequence[str] = (), **options: Any) -> None:
        self.options = {"time": time, **options}
        self._delay, self._setup = save_seconds, [*setup]
        self._waiting: list[_Queued] = []
        self._states: dict[str, str] = {}
        self._asked = 0.0

    def room(self, asked: int | None) -> int:
        """The queue takes all."""
        return asked or EVERYTHING

    def check(self, config: Config) -> Iterator[Problem]:
        """What a config's Trainer asks for, and a job is not given; or the other way round, for which it would wait."""
        nodes, tasks = int(self.options.get("nodes", 1)), int(self.options.get("ntasks_per_node", 1))
        gpus = self.options.get("gpus_per_node")
        asked = devices_of(config)
        if (there := nodes_of(config)) != nodes:
            what = f"the trainer asks for {there} nodes, and the launcher for {nodes}"
            yield problem(config, "num_nodes", what, f"write 'nodes: {there}' in the launcher, or 'num_nodes: {nodes}'")
        if asked is not None and asked != tasks:
            what = f"the trainer asks for {asked} devices a node, and the launcher starts {tasks} tasks there"
            yield problem(config, "devices", what, f"write 'ntasks_per_node: {asked}' in the launcher: one for each")
        elif asked is None and isinstance(gpus, int) and gpus != tasks and not on_cpu(config):
            what = f"the trainer takes all {gpus} GPUs of a node, and the launcher starts {tasks} tasks there"
            yield problem(config, "devices", what, f"write 'ntasks_per_node: {gpus}' in the launcher: one for each")
        if not writes_checkpoints(config):
            what = "a job that comes to the end of its time goes on from its last checkpoint, and writes none"
            yield problem(config, "enable_checkpointing", what, "leave 'enable_checkpointing' out")
        if isinstance(minutes := self.options["time"], int) and minutes * 60 <= self._delay:
            what = f"a job has {minutes * 60} s of time, and begins to save {self._delay} s before their end"
            yield problem(config, "max_time", what, "give the launcher more 'time', or fewer 'save_seconds'")

    def submitted(self, handle: _Queued) -> str:
        """What SLURM calls a job that was put in the queue just now."""
        self.flush()
        return f"job {handle.number} of SLURM"

    def submit(self, job: Job) -> _Queued:
        """Puts a job in the queue with the next `poll`; one that is there already, is taken as it is."""
        queued = _Queued(job, _number_in(job.folder))
        if not queued.number or self._state(queued.number) in (None, *_ENDED):
            queued.number = ""
            self._waiting.append(queued)
        return queued

    def poll(self, handle: _Queued) -> Outcome | str | None:
        """How SLURM says that a job has ended."""
        self.flush()
        state = self._state(handle.number)
        if state is None:
            return "the queue of SLURM does not know it any more"
        if state not in _ENDED:
            return None
        if state == _CANCELLED:
            return Outcome(Progress.INTERRUPTED, f"the job {handle.number} of SLURM was cancelled")
        if state == _NO_MEMORY:
            return Outcome(Progress.FAILED, "SLURM has ended it, for it needs more memory: give the launcher 'mem'")
        return f"the job {handle.number} of SLURM ended as {state}; see {handle.job.folder / JOB / OUTPUT}"

    def cancel(self, handle: _Queued) -> None:
        """Asks the process of a job that runs, takes one that waits from the queue."""
        self.flush()
        if self._state(handle.number, fresh=True) == "RUNNING":
            _call("scancel", "--batch", f"--signal={_STOP}", handle.number)
        else:
            _call("scancel", handle.number)

    def flush(self) -> None:
        """Submits what waits for it."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        executor = self._executor(waiting)
        from submitit.core.utils import FailedJobError

        try:
            with executor.batch():
                submitted = [executor.submit(_work, str(one.job.folder.absolute())) for one in waiting]
        except FailedJobError as error:
            raise RunError(f"SLURM does not take the job: {error}") from error
        for one, of_submitit in zip(waiting, submitted, strict=True):
            one.number = of_submitit.job_id
            write_whole(one.job.folder / JOB / _SUBMITTED, json.dumps({"number": one.number}) + "\n")
        self._asked = 0.0

    def _executor(self, waiting: Sequence[_Queued]) -> Any:
        try:
            from submitit import SlurmExecutor
        except ImportError as error:
            raise RunError("the launcher 'slurm' needs submitit: pip install 'lighter[slurm]'") from error
        common = Path(os.path.commonpath([one.job.folder.absolute() / JOB for one in waiting]))
        # Python takes the place of the shell, to which SLURM sends what it tells the job.
        executor = SlurmExecutor(common / _LOGS, python=f"exec {' '.join(python())}")
        own = {"job_name": waiting[0].job.folder.name, "requeue": True, "signal": f"B:{_REQUEUE[3:]}@{self._delay}"}
        executor.update_parameters(use_srun=False, setup=self._setup, additional_parameters={**own, **self.options})
        return executor

    def _state(self, number: str, *, fresh: bool = False) -> str | None:
        """The state of a job in the queue, as of a moment ago; None for one that is there no more."""
        if fresh or time.monotonic() - self._asked > _PAUSE:
            listed = subprocess.run(  # no word of it is anybody's
                ["squeue", "--me", "--noheader", "--array", "--states=all", "--format=%i %T"],  # noqa: S607  # as installed
                capture_output=True,
                text=True,
                check=False,
            )
            if listed.returncode == 0:  # else it is busy, or away for a moment
                self._states = dict(line.split() for line in listed.stdout.splitlines())
            self._asked = time.monotonic()
            if listed.returncode != 0:
                return self._states.get(number, "UNKNOWN")
        return self._states.get(number)


def _number_in(folder: Path) -> str:
    """The number that a folder's job was given in the queue before."""
    try:
        return str(json.loads((folder / JOB / _SUBMITTED).read_text(encoding="utf-8"))["number"])
    except FileNotFoundError:
        return ""


def _call(*words: str) -> None:
    subprocess.run(words, capture_output=True, check=False)  # noqa: S603  # a command of SLURM, on a job's number


class _Step:
    """The processes that srun starts on all nodes, as one."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        command = ["srun", "--kill-on-bad-exit=1", *python(), "-m", "lighter", *words]
        self._process = subprocess.Popen(command, env={**os.environ, **environment})  # noqa: S603  # this program

    def poll(self) -> int | None:
        return self._process.poll()

    def send_signal(self, number: int) -> None:
        # What srun is sent it does not hand on: it ends them at once.
        _call("scancel", f"--signal={number}", _own_number())


def _work(folder: str) -> int:
    """What a node does, in the place of the batch script: the job, and what SLURM wants meanwhile."""
    output = os.open(Path(folder) / JOB / OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    sys.stdout.flush()
    os.dup2(output, 1)
    os.dup2(output, 2)
    asked, tasks = _Asked(), int(os.environ.get("SLURM_NTASKS", "1"))
    status = run_job(Path(folder), lambda words, own: asked.of(_Step(words, own) if tasks > 1 else started(words, own)))
    if asked.is_requeued and status != 0:
        _call("scontrol", "requeue", _own_number())
    return status


def _own_number() -> str:
    """The number of the job that this process is, as SLURM's commands take it."""
    env = os.environ
    if "SLURM_ARRAY_JOB_ID" in env:  # one job of an array has the number of them all, too
        return f"{env['SLURM_ARRAY_JOB_ID']}_{env['SLURM_ARRAY_TASK_ID']}"
    return env["SLURM_JOB_ID"]


class _Unasked:
    """A process to which nothing is sent on."""

    def __init__(self, process: Process) -> None:
        self.poll = process.poll

    def send_signal(self, number: int) -> None:
        pass


class _Asked:
    """What SLURM wants of a job: to save and be requeued, or to stop; sent to its stage as SIGTERM."""

    def __init__(self) -> None:
        self.is_requeued = False
        self._process: Process | None = None
        signal.signal(getattr(signal, _REQUEUE), self._receive)
        signal.signal(getattr(signal, _STOP), self._receive)

    def of(self, process: Process) -> Process:
        """The stage's process, which gets SIGTERM from SLURM itself where this one does."""
        self._process = process
        return _Unasked(process)

    def _receive(self, number: int, _frame: object) -> None:
        self.is_requeued = number == getattr(signal, _REQUEUE)
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
