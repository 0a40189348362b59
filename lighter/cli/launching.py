"""What the commands share that start runs elsewhere: `--launcher`, `--jobs`."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lighter.errors import ConfigError, PathError, RunError, UsageError

if TYPE_CHECKING:
    from lighter.config import Config
    from lighter.config.tree import Node
    from lighter.runs.jobs.job import Job

MOST = 10**4  # jobs at once
FAILED = 1


def count(flag: str, written: str | None) -> int | None:
    """The number that a flag gives. Raises UsageError."""
    if written is None:
        return None
    if not written.isdecimal() or not 1 <= int(written) <= MOST:
        raise UsageError(f"--{flag}={written}: write a whole number from 1 to {MOST:,}")
    return int(written)


def call_of(written: "str | Node | None", allow: str | None = None) -> "Node | None":
    """What a flag or a file says of the launcher, as a call; `allow` limits a file."""
    from lighter.runs.jobs.choosing import launcher_call, launcher_node

    node = launcher_node(written) if isinstance(written, str) else written
    return launcher_call(node, allow) if node is not None else None


def check_launcher(launcher: Any, configs: "Iterable[Config]") -> None:
    """Raises ConfigError where configs ask for what the launcher does not give, with all that is wrong."""
    check = getattr(launcher, "check", None)
    problems = dict.fromkeys(problem for config in configs for problem in check(config)) if check is not None else ()
    if problems:
        raise ConfigError([*problems])


def submit_fit(
    sources: Sequence[str], launcher: str, run_dir: str | None, resume: str | None, allow: str | None
) -> None:
    """Has a launcher train: in a folder that is chosen now; waits for it, unless the launcher has a queue."""
    from lighter.cli.printing import put
    from lighter.config.composing import is_override
    from lighter.runs.jobs.choosing import launcher_of
    from lighter.runs.jobs.job import Progress
    from lighter.runs.jobs.scheduling import run_jobs
    from lighter.runs.launches import launch_name

    if launch_name():
        raise RunError("a run is submitted once, not by torchrun or srun; leave '--launcher' out there")
    starts = launcher_of(call_of(launcher))
    if resume is not None:
        if sources:
            raise UsageError("'--resume' with '--launcher' goes on with what the folder holds; leave the sources out")
        job = _resumed(Path(resume), allow)
    else:
        if all(map(is_override, sources)):
            raise UsageError("'lighter fit' needs a config: lighter fit config.yaml")
        job = _new(sources, starts, run_dir, allow)
    if getattr(starts, "outlives", False):
        job.write()
        put(f"submitted: {starts.submitted(starts.submit(job))}\nrun folder: {job.folder}\n")
        return
    put(f"run folder: {job.folder}\n")
    ended = []
    run_jobs(iter([job]), starts, 1, lambda _, found: ended.append(found))
    if ended[0].state is not Progress.COMPLETE:
        put(f"{ended[0].state}: {ended[0].reason} ({job.folder / 'job'})\n")
        raise SystemExit(FAILED)


def _new(sources: Sequence[str], starts: Any, run_dir: str | None, allow: str | None) -> "Job":
    from lighter.config import Config
    from lighter.runs.folder import JOB, open_run
    from lighter.runs.jobs.job import Job
    from lighter.runs.record.sources import record_sources
    from lighter.runs.whole_files import write_whole
    from lighter.training.stages import Stage

    config = Config.load(*sources, allow=allow)
    if problems := config.check(Stage.FIT):
        raise ConfigError(problems)
    check_launcher(starts, [config])
    run = open_run(config.name, run_dir or config.run_dir, config.named_folder)
    if run.holds_run:
        raise PathError(f"the run folder '{run.path}' already holds a run; give another '--run_dir'")
    path = run.path / JOB / f"{config.name}.yaml"
    write_whole(path, config.dump())
    record_sources(config, run.path)
    return Job(run.path, path, allow=allow)


def _resumed(folder: Path, allow: str | None) -> "Job":
    from lighter.runs.folder import CONFIG
    from lighter.runs.jobs.job import Job, holds_job
    from lighter.runs.resume.start import run_to_resume

    if holds_job(folder) and allow is None:  # else what it was begun with is for the user to say
        return Job.read(folder)
    run = run_to_resume(str(folder))
    return Job(run.path, run.path / CONFIG, allow=allow)
