"""The report as a file."""

from collections.abc import Sequence
from pathlib import Path

from lighter.results.report.page import page
from lighter.results.report.record import labels, read_record
from lighter.runs.folder import REPORT, RunDirectory
from lighter.runs.whole_files import write_whole


def write_report(run: RunDirectory) -> Path:
    """Writes the report of one run into its folder, whole, and tells where."""
    return write_reports([run], run.path / REPORT)


def write_reports(runs: Sequence[RunDirectory], path: Path) -> Path:
    """Writes one report of several runs, laid over each other and compared."""
    named = labels([run.path for run in runs])
    write_whole(path, page([read_record(run, label) for run, label in zip(runs, named, strict=True)]))
    return path
