"""The order of the runs that are listed: `--sort`."""

from collections.abc import Callable, Sequence
from typing import Any

from lighter.errors import UsageError, suggestion
from lighter.results.listing.listed_run import ListedRun
from lighter.results.reading.monitored import Monitored


def in_order(
    runs: Sequence[ListedRun], by: str, metric: Monitored | None = None, reverse: bool = False
) -> list[ListedRun]:
    """The newest, the longest or the best first, or by name; `reverse` turns it round, but what is unknown stays last.

    Without a metric the runs that go by one value are compared with each other, and follow by its name.
    Raises UsageError for another order.
    """
    if by not in SORTS:
        raise UsageError(f"--sort: there is no order '{by}'; {suggestion(by, SORTS)}")
    if by == "metric" and metric is None:
        return [
            run
            for name in sorted({run.monitored.name for run in runs})
            for run in _sorted([one for one in runs if one.monitored.name == name], by, None, reverse)
        ]
    return _sorted(runs, by, metric, reverse)


def _sorted(runs: Sequence[ListedRun], by: str, metric: Monitored | None, reverse: bool) -> list[ListedRun]:
    keys = [(SORTS[by](run, metric), run) for run in sorted(runs, key=lambda run: str(run.folder))]
    known = [(key, run) for key, run in keys if key is not None]
    # Sorting keeps the order of equals, also in reverse.
    known.sort(key=lambda pair: pair[0], reverse=reverse != (by in _GREATEST_FIRST))
    return [run for _, run in known] + [run for key, run in keys if key is None]


def _by_metric(run: ListedRun, metric: Monitored | None) -> float | None:
    value = run.value(metric)
    return value if value is None or (metric or run.monitored).less else -value


SORTS: dict[str, Callable[[ListedRun, Monitored | None], Any]] = {
    "start": lambda run, _: run.started,
    "metric": _by_metric,
    "duration": lambda run, _: run.outcome.seconds,
    "name": lambda run, _: (run.config, str(run.folder)),
}
_GREATEST_FIRST = ("start", "duration")
