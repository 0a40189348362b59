"""Processes that torchrun or SLURM start together: how they agree on what rank zero chooses."""

import atexit
import itertools
import json
import logging
import math
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lighter.errors import RunError
from lighter.runs.record.machine import cores
from lighter.runs.whole_files import write_whole
from lighter.training.ranks import is_first

PATIENCE = 120.0  # seconds; the ranks of one launch begin within a few
PAUSE = 0.05

_SAFE_PATH = "PYTHONSAFEPATH"
_ASKED = itertools.count()  # all ranks ask in the same order


def launch_name() -> str | None:
    """A name that the processes of one launch share, as those of no other do meanwhile; None for a process alone."""
    env = os.environ
    if "TORCHELASTIC_RUN_ID" in env and env.get("WORLD_SIZE", "1") != "1":
        return _name("torchrun", "TORCHELASTIC_RUN_ID", "MASTER_PORT", "TORCHELASTIC_RESTART_COUNT")
    if "SLURM_PROCID" in env and env.get("SLURM_NTASKS", "1") != "1":
        return _name("slurm", "SLURM_JOB_ID", "SLURM_STEP_ID", "SLURM_RESTART_COUNT")
    return None


def agreed(choose: Callable[[], Path], folder: Path, launch: str) -> Path:
    """What rank zero chooses, told to the other ranks by a file in a folder that all of them see.

    Raises RunError where rank zero says nothing for two minutes.
    """
    told = folder / f".{launch}-{next(_ASKED)}"
    if is_first():
        path = choose()
        write_whole(told, json.dumps([str(path.absolute()), socket.gethostname(), os.getpid()]))
        atexit.register(told.unlink, missing_ok=True)
        return path
    waited = 0.0
    while (found := _read(told)) is None:
        time.sleep(PAUSE)
        waited += PAUSE
        if waited > PATIENCE:
            raise RunError(f"rank zero has not told its run folder in '{told}'; give all ranks the same '--run_dir'")
    return found


def started_by_torchrun() -> dict[str, int]:
    """The arguments of a Trainer that uses all processes that torchrun has started; none where it has not."""
    env = os.environ
    if "TORCHELASTIC_RUN_ID" not in env:
        return {}
    return {"devices": int(env["LOCAL_WORLD_SIZE"]), "num_nodes": int(env.get("GROUP_WORLD_SIZE", "1"))}


def refuse_alone(used: int) -> None:
    """Raises RunError where processes that torchrun has started would each train alone, over each other's files."""
    started = math.prod(started_by_torchrun().values())
    if used < started:
        raise RunError(
            f"torchrun has started {started} processes, but the Trainer uses {used}; leave 'trainer::devices' and "
            "'trainer::num_nodes' out, then it uses them all"
        )


def refuse_waiting(nodes: int, environment: object) -> None:
    """Raises RunError where a Trainer would wait for other machines for ever: nothing has told it where they are."""
    # What Lightning takes where it finds no SLURM, torchrun or the like: variables lead to the others, or nothing does.
    if nodes < 2 or type(environment).__name__ != "LightningEnvironment":
        return
    if "MASTER_ADDR" not in os.environ:
        raise RunError(
            f"'trainer::num_nodes' is {nodes}, and nothing here tells where the other machines are; start it by "
            "torchrun or srun, set MASTER_ADDR, MASTER_PORT and NODE_RANK on each, or write trainer::num_nodes=1"
        )
    logging.getLogger("lighter").warning("waiting for %d machines at %s", nodes, os.environ["MASTER_ADDR"])


def warn_of_many(processes: int) -> None:
    """Says, before they start, that more processes are to share the CPU than it has cores."""
    if processes > (there := cores()):
        told = "trainer::devices starts %d processes on %d cores; write trainer::devices=%d for a core each"
        logging.getLogger("lighter").warning(told, processes, there, there)


def _read(told: Path) -> Path | None:
    """What a file says, unless a rank zero left it that was killed."""
    if not told.exists():
        return None
    path, host, process = json.loads(told.read_text(encoding="utf-8"))
    return Path(path) if host != socket.gethostname() or is_alive(process) else None


def _name(launcher: str, *variables: str) -> str:
    values = (os.environ.get(variable, "") for variable in variables)
    return "-".join([launcher, *filter(None, values)]).replace(os.sep, "-")


def is_alive(pid: int) -> bool:
    """Whether a process of this number runs; it may be another than was meant."""
    if sys.platform == "win32":  # where os.kill would end it: nobody can know
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def without_working_folder(is_limited: bool) -> Iterator[None]:
    """Lets no Python that a limited run starts look for modules in the folder that it works in, as `-c` does.

    Workers that are spawned import several before they are told where else to look.
    """
    before = os.environ.get(_SAFE_PATH)
    if is_limited:
        os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        if is_limited and before is None:
            del os.environ[_SAFE_PATH]
        elif is_limited:
            os.environ[_SAFE_PATH] = str(before)
