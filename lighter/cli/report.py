"""`lighter report`."""

from pathlib import Path

from lighter.errors import UsageError


def report(*run: str, out: str | None = None, single_file: bool = False) -> None:
    """Write one HTML file to look at a run, or to compare several.

    Args:
        run: the folder of a run, a series or a sweep; several are compared, and what differs is listed.
        out: the file to write; report.html in the folder of the run, series or sweep; here for several.
        single_file: put plotly.js into the page, to send it; else it is a file beside the runs that all reports share.
    """
    from lighter.cli.printing import put
    from lighter.config.paths import expanded
    from lighter.results.report.page import write_reports
    from lighter.results.report.sweep_page import write_sweep_report
    from lighter.runs.folder import REPORT, RunDirectory
    from lighter.runs.sweeps.begun import holds_sweep

    if len(run) == 1 and holds_sweep(Path(run[0])):
        path = Path(out) if out is not None else Path(run[0], REPORT)
        if not path.is_dir():
            put(f"report: {write_sweep_report(Path(run[0]), path, single_file=single_file)}\n")
            return
    folders = list({folder.resolve(): folder for one in run for folder in _runs(one)}.values())  # each once
    inside = folders[0] if len(folders) == 1 else Path(*run if len(run) == 1 else ())
    path = Path(expanded(out)) if out is not None else inside / REPORT
    if path.is_dir():
        raise UsageError(f"'{path}' is a folder; write a file, such as --out={path / REPORT}")
    put(f"report: {write_reports([RunDirectory(folder) for folder in folders], path, single_file=single_file)}\n")


def _runs(given: str) -> list[Path]:
    """The folder of a run, or those of a series. Raises UsageError for what is neither."""
    from lighter.results.reading.folders import run_folders
    from lighter.runs.folder import CONFIG, no_run
    from lighter.runs.series.summary import holds_series

    path = Path(given)
    if path.name == CONFIG and path.is_file():
        path = path.parent
    found = list(run_folders(path)) if path.is_dir() else []
    if found and (found == [path] or holds_series(path)):
        return found
    raise UsageError(no_run(path))
