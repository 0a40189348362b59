import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lighter.errors import RunError
from lighter.runs.folder import RunDirectory
from lighter.runs.jobs.local import Local
from lighter.runs.locking import locked
from lighter.runs.series.begun import Begun
from lighter.runs.series.checking import checked
from lighter.runs.series.reading import read_series
from lighter.runs.series.running import run_series, write_configs
from lighter.runs.series.summary import Row, Status
from lighter.runs.status import read_statuses

pytestmark = pytest.mark.timeout(900)
SERIES = """
stages: [fit, test]
experiments:
  fails: [config.yaml, {system::dataloaders::train::dataset::fails_at: 3}]
  learns: [config.yaml, {trainer::max_epochs: 1}]
"""
KILLED = """
experiments:
  dies: [config.yaml, {system::model: "$__import__('os').abort()"}]
  is_lost: [config.yaml, {system::model: "$__import__('os').kill(__import__('os').getpid(), 9)"}]
"""


def begun(text: str) -> Begun:
    Path("all.yaml").write_text(text)
    series = read_series(Path("all.yaml"))
    configs = checked(series)
    write_configs(configs, Path("out"))
    return Begun(tuple(configs), series.stages)


def run(series: Begun, local: Local, said: list[str] | None = None) -> list[Row]:
    return run_series(series, Path("out"), local, 2, (said if said is not None else []).append)


def test_a_failed_experiment_does_not_stop_the_next(line: Path, local: Local) -> None:
    said: list[str] = []
    series = begun(SERIES)
    Path("config.yaml").unlink()  # what was checked is what runs
    failed, learned = run(series, local, said)
    assert sorted(said) == [
        "[1/2] fails: failed",
        "[1/2] fails: fit, test",
        "[2/2] learns: fit, test",
        "[2/2] learns: ok",
    ]
    assert (failed.status, failed.reason, failed.metrics) == (Status.FAILED, "KeyError: 'no such point'", {})
    assert (learned.status, learned.reason, learned.run) == (Status.OK, "", Path("out/learns"))
    assert {"val/loss/epoch", "test/metrics/error/epoch"} <= learned.metrics.keys()
    assert {path.name for path in learned.run.iterdir()} >= {"config.yaml", "log.txt", "results.json", "checkpoints"}
    assert (learned.run / "sources" / "config.yaml").exists()  # what was composed, not only the composition
    assert [row["status"] for row in json.loads(Path("out/summary.json").read_text())] == ["failed", "ok"]


def test_one_that_is_killed_is_told_with_its_signal(line: Path, local: Local) -> None:
    rows = run(begun(KILLED), local)
    told = [(row.status, row.reason) for row in rows]
    assert told == [(Status.FAILED, "ended by SIGABRT"), (Status.FAILED, "ended by SIGKILL")]


def test_what_is_left_of_a_series_is_run(line: Path, local: Local) -> None:
    series = begun("experiments: {one: config.yaml, two: config.yaml}")
    run(series, local)
    (first, second) = (Path("out") / name for name in series.names)
    told = json.loads((second / "status.json").read_text())
    (second / "status.json").write_text(json.dumps({**told, "state": "interrupted"}))
    rows = run(series, local)
    assert [row.status for row in rows] == [Status.OK, Status.OK]
    assert all(row.seconds > 0 for row in rows)  # also that which it took before
    assert [len(read_statuses(RunDirectory(one))) for one in (first, second)] == [1, 2]


def test_a_series_is_run_by_one_alone(line: Path, local: Local) -> None:
    series = begun("experiments: {one: config.yaml}")
    with locked(Path("out"), alone=True), pytest.raises(RunError, match="another process runs the series in 'out'"):
        run(series, local)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are not those of POSIX")
def test_ctrl_c_ends_the_series_and_leaves_its_summary(line: Path) -> None:
    Path("all.yaml").write_text(
        "experiments: {long: [config.yaml, {trainer::max_epochs: 1000000}], never: config.yaml}"
    )
    words = [sys.executable, "-m", "lighter", "run", "all.yaml", "--run_dir=out"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        while not Path("out/long/checkpoints/last.ckpt").exists() and process.poll() is None:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        printed, _ = process.communicate(timeout=400)
    assert process.returncode == 130
    assert [row["status"] for row in json.loads(Path("out/summary.json").read_text())] == ["interrupted", "not run"]
    assert "[1/2] long: fit" in printed.decode()
    assert "go on with: lighter run --resume out" in printed.decode()
    assert "Terminated" in Path("out/long/log.txt").read_text()  # it was let finish what it had to say
