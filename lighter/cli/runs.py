"""`lighter runs`."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lighter.errors import UsageError, missing_part, suggestion

if TYPE_CHECKING:
    from lighter.results.listing.listed_run import ListedRun
    from lighter.results.reading.monitored import Monitored

USUAL, _TABLE = "runs", "table"
_FORMATS = (_TABLE, "json", "csv")


def runs(
    folder: str = USUAL,
    *,
    metric: str | None = None,
    where: str | None = None,
    sort: str = "start",
    reverse: bool = False,
    format: str = _TABLE,
) -> None:
    """List runs: config, status, start, duration, best value.

    Args:
        folder: where they are, at any depth; runs/ if it is left out.
        metric: the value to show, such as val/loss/epoch or accuracy; else what chooses each run's best checkpoint.
        where: only these, such as "val/loss/epoch<0.2, status=finished, config=dig*, duration>10m".
        sort: start (newest first), metric (best first), duration (longest first) or name.
        reverse: reverse the order.
        format: table, or json or csv for other programs.
    """
    from lighter.results.listing.conditions import chosen, read_conditions
    from lighter.results.listing.listed_run import read_runs
    from lighter.results.listing.order import in_order

    if format not in _FORMATS:
        raise UsageError(f"--format: there is no format '{format}'; {suggestion(format, _FORMATS)}")
    root = Path(folder)
    if not root.is_dir() and (root.exists() or folder != USUAL):  # the usual one is there from the first run on
        cure = missing_part(root, Path.is_dir, "'lighter fit' makes one")
        raise UsageError(f"there is no folder '{root}': {cure}")
    found = read_runs(root)
    asked = _asked(found)
    wanted = asked(metric) if metric is not None and found else None
    shown = chosen(found, read_conditions(where, asked)) if where is not None and found else found
    emptiness = f"none of {len(found)} runs in '{root}' meets --where=\"{where}\""
    if not found:
        emptiness = f"there is no run in '{root}'" if root.is_dir() else "there is no run yet: 'lighter fit' makes one"
    _print(in_order(shown, sort, wanted, reverse), wanted, format, emptiness)


def _asked(runs: "Sequence[ListedRun]") -> "Callable[[str], Monitored]":
    """How a metric that a person names is found among those of the runs, and which of its values is the best."""
    from lighter.results.reading.metric_names import metric_named
    from lighter.results.reading.monitored import Monitored
    from lighter.training.logged_name import less_is_better

    def find(written: str) -> "Monitored":
        name = metric_named(written, (name for run in runs for name in run.history.names))
        known = next((run.monitored for run in runs if run.monitored.name == name), None)
        return known or Monitored(name, less_is_better(name))

    return find


def _print(shown: "Sequence[ListedRun]", metric: "Monitored | None", format: str, emptiness: str) -> None:
    from lighter.cli.answer import is_asked
    from lighter.cli.printing import put
    from lighter.results.listing.table import as_csv, as_json, fields, plain_lines, rich_table

    if is_asked():
        put("", runs=[fields(run, metric) for run in shown])
    elif format != _TABLE:
        put((as_json if format == "json" else as_csv)(shown, metric))
    elif not shown:
        put(f"{emptiness}\n")
    elif not sys.stdout.isatty():
        put(plain_lines(shown, metric))
    else:
        from rich.console import Console

        console = Console()
        console.print(rich_table(shown, metric, width=console.width))
