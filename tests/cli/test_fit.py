import os
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Lighter = Callable[..., CompletedProcess[str]]


def test_fit_trains_and_shows_results(cold_lighter: Lighter, line: Path) -> None:
    done = cold_lighter("fit", "config.yaml", "trainer::max_epochs=1", "trainer::enable_progress_bar=true")
    assert done.returncode == 0, done.stderr
    assert "fit results" in done.stdout
    assert "error" in done.stdout
    assert "run folder: runs/" in done.stdout
    assert "best checkpoint: runs/" in done.stdout


def test_a_machine_with_slurm_trains_without_advice_to_use_it(
    lighter: Lighter, line: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    srun = line / "bin" / "srun"
    srun.parent.mkdir()
    srun.write_text("#!/bin/sh\nexit 0\n")
    srun.chmod(0o755)
    monkeypatch.setenv("PATH", f"{srun.parent}{os.pathsep}{os.environ['PATH']}")
    done = lighter("fit", "config.yaml", "trainer::max_epochs=1", "--run_dir=run")
    assert done.returncode == 0, done.stderr
    assert "srun" not in done.stdout + done.stderr + (line / "run" / "log.txt").read_text()


def test_sources_lie_over_each_other(lighter: Lighter, line: Path) -> None:
    (line / "short.json").write_text('{"trainer": {"max_epochs": 1}, "run": {"dir": "short"}}')
    done = lighter("fit", "config.yaml", "short.json", "system::optimizer::lr=1e-3")
    assert done.returncode == 0, done.stderr
    recorded = (line / "short" / "config.yaml").read_text()
    assert "max_epochs: 1" in recorded
    assert "lr: 1e-3" in recorded
