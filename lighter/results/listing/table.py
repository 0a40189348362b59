"""A list of runs, as a table for people, or as JSON or CSV for other programs."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from lighter.errors import shown_path, visible
from lighter.results.listing.listed_run import ListedRun
from lighter.results.reading.monitored import Monitored
from lighter.runs.console.values import clock

_FORMULA = ("=", "+", "-", "@", "\t")
_GAP = 2  # spaces between two columns
_COLOURS = {"failed": "red", "killed": "red", "interrupted": "yellow", "running": "cyan", "finished": "green"}


def as_json(runs: Sequence[ListedRun], metric: Monitored | None = None) -> str:
    """A list with an object for each run."""
    return json.dumps([fields(run, metric) for run in runs], indent=2) + "\n"


def as_csv(runs: Sequence[ListedRun], metric: Monitored | None = None) -> str:
    """The same in lines, under a line of names; a text that a spreadsheet would compute has an apostrophe before it."""
    text = io.StringIO()
    names = ["config", "status", "later", "lost", "unreadable", "start", "seconds", "metric", "value", "folder"]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _as_text(cell) for name, cell in fields(run, metric).items()} for run in runs)
    return text.getvalue()


def _as_text(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    shown = visible(cell)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


def plain_lines(runs: Sequence[ListedRun], metric: Monitored | None = None) -> str:
    """A line for each run under a line of titles, in columns of spaces."""
    titles, rows = _cells(runs, metric)
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    lines = []
    for row in (titles, *rows):
        cells = (
            cell.rjust(width) if title in _right(titles) else cell.ljust(width)
            for title, cell, width in zip(titles, row, widths, strict=True)
        )
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"


def rich_table(runs: Sequence[ListedRun], metric: Monitored | None = None, *, width: int) -> Any:
    """A table of Rich for a terminal of this width: a folder is in one line, to be copied, if there is room for it."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    titles, rows = _cells(runs, metric)
    heads = [title.replace(" ", "\n") for title in titles]
    status = titles.index("status")
    needed = [max(map(len, (*head.split("\n"), *column))) for head, *column in zip(heads, *rows, strict=True)]
    needed[status] = max(len(run.outcome.state) for run in runs)  # its note may take several lines
    is_wide = sum(needed) + _GAP * (len(needed) - 1) <= width
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    for at, (title, head) in enumerate(zip(titles, heads, strict=True)):
        side: Any = "right" if title in _right(titles) else "left"
        table.add_column(head, justify=side, overflow="fold", no_wrap=is_wide and at != status)
    for run, row in zip(runs, rows, strict=True):
        cells = [Text(cell) for cell in row]
        cells[status].stylize(_COLOURS.get(run.outcome.state, ""))
        table.add_row(*cells)
    return table


def fields(run: ListedRun, metric: Monitored | None) -> dict[str, Any]:
    """A run by names, for programs; `seconds` and `value` are numbers or None."""
    seconds = run.outcome.seconds
    return {
        "config": run.config,
        "status": run.outcome.state,
        "later": run.outcome.later,
        "lost": run.history.lost,
        "unreadable": "; ".join(run.unreadable),
        "start": run.started.isoformat(timespec="seconds") if run.started is not None else None,
        "seconds": round(seconds, 1) if seconds is not None else None,
        "metric": (metric or run.monitored).name,
        "value": run.value(metric),
        "folder": str(run.folder),
    }


def _cells(runs: Sequence[ListedRun], metric: Monitored | None) -> tuple[list[str], list[list[str]]]:
    """The titles and the rows; where all values are of one metric, it is the title of their column."""
    names = {(metric or run.monitored).name for run in runs}
    rows = [_row(run, metric, has_name=len(names) > 1) for run in runs]
    value = [visible(f"best {next(iter(names))}", kept="")] if len(names) == 1 else ["best", "of"]
    return ["config", "status", "start", "duration", *value, "folder"], rows


def _row(run: ListedRun, metric: Monitored | None, has_name: bool) -> list[str]:
    value, outcome = run.value(metric), run.outcome
    notes = ", ".join(filter(None, (outcome.later, run.history.lost, *run.unreadable)))
    cells = [
        run.config,
        f"{outcome.state} ({notes})" if notes else outcome.state,
        f"{run.started.astimezone():%Y-%m-%d %H:%M:%S}" if run.started is not None else "",
        clock(round(outcome.seconds)) if outcome.seconds is not None else "",
        f"{value:.5g}" if value is not None else "",
        *([(metric or run.monitored).name if value is not None else ""] if has_name else []),
        shown_path(run.folder),
    ]
    return [visible(cell, kept="") for cell in cells]


def _right(titles: Sequence[str]) -> Sequence[str]:
    return titles[3:5]  # the duration and the value
