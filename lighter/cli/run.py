"""`lighter run`."""

from pathlib import Path

from lighter.errors import PathError, RunError, UsageError

FAILED = 1


def run(*sources: str, run_dir: str | None = None, allow: str | None = None) -> None:
    """Run a series of experiments one after the other, and compare them.

    Args:
        sources: a file with experiments: and, over each of them, config files and id=value overrides.
        run_dir: the folder of the series; a new one under runs/ if it is left out.
        allow: the packages, with commas between, that a config may use if you do not trust it: torch,my_project.
    """
    from lighter.cli.printing import put
    from lighter.config.composing import is_override
    from lighter.runs.folder import open_run
    from lighter.runs.launches import launch_name
    from lighter.runs.series.checking import checked
    from lighter.runs.series.reading import read_series
    from lighter.runs.series.running import run_series
    from lighter.runs.series.summary import Status, holds_series, table

    first, *over = sources
    if is_override(first):
        raise UsageError(f"'lighter run' takes the file of a series first, and '{first}' is an override")
    if launch_name():
        raise RunError("a series is started once, not by torchrun or srun; write 'trainer::devices=...' instead")
    series = read_series(Path(first))
    configs = checked(series, over, allow)
    folder = open_run(series.name, run_dir).path
    if holds_series(folder):
        raise PathError(f"'{folder}' already holds a series; give another '--run_dir', or none for a new folder")
    rows = run_series(configs, series.stages, folder, allow, lambda line: put(f"{line}\n"))
    put(f"{table(rows, series.metrics)}summary: {folder}\n", folder=folder, experiments=rows)
    if any(row.status is Status.INTERRUPTED for row in rows):
        raise KeyboardInterrupt
    if any(row.status is not Status.OK for row in rows):
        raise SystemExit(FAILED)
