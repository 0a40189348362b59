"""The machine that a run is on, without starting anything on it."""

import os
import platform
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from lighter.runs.record.masking import masked_words

_SEPARATORS = re.compile(r"[-_.]+")
_WHEEL, _EGG = ".dist-info", ".egg-info"

_CPU = Path("/proc/cpuinfo")
_NVIDIA = Path("/proc/driver/nvidia/gpus")
_ENOUGH = 4096  # bytes; the first of the processors is described in them


def installed() -> dict[str, str]:
    """Package name to version, in the order of the names, which are spelt as on the package index (`torch-geometric`).

    They are read off the names of folders: what the standard library does reads a file for each package.
    """
    found: dict[str, str] = {}
    for folder in sys.path:
        for name, version in _in_folder(folder or os.curdir):
            found.setdefault(_SEPARATORS.sub("-", name).lower(), version)  # the first is the one that is imported
    return dict(sorted(found.items()))


def _in_folder(folder: str) -> Iterator[tuple[str, str]]:
    try:
        entries = os.listdir(folder)  # noqa: PTH208  # of names alone; a Path for each costs
    except OSError:
        return
    for entry in entries:
        if entry.endswith(_WHEEL):
            name, _, version = entry.removesuffix(_WHEEL).partition("-")
        elif entry.endswith(_EGG):
            name, _, version = entry.removesuffix(_EGG).partition("-")
            version = _version_in(Path(folder, entry)) or version.partition("-py")[0]
        else:
            continue
        if name and version:
            yield name, version


def _version_in(path: Path) -> str:
    """Of the older kind of folder, whose name often holds no version."""
    from importlib.metadata import PathDistribution

    found: str | None = PathDistribution(path).metadata["Version"]
    return found or ""


def hardware() -> dict[str, Any]:
    """The processor, the cores that this process may use, the memory in GiB, and the names of the GPUs it sees."""
    return {"cpu": _cpu(), "cores": cores(), "memory_gib": _memory(), "gpus": _gpus()}


def _cpu() -> str:
    with suppress(OSError), _CPU.open(encoding="utf-8", errors="replace") as file:
        for line in file.read(_ENOUGH).splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.machine()


def cores() -> int:
    """How many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # which not every system has
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _memory() -> float | None:
    if sys.platform != "win32":
        with suppress(OSError, ValueError):  # a system that does not say
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
    """All GPUs that NVIDIA's driver lists, in the order of their places on the bus."""
    told = (path.read_text(errors="replace") for path in sorted(_NVIDIA.glob("*/information")))
    with suppress(OSError):
        return [line.partition(":")[2].strip() for text in told for line in text.splitlines() if line[:6] == "Model:"]
    return []


def command() -> list[str]:
    """Its words, without secrets: `lighter fit config.yaml`, `python train.py`; of a notebook what started it."""
    python, *words = sys.orig_argv or [sys.executable]
    # A command that was installed is a file without an ending, which the system gives to Python.
    is_installed = (
        bool(words) and sys.argv[:1] == words[:1] and not Path(words[0]).suffix and not words[0].startswith("-")
    )
    if is_installed and Path(words[0]).parent == Path(python).parent:
        return [Path(words[0]).name, *masked_words(words[1:])]
    return [Path(python).name, *masked_words(words)]
