"""The machine that a run is on, without starting anything on it."""

import os
import platform
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

_CPU = Path("/proc/cpuinfo")
_NVIDIA = Path("/proc/driver/nvidia/gpus")
_ENOUGH = 4096  # bytes; the first of the processors is described in them

__all__ = ["hardware"]


def hardware() -> dict[str, Any]:
    """The processor, the cores that this process may use, the memory in GiB, and the names of the GPUs it sees."""
    return {"cpu": _cpu(), "cores": _cores(), "memory_gib": _memory(), "gpus": _gpus()}


def _cpu() -> str:
    with suppress(OSError), _CPU.open(encoding="utf-8", errors="replace") as file:
        for line in file.read(_ENOUGH).splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.machine()


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # which not every system has
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _memory() -> float | None:
    if sys.platform != "win32":
        with suppress(OSError, ValueError):  # a system that does not tell
            return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    return None


def _gpus() -> list[str]:
    """The names; empty while torch is not loaded, since a run without it uses none."""
    torch = sys.modules.get("torch")
    if torch is None:
        return []
    if torch.cuda.is_initialized():
        return [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    # To ask for a name would start CUDA, after which no process may be forked.
    count: int = torch.cuda.device_count()
    if count == 0:
        return ["Apple GPU"] if torch.backends.mps.is_available() else []
    names = _names()
    if len(names) == count:
        return names
    return [" or ".join(sorted({*names})) or "GPU"] * count


def _names() -> list[str]:
    """All GPUs that NVIDIA's driver tells of, in the order of their places on the bus."""
    told = (path.read_text(errors="replace") for path in sorted(_NVIDIA.glob("*/information")))
    with suppress(OSError):
        return [line.partition(":")[2].strip() for text in told for line in text.splitlines() if line[:6] == "Model:"]
    return []
