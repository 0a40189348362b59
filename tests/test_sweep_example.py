"""The example of a sweep keeps what its README promises."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / "projects" / "sweep" / "sweep.yaml"


def test_the_digits_are_searched_and_the_best_can_be_trained_again(
    tmp_path: Path, warm: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    few = ["trainer::max_epochs=1", "trainer::limit_train_batches=5", "--trials=2", "--run_dir=swept"]
    done = warm("-m", "lighter", "sweep", EXAMPLE, *few, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2/2 done, best " in done.stdout
    trials = json.loads((tmp_path / "swept" / "summary.json").read_text())
    assert all("test/metrics/accuracy/epoch" in trial["metrics"] for trial in trials)
    checked = warm("-m", "lighter", "check", tmp_path / "swept" / "best.yaml", folder=tmp_path)
    assert checked.returncode == 0, checked.stderr
