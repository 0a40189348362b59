"""`lighter run`."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lighter.cli.bundle import run_bundle, runs_bundle
from lighter.errors import PathError, RunError, UsageError

if TYPE_CHECKING:
    from lighter.config import Config
    from lighter.config.tree import Node
    from lighter.runs.series.begun import Begun

FAILED = 1


def run(
    *sources: str,
    jobs: str | None = None,
    launcher: str | None = None,
    run_dir: str | None = None,
    resume: str | None = None,
    id: str | None = None,
    init_id: str | None = None,
    final_id: str | None = None,
    meta_file: str | None = None,
    logging_file: str | None = None,
    allow: str | None = None,
) -> None:
    """Run a series of experiments, and compare them; or a MONAI bundle, as MONAI does.

    Args:
        sources: a file with experiments: and, over each of them, config files and id=value overrides; or a bundle's.
        jobs: how many run at once; one for each GPU if it is left out.
        launcher: what starts them: local, slurm, ray, a file, or {_target_: my.Launcher, ...}.
        run_dir: the folder of the series; a new one under runs/ if it is left out.
        resume: the folder of a series that was stopped, to go on with what is left of it.
        id: of a bundle, or of any config, what is evaluated; run if it is left out.
        init_id: of a bundle what is evaluated before it, if it is there; initialize if it is left out.
        final_id: of a bundle what is evaluated after it, if it is there; finalize if it is left out.
        meta_file: of a bundle the metadata, with commas between several; metadata.json beside it if it is left out.
        logging_file: of a bundle; such a file holds code and is not read. False leaves Python's logging as it is.
        allow: the packages, with commas between, that a config may use if you do not trust it: torch,my_project.
    """
    of_bundle = {"id": id, "init_id": init_id, "final_id": final_id, "meta_file": meta_file}
    of_bundle |= {"logging_file": logging_file}
    of_series = {"jobs": jobs, "launcher": launcher, "run_dir": run_dir, "resume": resume}
    if resume is None and runs_bundle(sources, id):
        _require_none(of_series, "a series of experiments")
        run_bundle(sources, allow, of_bundle)
    else:
        _require_none(of_bundle, "a MONAI bundle")
        _run_series(sources, allow, **of_series)


def _require_none(flags: Mapping[str, str | None], what: str) -> None:
    """Raises UsageError where one of the flags of something else is given."""
    if given := [f"'--{name}'" for name, value in flags.items() if value is not None]:
        are, them = ("are", "them") if len(given) > 1 else ("is", "it")
        raise UsageError(f"{' and '.join(given)} {are} for {what}: leave {them} out")


def _run_series(
    sources: tuple[str, ...],
    allow: str | None,
    *,
    jobs: str | None,
    launcher: str | None,
    run_dir: str | None,
    resume: str | None,
) -> None:
    from lighter.cli.launching import call_of, count
    from lighter.cli.printing import put
    from lighter.runs.jobs.choosing import launcher_of
    from lighter.runs.jobs.local import Local
    from lighter.runs.launches import launch_name
    from lighter.runs.locking import claimed
    from lighter.runs.series.running import Running
    from lighter.runs.series.summary import Status, table

    if launch_name():
        raise RunError("a series is started once, not by torchrun or srun; write 'trainer::devices=...' instead")
    if resume is not None and (run_dir is not None or sources):
        raise UsageError("'--resume' goes on with what its folder holds; leave '--run_dir' and the sources out")
    asked = count("jobs", jobs)
    folder, begun = _resumed(resume, allow) if resume is not None else _new(sources, run_dir, allow, launcher, asked)
    starts = launcher_of(call_of(launcher or begun.launcher), None if launcher else begun.allow)
    at_once = asked or begun.jobs
    if isinstance(starts, Local):
        at_once = starts.room(at_once)
        starts.shows = at_once == 1
    is_shown = isinstance(starts, Local) and starts.shows
    with claimed(folder, "series"):
        running = Running(begun, folder, lambda line: put(f"{line}\n"), is_shown=is_shown)
        try:
            running.run(starts, at_once)
        finally:  # also what it has come to when it is stopped
            rows = running.rows
            put(f"{table(rows, begun.metrics)}summary: {folder}\n", folder=folder, experiments=rows)
            is_left = any(row.status in (Status.INTERRUPTED, Status.NOT_RUN) for row in rows)
            if is_left:
                put(f"go on with: lighter run --resume {folder}\n")
    if is_left:  # one that has ended itself as Ctrl-C would
        raise KeyboardInterrupt
    if any(row.status is not Status.OK for row in rows):
        raise SystemExit(FAILED)


def _resumed(resume: str, allow: str | None) -> "tuple[Path, Begun]":
    from lighter.runs.checkpoints import require_no_way_out
    from lighter.runs.series.begun import read_begun

    begun = read_begun(Path(resume))
    if (allow := allow if allow is not None else begun.allow) is not None:
        require_no_way_out(Path(resume))
    return Path(resume), replace(begun, allow=allow)


def _new(
    sources: tuple[str, ...], run_dir: str | None, allow: str | None, launcher: str | None, jobs: int | None
) -> "tuple[Path, Begun]":
    """A folder for the series, with what is to run in it; both were checked."""
    from lighter.cli.launching import call_of, check_launcher
    from lighter.config.composing import is_override
    from lighter.config.dumping import in_line
    from lighter.runs.folder import open_run
    from lighter.runs.jobs.choosing import launcher_of
    from lighter.runs.series.begun import Begun
    from lighter.runs.series.checking import checked
    from lighter.runs.series.reading import read_series
    from lighter.runs.series.running import write_configs
    from lighter.runs.series.summary import holds_series

    first, *over = sources
    if is_override(first):
        raise UsageError(f"'lighter run' takes the file of a series first, and '{first}' is an override")
    series = read_series(Path(first), allow)
    configs = checked(series, over, allow)
    of_file = None if launcher else allow
    call = call_of(launcher or series.launcher, of_file) or _local(configs.values())
    check_launcher(launcher_of(call, of_file), configs.values())
    folder = open_run(series.name, run_dir).path
    if holds_series(folder):
        raise PathError(
            f"'{folder}' already holds a series; go on with it (lighter run --resume {folder}), or give another "
            "'--run_dir', or none for a new folder"
        )
    runs = tuple(one.name for one in series.repetitions)
    begun = Begun(tuple(configs), series.stages, series.metrics, jobs or series.jobs, in_line(call), allow, runs)
    write_configs(configs, folder, series.repetitions, allow)
    begun.write(folder)
    return folder, begun


def _local(configs: "Iterable[Config]") -> "Node":
    """This machine, with as many GPUs for each experiment as one of them asks for."""
    from lighter.runs.jobs.asked_devices import devices_of, on_cpu
    from lighter.runs.jobs.choosing import launcher_node

    most = max((devices_of(one) or 1 for one in configs if not on_cpu(one)), default=1)
    return launcher_node(f"{{_target_: lighter.launchers.Local, gpus: {most}}}" if most > 1 else "local")
