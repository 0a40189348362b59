from collections.abc import Callable
from pathlib import Path

import pytest

from lighter.errors import UsageError
from lighter.results.listing.conditions import Condition, chosen, read_conditions
from lighter.results.listing.listed_run import ListedRun, read_runs
from lighter.results.reading.metric_names import metric_named
from lighter.results.reading.monitored import Monitored


def named(written: str) -> Monitored:
    return Monitored(metric_named(written, ["val/loss/epoch"]))


@pytest.fixture
def runs(run: Callable[..., Path]) -> list[ListedRun]:
    run("runs/digits/2026-01-01_12-00-00", metrics={"val/loss/epoch": [0.3, 0.1]}, minutes=1)
    run("runs/digits/2026-02-01_12-00-00", metrics={"val/loss/epoch": [0.3, 0.2]}, minutes=30)
    run("runs/letters/2026-03-01_12-00-00", state="failed")
    return read_runs(Path("runs"))


@pytest.mark.parametrize(
    ("written", "months"),
    [
        ("val/loss/epoch<0.2", [1]),
        ("val/loss/epoch <= 0.2", [1, 2]),
        ("loss>0.15", [2]),
        ("loss=0.1", [1]),
        ("loss!=0.1", [2]),
        ("status=failed", [3]),
        ("status==failed", [3]),
        ("status!=failed", [1, 2]),
        ("status='fin*', loss<0.15", [1]),
        ("loss<0.5 and config=digits and start>=2026-02", [2]),
        ("config=let*", [3]),
        ("folder=*/digits/*", [1, 2]),
        ("start=2026-02-01", [2]),
        ("start<2026-02", [1]),
        ("start>2026-01", [2, 3]),
        ("duration>10m", [2]),
        ("duration<=60", [1, 3]),
        ("duration<0.5h", [1, 3]),
        ("", [1, 2, 3]),
    ],
)
def test_runs_are_chosen(runs: list[ListedRun], written: str, months: list[int]) -> None:
    found = chosen(runs, read_conditions(written, named))
    assert [one.started.month for one in found if one.started is not None] == months


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("failed", "'failed' is no condition; write 'val/loss/epoch<0.2', 'status=failed'"),
        ("loss<", "'loss<' is no condition"),
        ("loss<small", "'loss' takes a number, not 'small'"),
        ("duration>1y", "'duration' takes a number, with s, m, h or d for its unit, not '1y'"),
        ("status=faild", "there is no status 'faild'; did you mean 'failed'?"),
        ("status<failed", "'status' is a text, and takes = or !=, not <"),
        ("stats=failed", "there is no 'stats'; did you mean 'status'?"),
        ("accuracy>1", "no run has logged a value 'accuracy'"),
    ],
)
def test_what_is_no_condition_is_told(written: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_conditions(written, named)
    assert told in str(caught.value)


def test_a_run_without_a_start_meets_none_of_one(runs: list[ListedRun], tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "status.json").write_text("{}")
    (found,) = read_runs(tmp_path / "old")
    assert not Condition("start", "<", "2030").holds(found)
