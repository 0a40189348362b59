import json
from pathlib import Path

import pytest

from lighter.config import Config
from lighter.runs.best_values import kept_values
from lighter.runs.folder import RunDirectory
from lighter.runs.jobs.local import Local
from lighter.runs.series.begun import Begun
from lighter.runs.series.checking import checked
from lighter.runs.series.reading import read_series
from lighter.runs.series.running import Running, write_configs
from lighter.runs.series.summary import Row, Status, table
from lighter.runs.status import read_statuses

pytestmark = pytest.mark.timeout(900)
SERIES = """
stages: [fit, test]
experiments:
  fails: [config.yaml, {system::dataloaders::train::dataset::fails_at: 3}]
  learns: [config.yaml, {trainer::max_epochs: 1}]
"""
REPEATED = """
folds: 2
experiments:
  fast: [config.yaml, fold.yaml]
  slow: [config.yaml, fold.yaml, {system::optimizer::lr: 0.0001}]
  breaks: [config.yaml, fold.yaml, {system::dataloaders::train::dataset::fails_at: "$3 if @vars::fold else None"}]
"""
FOLD = """
vars: {fold: 0}
trainer: {max_epochs: 1}
system: {dataloaders: {train: {batch_size: "$4 + 2 * @vars::fold"}}}
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
    write_configs(configs, Path("out"), series.repetitions)
    return Begun(tuple(configs), series.stages, runs=tuple(one.name for one in series.repetitions))


def run(series: Begun, local: Local, said: list[str] | None = None) -> list[Row]:
    return Running(series, Path("out"), (said if said is not None else []).append).run(local, 2)


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


def test_experiments_that_are_repeated_come_to_their_means_and_are_compared(line: Path, local: Local) -> None:
    Path("fold.yaml").write_text(FOLD)
    rows = run(begun(REPEATED), local)
    assert [(row.name, row.status) for row in rows] == [
        ("fast", Status.OK),
        ("slow", Status.OK),
        ("breaks", Status.FAILED),
    ]
    each = [kept_values(RunDirectory(Path("out/fast") / fold))["val/loss/epoch"] for fold in ("fold_0", "fold_1")]
    assert each[0] != each[1]
    assert rows[0].metrics["val/loss/epoch"] == pytest.approx(sum(each) / 2)
    assert rows[0].deviations["val/loss/epoch"] == pytest.approx(abs(each[0] - each[1]) / 2**0.5)
    assert Config.load("out/slow/fold_1.yaml").get("vars") == {"fold": 1}
    assert rows[2].reason == "fold_1: KeyError: 'no such point'"
    told = json.loads(Path("out/summary.json").read_text())
    assert [one["runs"]["fold_1"]["status"] for one in told] == ["ok", "ok", "failed"]
    shown = table(rows, ["val/loss/epoch"], width=120)
    assert f"{sum(each) / 2:.4f} ± {abs(each[0] - each[1]) / 2**0.5:.4f}" in shown
    assert "breaks/fold_1 failed: KeyError: 'no such point' (out/breaks/fold_1/log.txt)" in shown
    assert "val/loss: slow is worse by " in shown
    assert "val/loss: breaks lacks fold_1: no verdict" in shown
