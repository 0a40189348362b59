import json
import os
import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from lighter.results.reading.metrics_file import History
from lighter.results.reading.outcome import Outcome, outcome


def test_the_status_tells(run: Callable[..., Path]) -> None:
    found = outcome(History(run(state="failed", minutes=2)))
    assert (found.state, found.seconds, found.later) == ("failed", 120, "")
    assert found.started == datetime.fromisoformat("2026-01-31T12:00:00+00:00")


def test_a_run_that_was_resumed_has_taken_both_times(run: Callable[..., Path]) -> None:
    folder = run(minutes=2)
    status = json.loads((folder / "status.json").read_text())
    test = {**status, "stage": "test", "state": "failed"}
    (folder / "status.json").write_text(json.dumps({**test, "earlier": [{**status, "state": "failed"}, status]}))
    found = outcome(History(folder))
    assert (found.state, found.seconds, found.later) == ("finished", 240, "test failed")


def test_a_run_without_training_is_told_by_its_last_stage(run: Callable[..., Path]) -> None:
    found = outcome(History(run(state="failed", stage="test")))
    assert (found.state, found.later) == ("failed", "")


def test_one_that_nobody_goes_on_with_was_killed(run: Callable[..., Path]) -> None:
    folder = run(state="running", ended=None, host=socket.gethostname(), pid=2**22 + 1)
    assert outcome(History(folder)).state == "killed"


LOG = "2026-01-31 12:00:00,000 ERROR lighter: Traceback (most recent call last):\n  File 'x'\n"


@pytest.mark.parametrize(
    ("log", "state"),
    [
        (f"{LOG}KeyError: 1\nwhile building 'x'\n", "failed"),
        (f"{LOG}KeyboardInterrupt\n", "interrupted"),
        ("2026-01-31 INFO: all is well\n", "unknown"),
        ("", "unknown"),
    ],
)
def test_of_a_run_without_status_the_log_tells(run: Callable[..., Path], log: str, state: str) -> None:
    folder = run(state=None)
    (folder / "log.txt").write_text(log)
    assert outcome(History(folder)).state == state


def test_or_its_results(run: Callable[..., Path]) -> None:
    folder = run(state=None, results={"fit": {}}, metrics={"epoch": [1]})
    for name, seconds in (("config.yaml", 100), ("metrics.csv", 160), ("results.json", 500)):
        os.utime(folder / name, (seconds, seconds))
    found = outcome(History(folder))
    assert (found.state, found.seconds) == ("finished", 60)
    assert found.started == datetime(2026, 1, 31, 12).astimezone()


def test_the_time_of_its_config_serves_where_the_folder_has_another_name(run: Callable[..., Path]) -> None:
    folder = run("mine", state=None)
    os.utime(folder / "config.yaml", (100, 100))
    assert outcome(History(folder)) == Outcome("unknown", datetime.fromtimestamp(100).astimezone(), None)


def test_a_name_that_only_looks_like_a_time_is_none(run: Callable[..., Path]) -> None:
    assert outcome(History(run("2026-99-99_12-00-00", state=None))).started is not None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"state": "dancing"}', '{"earlier": 3}'])
def test_a_broken_status_ends_nothing(run: Callable[..., Path], text: str) -> None:
    folder = run()
    (folder / "status.json").write_text(text)
    assert outcome(History(folder)).state == "unknown"


def test_neither_does_a_folder_that_is_gone(tmp_path: Path) -> None:
    assert outcome(History(tmp_path / "gone")) == Outcome()
