"""`lighter report`."""

from collections.abc import Sequence
from pathlib import Path

from lighter.errors import UsageError, suggestion


def report(*run: str, out: str | None = None) -> None:
    """Write one HTML file to look at a run, or to compare several.

    Args:
        run: the folder of a run, or of a series; several are compared, and what differs is listed.
        out: the file to write; report.html in the folder of a single run, else here.
    """
    from lighter.cli.printing import put
    from lighter.results.report.writing import REPORT, write_reports
    from lighter.runs.folder import RunDirectory

    folders = _folders(run)
    path = Path(out) if out is not None else Path(folders[0], REPORT) if len(folders) == 1 else Path(REPORT)
    if path.is_dir():
        raise UsageError(f"'{path}' is a folder; write a file, such as --out={path / REPORT}")
    put(f"report: {write_reports([RunDirectory(folder) for folder in folders], path)}\n")


def _folders(given: Sequence[str]) -> list[Path]:
    """The folders of runs, each once. Raises UsageError for what is none."""
    return list({folder.resolve(): folder for one in given for folder in _runs(one)}.values())


def _runs(given: str) -> list[Path]:
    """The folder of a run, or those of a series."""
    from lighter.results.reading.folders import run_folders
    from lighter.runs.folder import CONFIG
    from lighter.runs.series.summary import holds_series

    path = Path(given)
    if path.name == CONFIG and path.is_file():
        path = path.parent
    if path.is_dir():
        found = list(run_folders(path))
        if found and (found == [path] or holds_series(path)):
            return found
        help = f"did you mean '{found[-1]}'?" if found else "'lighter fit' makes one"
        raise UsageError(f"'{given}' is not the folder of a run; {help}")
    beside = [str(each) for each in path.parent.iterdir() if each.is_dir()] if path.parent.is_dir() else []
    told = suggestion(given, beside, f"'{path.parent}' holds") or "give the folder of a run, such as runs/config/..."
    raise UsageError(f"there is no run '{given}'; {told}")
