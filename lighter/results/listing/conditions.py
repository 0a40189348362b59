"""What `--where` asks of a run: `val/loss/epoch<0.2, status=failed`."""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from lighter.errors import UsageError, nearest, suggestion
from lighter.results.listing.listed_run import ListedRun
from lighter.results.reading.monitored import Monitored
from lighter.results.reading.outcome import STATES

_TEXTS: dict[str, Callable[[ListedRun], str]] = {
    "status": lambda run: run.outcome.state,
    "config": lambda run: run.config,
    "folder": lambda run: str(run.folder),
    "start": lambda run: f"{run.started.astimezone():%Y-%m-%d %H:%M:%S}" if run.started else "",
}
_DURATION = "duration"
_FIELDS = (*_TEXTS, _DURATION)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "==": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_CONDITION = re.compile(rf"\s*(.*?)\s*({'|'.join(_COMPARISONS)})\s*(.*?)\s*", re.DOTALL)
_EQUAL = ("=", "==", "!=")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_EXAMPLES = "'val/loss/epoch<0.2', 'status=failed', 'config=dig*' or 'duration>10m'"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a field or a metric with a text or a number."""

    left: str
    sign: str
    right: str
    metric: Monitored | None = None

    def holds(self, run: ListedRun) -> bool:
        """Whether a run meets it; one that lacks the value does not."""
        if self.left in _TEXTS:
            return self._holds_for_text(_TEXTS[self.left](run))
        value = run.outcome.seconds if self.left == _DURATION else run.value(self.metric)
        return value is not None and _COMPARISONS[self.sign](value, _number(self))

    def _holds_for_text(self, text: str) -> bool:
        if self.sign in _EQUAL:
            return fnmatchcase(text, self.right if self.left != "start" else f"{self.right}*") == (self.sign != "!=")
        return bool(text) and _COMPARISONS[self.sign](text[: len(self.right)], self.right)


def read_conditions(written: str, metric_named: Callable[[str], Monitored]) -> list[Condition]:
    """The conditions of a text, with commas or `and` between, all of which a run must meet. Raises UsageError."""
    parts = re.split(r",|\band\b", written)
    return [_read(part, metric_named) for part in parts if part.strip()]


def _read(written: str, metric_named: Callable[[str], Monitored]) -> Condition:
    found = _CONDITION.fullmatch(written)
    if found is None or not found[1] or not found[3]:
        raise UsageError(f"--where: '{written.strip()}' is no condition; write {_EXAMPLES}")
    left, sign, right = found[1], found[2], found[3].strip("'\"")
    condition = Condition(left, sign, right, None if left in _FIELDS else _metric(left, metric_named))
    if left in _TEXTS:
        _check_text(condition)
    else:
        _number(condition)
    return condition


def _metric(written: str, metric_named: Callable[[str], Monitored]) -> Monitored:
    try:
        return metric_named(written)
    except UsageError as error:
        if (near := nearest(written, _FIELDS)) is None:
            raise
        raise UsageError(f"--where: there is no '{written}'; did you mean '{near}'?") from error


def _check_text(condition: Condition) -> None:
    if condition.sign not in _EQUAL and condition.left != "start":
        raise UsageError(f"--where: '{condition.left}' is a text, and takes = or !=, not {condition.sign}")
    if condition.left == "status" and not any(fnmatchcase(state, condition.right) for state in STATES):
        raise UsageError(f"--where: there is no status '{condition.right}'; {suggestion(condition.right, STATES)}")


def _number(condition: Condition) -> float:
    written, factor = condition.right, 1
    if condition.left == _DURATION and written[-1:] in _SECONDS:
        written, factor = written[:-1], _SECONDS[written[-1]]
    try:
        return float(written) * factor
    except ValueError as error:
        unit = ", with s, m, h or d for its unit" if condition.left == _DURATION else ""
        raise UsageError(f"--where: '{condition.left}' takes a number{unit}, not '{condition.right}'") from error


def chosen(runs: Sequence[ListedRun], conditions: Sequence[Condition]) -> list[ListedRun]:
    """The runs that meet all of them."""
    return [run for run in runs if all(condition.holds(run) for condition in conditions)]
