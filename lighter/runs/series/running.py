"""Each experiment of a series in processes of its own, one after the other.

A process gives back what it took: memory, the GPU, modules, seeds; one that is killed stops no other. Where Lightning
starts an experiment's command again, once for each device, it starts that experiment's and not the series'.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lighter.config import Config
from lighter.runs.best_values import EPOCH
from lighter.runs.folder import BEST, RunDirectory
from lighter.runs.record.sources import record_sources
from lighter.runs.series.summary import Row, Status, record
from lighter.runs.status import read_status
from lighter.runs.whole_files import write_whole
from lighter.training.stages import Stage

_INTERRUPTED = (128 + signal.SIGINT, -signal.SIGINT)


def run_series(
    configs: Mapping[str, Config], stages: Sequence[Stage], folder: Path, allow: str | None, say: Callable[[str], None]
) -> list[Row]:
    """Runs every experiment through the stages, and records after each what has come of them all.

    What runs is what was checked, whatever happens to the files meanwhile. An experiment that fails stops no other;
    Ctrl-C does.
    """
    for name, config in configs.items():
        write_whole(_config(folder, name), config.dump())
    rows = {name: Row(name, folder / name) for name in configs}
    for number, name in enumerate(configs, 1):
        start, status, run = time.monotonic(), 0, folder / name
        record_sources(configs[name], run)  # its process knows of the composed config alone
        for stage in stages:
            say(f"[{number}/{len(configs)}] {name}: {stage}")
            status = _run(_command(stage, folder, name, allow))
            if status != 0:
                break
        told, seconds = _told(status), time.monotonic() - start
        rows[name] = Row(name, run, told, seconds, _metrics(run), _reason(run, status))
        record(list(rows.values()), folder)
        if told is Status.INTERRUPTED:
            break
    return list(rows.values())


def _run(command: Sequence[str]) -> int:
    """The status of a command; after Ctrl-C, which it gets as well, it may still keep its last checkpoint."""
    with subprocess.Popen(command) as process:  # noqa: S603  # this program, with a config that was checked
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()
            return -signal.SIGINT


def _told(status: int) -> Status:
    if status in _INTERRUPTED:
        return Status.INTERRUPTED
    return Status.FAILED if status else Status.OK


def _reason(run: Path, status: int) -> str:
    """Why an experiment has failed: the exception that its stage ended with, or how its process has ended."""
    if _told(status) is not Status.FAILED:
        return ""
    last = read_status(RunDirectory(run))
    if last is not None and last.error:
        return last.error
    return f"ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def _command(stage: Stage, folder: Path, name: str, allow: str | None) -> list[str]:
    """What a person would type for this experiment alone."""
    flags = [f"--run_dir={folder / name}", *([f"--allow={allow}"] if allow is not None else [])]
    # `python -m` would look for modules in the current folder; only where this process does, too.
    looks_here = {"", str(Path.cwd())} & set(sys.path)
    return [sys.executable, *([] if looks_here else ["-P"]), "-m", "lighter", stage, str(_config(folder, name)), *flags]


def _config(folder: Path, name: str) -> Path:
    return folder / f"{name}.yaml"


def _metrics(run: Path) -> dict[str, float]:
    """The values of all stages, by their logged names; of training those of the checkpoint that the others use."""
    results = RunDirectory(run).results()
    if isinstance(best := results.get(BEST), dict):
        results[Stage.FIT] = {name: value for name, value in best.items() if name != EPOCH}
    found = [values for stage in Stage if isinstance(values := results.get(stage), dict)]
    return {name: value for values in found for name, value in values.items()}
