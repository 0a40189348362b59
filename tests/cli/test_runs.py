import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Lighter = Callable[..., CompletedProcess[str]]

TRAINING = {"torch", "numpy", "pytorch_lightning", "monai"}


@pytest.fixture
def some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three runs of two configs, as runs leave them."""
    monkeypatch.chdir(tmp_path)
    for name, loss, state in (
        ("a/2026-01-01", 0.3, "finished"),
        ("a/2026-01-02", 0.1, "failed"),
        ("b/2026-01-03", 2, ""),
    ):
        folder = tmp_path / "runs" / f"{name}_12-00-00"
        folder.mkdir(parents=True)
        (folder / "config.yaml").write_text("seed: 1\n")
        (folder / "metrics.csv").write_text(f"epoch,step,val/loss/epoch,val/metrics/f1/epoch\n0,1,{loss},{loss / 10}\n")
        day = name[2:]
        status = {"stage": "fit", "state": state, "started": f"{day}T12:00:00+00:00", "ended": f"{day}T12:01:00+00:00"}
        (folder / "status.json").write_text(
            json.dumps({**status, "error": None, "host": "h", "pid": 1}) if state else "{"
        )
    return tmp_path


def test_runs_are_listed_the_newest_first(lighter: Lighter, some: Path) -> None:
    done = lighter("runs")
    assert (done.returncode, done.stderr) == (0, "")
    titles, *lines = (line.split() for line in done.stdout.splitlines())
    assert titles == ["config", "status", "start", "duration", "best", "val/loss/epoch", "folder"]
    assert [(line[0], line[1], line[-2]) for line in lines] == [
        ("b", "unknown", "2"),
        ("a", "failed", "0.1"),
        ("a", "finished", "0.3"),
    ]


def test_they_are_chosen_sorted_and_told_for_programs(lighter: Lighter, some: Path) -> None:
    words = ["--metric=f1", "--sort=metric", "--where=loss<1 and config=a", "--format=json"]
    told = json.loads(lighter("runs", "runs", *words).stdout)
    assert [(one["metric"], one["value"]) for one in told] == [
        ("val/metrics/f1/epoch", 0.03),
        ("val/metrics/f1/epoch", 0.01),
    ]
    reversed_ = json.loads(lighter("runs", "runs", *words, "--reverse").stdout)
    assert reversed_ == told[::-1]
    row = lighter("runs", "runs/b", "--format=csv").stdout.splitlines()[1]
    assert row.startswith("b,unknown,,,status.json cannot be read: it is no JSON")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["rns"], "there is no folder 'rns': '.' has no 'rns'; did you mean 'runs'?"),
        (["--metric=los"], "no run has logged a value 'los'; did you mean 'loss'?"),
        (["--sort=strt"], "--sort: there is no order 'strt'; did you mean 'start'?"),
        (["--where=failed"], "--where: 'failed' is no condition"),
        (["--format=jsn"], "--format: there is no format 'jsn'; did you mean 'json'?"),
    ],
)
def test_mistakes_are_told(lighter: Lighter, some: Path, words: list[str], told: str) -> None:
    done = lighter("runs", *words)
    assert done.returncode == 2
    assert told in done.stderr


def test_nothing_to_list_is_said(lighter: Lighter, some: Path) -> None:
    assert lighter("runs", "--where=loss>9").stdout == "none of 3 runs in 'runs' meets --where=\"loss>9\"\n"
    (some / "empty").mkdir()
    assert lighter("runs", "empty", "--metric=loss").stdout == "there is no run in 'empty'\n"
    assert lighter("runs", "empty", "--format=json").stdout == "[]\n"


def test_before_any_run_there_is_nothing_to_list(lighter: Lighter, some: Path) -> None:
    shutil.rmtree(some / "runs")
    done = lighter("runs")
    assert (done.returncode, done.stdout) == (0, "there is no run yet: 'lighter fit' makes one\n")
    assert lighter("runs", "--format=json").stdout == "[]\n"
    assert lighter("runs", "others").returncode == 2


def test_a_terminal_gets_a_table(some: Path) -> None:
    above, below = pty.openpty()
    environment = {**os.environ, "COLUMNS": "140", "TERM": "xterm"}
    command = [sys.executable, "-m", "lighter", "runs"]
    with subprocess.Popen(command, stdout=below, env=environment) as process:
        os.close(below)
        shown = b""
        try:
            while part := os.read(above, 10_000):
                shown += part
        except OSError:  # how Linux tells the end of a terminal
            pass
    os.close(above)
    assert process.returncode == 0
    assert "\x1b[1mconfig" in shown.decode()
    assert "\x1b[31mfailed" in shown.decode()


def test_no_torch_is_loaded(loaded: Callable[..., tuple[int, set[str]]], some: Path) -> None:
    recorded = '{"monitored": {"name": "val/metrics/f1/epoch", "mode": "max"}}'
    next((some / "runs" / "b").iterdir()).joinpath("results.json").write_text(recorded)
    status, found = loaded("runs", "--where=loss<9", "--sort=metric")
    assert (status, found & TRAINING) == (0, set())
