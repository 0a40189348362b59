"""A real SLURM of three nodes on this machine, on its loopback alone; without systemd, munge, cgroups or a database."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

NODES = ("n1", "n2", "n3")
PATIENCE = 400.0
CONF = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
AuthInfo=cred_expire=5
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=1,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
JobRequeue=1
SlurmdParameters=config_overrides
ReturnToService=2
SlurmctldTimeout=60
SlurmdTimeout=60
KillWait=20
BatchStartTimeout=300
MessageTimeout=60
NodeName=n1 Port={ports[1]} NodeHostname={host} NodeAddr=127.0.0.1 CPUs=8 RealMemory=8000 State=UNKNOWN
NodeName=n2 Port={ports[2]} NodeHostname={host} NodeAddr=127.0.0.1 CPUs=8 RealMemory=8000 State=UNKNOWN
NodeName=n3 Port={ports[3]} NodeHostname={host} NodeAddr=127.0.0.1 CPUs=8 RealMemory=8000 State=UNKNOWN
PartitionName=low Default=YES PriorityTier=1 PreemptMode=REQUEUE GraceTime=0 Nodes=ALL MaxTime=INFINITE State=UP
PartitionName=high PriorityTier=10 PreemptMode=OFF Nodes=ALL MaxTime=INFINITE State=UP
"""


def lacks_slurm() -> str:
    """Why there can be no cluster here; empty where there can."""
    if not all(map(shutil.which, ("slurmctld", "slurmd", "sbatch"))):
        return "SLURM is not installed: apt-get install slurm-wlm"
    return "" if os.geteuid() == 0 else "SLURM is started as root alone"


@contextmanager
def cluster(folder: Path) -> Iterator[Path]:
    """Its configuration, for SLURM_CONF."""
    conf = folder / "slurm.conf"
    for name in ("state", *NODES):
        (folder / name).mkdir()
    conf.write_text(CONF.format(host=socket.gethostname().partition(".")[0], ports=_free_ports(4), folder=folder))
    os.environ["SLURM_CONF"] = str(conf)
    try:
        subprocess.run(["slurmctld"], check=True, timeout=PATIENCE)
        for node in NODES:
            start_node(node)
        until(lambda: said("sinfo", "-hN", "-p", "low", "-o", "%T").split() == ["idle"] * len(NODES))
        yield conf
    finally:
        said("scancel", "--partition=low")
        said("scancel", "--partition=high")
        with suppress(AssertionError):
            until(lambda: not said("squeue", "-h", "-t", "running,completing"), 60)
        for name in (*NODES, "slurmctld"):
            _end(folder / f"{name}.pid")
        del os.environ["SLURM_CONF"]


def start_node(node: str) -> None:
    subprocess.run(["slurmd", "-N", node], check=True, timeout=PATIENCE)


def lose_node(folder: Path, node: str) -> None:
    """Ends all of a node at once, as without power; then it is there again."""
    _kill(int((folder / f"{node}.pid").read_text()))
    (folder / f"{node}.pid").unlink()
    stepds = said("pgrep", "-f", f"slurmstepd.*{node}|slurmstepd")
    own = [int(pid) for pid in stepds.split() if f"SLURMD_NODENAME={node}" in _environment(_children(int(pid)))]
    for pid in own:
        _kill(pid, *_children(pid, deep=True))
    said("scontrol", "update", f"nodename={node}", "state=down", "reason=lost")  # which it would find out in time
    start_node(node)
    said("scontrol", "update", f"nodename={node}", "state=resume")


def said(*words: str) -> str:
    """What a command prints; nothing where it fails."""
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=PATIENCE).stdout.strip()


def until(holds, patience: float = PATIENCE) -> None:
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, said("squeue", "-a")
        time.sleep(0.1)


def _children(pid: int, *, deep: bool = False) -> list[int]:
    found = [int(child) for child in said("pgrep", "-P", str(pid)).split()]
    return [*found, *(one for child in found for one in _children(child, deep=True))] if deep else found


def _environment(pids: list[int]) -> str:
    with suppress(OSError):
        return "".join(Path(f"/proc/{pid}/environ").read_text() for pid in pids)
    return ""


def _kill(*pids: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _end(file: Path) -> None:
    if not file.exists():
        return
    pid = int(file.read_text())
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    with suppress(AssertionError):
        until(lambda: not Path(f"/proc/{pid}").exists(), 60)
    _kill(pid)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        free = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in free:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in free]
