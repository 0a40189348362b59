import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from lighter.runs.series.checking import checked
from lighter.runs.series.reading import read_series
from lighter.runs.series.running import run_series
from lighter.runs.series.summary import Status
from lighter.training.stages import Stage

SERIES = """
stages: [fit, test]
experiments:
  fails: [config.yaml, {system::dataloaders::train::dataset::fails_at: 3}]
  learns: [config.yaml, {trainer::max_epochs: 1}]
"""
KILLED = """
experiments:
  dies: [config.yaml, {system::model: "$__import__('os').abort()"}]
"""


def test_a_failed_experiment_does_not_stop_the_next(line: Path) -> None:
    said: list[str] = []
    Path("all.yaml").write_text(SERIES)
    series = read_series(Path("all.yaml"))
    configs = checked(series)
    Path("config.yaml").unlink()  # what was checked is what runs
    failed, learned = run_series(configs, series.stages, Path("out"), None, said.append)
    assert said == ["[1/2] fails: fit", "[2/2] learns: fit", "[2/2] learns: test"]
    assert (failed.status, failed.reason, failed.metrics) == (Status.FAILED, "KeyError: 'no such point'", {})
    assert (learned.status, learned.reason, learned.run) == (Status.OK, "", Path("out/learns"))
    assert {"val/loss/epoch", "test/metrics/error/epoch"} <= learned.metrics.keys()
    assert {path.name for path in learned.run.iterdir()} >= {"config.yaml", "log.txt", "results.json", "checkpoints"}
    assert (learned.run / "sources" / "config.yaml").exists()  # what was composed, not only the composition
    assert [row["status"] for row in json.loads(Path("out/summary.json").read_text())] == ["failed", "ok"]


def test_one_that_is_killed_is_told_with_its_signal(line: Path) -> None:
    Path("all.yaml").write_text(KILLED)
    (row,) = run_series(checked(read_series(Path("all.yaml"))), series_stages(), Path("out"), None, print)
    assert (row.status, row.reason) == (Status.FAILED, "ended by SIGABRT")


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
        printed, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert [row["status"] for row in json.loads(Path("out/summary.json").read_text())] == ["interrupted", "not run"]
    assert "interrupted" in printed.decode()
    assert "KeyboardInterrupt" in Path("out/long/log.txt").read_text()  # it was let finish what it had to say


def series_stages() -> Sequence[Stage]:
    return read_series(Path("all.yaml")).stages
