"""A process that has torch, Lightning and Lighter loaded, and forks itself for each job: to start afresh takes seconds.

A fork is as good as a new process: of its own session, with its own folder, variables, outputs and random numbers; no
code of a project is loaded before, and no GPU is touched. Whoever has started the server is connected to it: when that
process ends, however it ends, the server ends, and all it has started.
"""

import atexit
import gc
import json
import os
import random
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

from lighter.runs.jobs.running import ASKS, Process, python, run_job

IS_HERE = sys.platform == "linux"  # elsewhere a fork of what has loaded libraries is not safe
_SIZE, _PAUSE = 1 << 16, 0.02
_DEVICES = "devices"
_STATUS: list[int] = []  # of a stage that has ended
_PACKAGES = (
    "lighter.config",
    "lighter.training",
    "lighter.results.report",
    "lighter.runs.console",
    "lighter.runs.record",
    "lighter.runs.resume",
    "lighter.runs.trackers",
    "lighter.cli",
)
THREADS = "OMP_NUM_THREADS"  # which OpenMP reads when it is loaded


class ForkServer:
    """The server, seen from the process that has started it."""

    def __init__(self) -> None:
        self._connection, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        words = [*python(), "-m", __name__, str(there.fileno())]
        with there:
            # Of its own session: Ctrl-C is for who has started it, and who asks the jobs.
            self._process = subprocess.Popen(  # noqa: S603  # this program
                words, pass_fds=[there.fileno()], start_new_session=True
            )
        self._ended: dict[int, int] = {}
        self._count = 0

    def start(self, folder: Path, environment: Mapping[str, str], output: Path | None) -> Process:
        """Starts the process of a job."""
        self._count += 1
        told = {"folder": str(folder.absolute()), "environment": dict(environment)}
        self.send({"job": self._count, **told, "output": str(output.absolute()) if output is not None else None})
        return _Job(self, self._count)

    def status(self, job: int) -> int | None:
        """The status of a job's process that has ended, if only with the server."""
        self._receive(0)
        return self._ended.get(job, None if self.is_alive else -signal.SIGKILL)

    def devices(self) -> int:
        """How many GPUs there are."""
        self.send({_DEVICES: True})
        while _DEVICES not in (told := self._receive(None)):
            if not self.is_alive:
                return 0
        return int(told[_DEVICES])

    @property
    def is_alive(self) -> bool:
        """Whether it still serves."""
        return self._process.poll() is None

    def close(self) -> None:
        """Ends it, and what it has started."""
        self._connection.close()
        self._process.wait()

    def send(self, told: Mapping[str, Any]) -> None:
        """Asks for something."""
        _say(self._connection, told)  # where nobody listens, `is_alive` tells

    def _receive(self, patience: float | None) -> dict[str, Any]:
        """What it has said, when it has said something; notes the jobs that have ended."""
        told: dict[str, Any] = {}
        while select.select([self._connection], [], [], patience)[0]:
            try:
                message = self._connection.recv(_SIZE)
            except ConnectionResetError:
                message = b""
            if not message:
                self._process.wait()
                break
            told, patience = {**told, **json.loads(message)}, 0  # one may follow before the first is read
            if "ended" in told:
                self._ended[told["ended"]] = told["status"]
        return told


def _say(connection: socket.socket, told: Mapping[str, Any]) -> None:
    """Sends something to the other side, which may be gone: who asks it next learns that."""
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.send(json.dumps(told).encode())


class _Job:
    """The process of a job, as `subprocess.Popen` would show it."""

    def __init__(self, server: ForkServer, number: int) -> None:
        self._server, self._number = server, number

    def poll(self) -> int | None:
        return self._server.status(self._number)

    def send_signal(self, number: int) -> None:
        self._server.send({"to": self._number, "signal": int(number)})


