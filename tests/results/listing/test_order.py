from collections.abc import Callable
from pathlib import Path

import pytest

from lighter.errors import UsageError
from lighter.results.listing.listed_run import ListedRun, read_runs
from lighter.results.listing.order import in_order
from lighter.results.reading.monitored import Monitored

F1 = {"monitored": {"name": "val/f1", "mode": "max"}}


@pytest.fixture
def runs(run: Callable[..., Path]) -> list[ListedRun]:
    run("runs/b/2026-01-01_12-00-00", metrics={"val/loss/epoch": [0.3], "val/f1": [0.5]}, minutes=9)
    run("runs/a/2026-01-02_12-00-00", metrics={"val/loss/epoch": [0.1], "val/f1": [0.1]}, minutes=2)
    run("runs/c/2026-01-03_12-00-00", minutes=5)
    run("runs/d/2026-01-04_12-00-00", results=F1, metrics={"val/f1": [0.2]}, minutes=7)
    run("runs/e/2026-01-05_12-00-00", results=F1, metrics={"val/f1": [0.4]}, minutes=1)
    return read_runs(Path("runs"))


@pytest.mark.parametrize(
    ("by", "reverse", "metric", "order"),
    [
        ("start", False, None, "edcab"),
        ("start", True, None, "bacde"),
        ("name", False, None, "abcde"),
        ("name", True, None, "edcba"),
        ("duration", False, None, "bdcae"),
        ("duration", True, None, "eacdb"),
        ("metric", False, None, "edabc"),  # by val/f1, then by val/loss/epoch; what has no value is last
        ("metric", True, None, "debac"),
        ("metric", False, Monitored("val/f1", less=False), "bedac"),
        ("metric", True, Monitored("val/f1", less=False), "adebc"),
        ("metric", False, Monitored("val/f1", less=True), "adebc"),
    ],
)
def test_orders(runs: list[ListedRun], by: str, reverse: bool, metric: Monitored | None, order: str) -> None:
    assert "".join(one.config for one in in_order(runs, by, metric, reverse)) == order


def test_another_order_is_told_with_the_nearest(runs: list[ListedRun]) -> None:
    with pytest.raises(UsageError, match="there is no order 'metrc'; did you mean 'metric'"):
        in_order(runs, "metrc")