class _Stage(BaseException):
    """Leads the process of a stage, which was forked in the midst of a job's, out of what that one does."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words


class _Fork:
    """A forked process, as `subprocess.Popen` would show it."""

    def __init__(self, process: int) -> None:
        self._process, self._status = process, None if process else 0

    def poll(self) -> int | None:
        if self._status is None and (found := os.waitpid(self._process, os.WNOHANG))[0]:
            self._status = os.waitstatus_to_exitcode(found[1])
        return self._status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self._process, number)


def _serve(connection: socket.socket) -> Mapping[str, Any]:
    """Forks for each request, and returns in the fork with what it asks for; never returns in the server."""
    jobs: dict[int, int] = {}  # by the numbers of their processes
    while True:
        if select.select([connection], [], [], _PAUSE if jobs else None)[0]:
            try:
                message = connection.recv(_SIZE)
            except ConnectionResetError:  # it was closed before all was read there that had been said
                message = b""
            if not message:
                _kill(*jobs)
                os._exit(0)
            request = json.loads(message)
            if "signal" in request:
                for process in (process for process, job in jobs.items() if job == request["to"]):
                    os.kill(process, request["signal"])
            else:
                process = os.fork()
                if process == 0:
                    return {**request, "parent": os.getppid()}
                jobs[process] = request.get("job", 0)
        for process in [one for one in jobs if os.waitid(os.P_PID, one, os.WEXITED | os.WNOHANG | os.WNOWAIT)]:
            _kill(process)  # what it leaves of its session
            status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
            _say(connection, {"ended": jobs.pop(process), "status": status})


def _kill(*processes: int) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)


def _count_devices(connection: socket.socket) -> None:
    import torch

    _say(connection, {_DEVICES: torch.cuda.device_count()})
    os._exit(0)


def _do(request: Mapping[str, Any]) -> Sequence[str]:
    """Does a job; returns in the process of a stage, with the words of its command."""
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if request["output"] is not None:
        output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        os.dup2(output, 1)
        os.dup2(output, 2)
    os.environ.update(request["environment"])
    try:
        status = run_job(Path(request["folder"]), _forked, request["parent"])
    except _Stage as stage:
        return stage.words
    except BaseException:  # noqa: BLE001  # shown; nothing is above
        sys.excepthook(*sys.exc_info())
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status % 256)


def _forked(words: Sequence[str], environment: Mapping[str, str]) -> _Fork:
    signal.pthread_sigmask(signal.SIG_BLOCK, ASKS)  # or one that comes too early would be noted in vain
    process = os.fork()
    if process == 0:
        os.environ.update(environment)
        raise _Stage(words)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKS)
    return _Fork(process)


def _become(words: Sequence[str]) -> None:
    """Makes this process the one that `python -m lighter WORDS` would have started."""
    import numpy as np
    import torch

    random.seed()
    np.random.seed()  # noqa: NPY002  # the one that a new process would have
    if (threads := os.environ.get(THREADS, "")).isdecimal():
        torch.set_num_threads(int(threads))
    if sys.path[0] == _STARTED_IN:
        sys.path[0] = str(Path.cwd())
    sys.orig_argv = [*python(), "-m", "lighter", *words]
    sys.argv = ["lighter", *words]
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKS)
    try:
        runpy.run_module("lighter", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        _STATUS.append(ended.code if isinstance(ended.code, int) else int(ended.code is not None))
        raise
    _STATUS.append(0)


def _leave() -> None:
    """Ends the process of a stage when all has been said: to take the libraries apart takes longer than a small run."""
    if _STATUS:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(_STATUS[0] % 256)


def _preload() -> None:
    """Loads what a run needs: torch, Lightning, torchmetrics and what they load, and all of Lighter that it may use."""
    for name in ("fire", "pytorch_lightning", *_PACKAGES):
        package = import_module(name)
        for module in walk_packages(package.__path__, f"{name}.") if name in _PACKAGES else ():
            import_module(module.name)
    gc.collect()
    gc.freeze()  # a fork looks through none of it again, and so shares its memory


if __name__ == "__main__":
    _STARTED_IN = str(Path.cwd())
    atexit.register(_leave)  # before anybody else, and so called as the last
    _preload()
    signal.pthread_sigmask(signal.SIG_BLOCK, ASKS)  # until a job's process listens
    there = socket.socket(fileno=int(sys.argv[1]))
    asked = _serve(there)
    if _DEVICES in asked:
        _count_devices(there)
    there.close()
    _become(_do(asked))
